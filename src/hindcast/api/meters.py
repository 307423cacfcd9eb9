"""What Prometheus can read: requests by route, and the queue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from prometheus_client import CollectorRegistry, Gauge, Histogram, generate_latest

MEDIA_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Meters:
    """The meters of one application, in a registry of its own. Labels take few values: templates, never paths."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Histogram(
            "hindcast_request_seconds",
            "Time from a request to the end of its answer",
            ("method", "route", "status"),
            registry=self._registry,
            buckets=_BUCKETS,
        )
        self._jobs = Gauge("hindcast_jobs", "Backtests that wait or run", ("status",), registry=self._registry)

    def observe(self, *, method: str, route: str | None, status: int, seconds: float) -> None:
        """Count a request."""
        known = method if method in METHODS else "other"
        self._requests.labels(known, route or "none", str(status)).observe(seconds)

    def exposition(self, jobs: Mapping[str, int]) -> bytes:
        """All meters as Prometheus reads them."""
        for status, count in jobs.items():
            self._jobs.labels(status).set(count)
        return generate_latest(self._registry)
