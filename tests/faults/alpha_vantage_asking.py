"""A provider that asks the local vendor, at a moment that stands still but for its own waiting."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from pydantic import SecretStr
from tests.faults.alpha_vantage_server import AlphaVantageServer

from hindcast.domain.market_data import DateRange
from hindcast.infrastructure.alpha_vantage.client import Bounds
from hindcast.infrastructure.alpha_vantage.provider import AlphaVantageProvider
from hindcast.infrastructure.alpha_vantage.quotas import Limits
from hindcast.services.ports import Fetched

KEY = "Sesam0Offne/Dich+7"
MONDAY = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)  # before the opening in New York; the book ends on Friday
FREE = Limits()
PREMIUM = Limits(per_second=5, per_minute=75, per_day=None)


@dataclass
class Clock:
    """A clock that moves when somebody waits."""

    now: datetime = MONDAY
    waits: list[float] = field(default_factory=list)

    def __call__(self) -> datetime:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += timedelta(seconds=seconds)
        await asyncio.sleep(0)


@dataclass
class Asker:
    """Asks one vendor; each call is as good as a new process, for only the quota file is kept."""

    server: AlphaVantageServer
    folder: Path
    clock: Clock = field(default_factory=Clock)
    limits: Limits = FREE
    bounds: Bounds = field(default_factory=lambda: Bounds(deadline=5, connect=1, read=1))
    key: str = KEY

    @property
    def quota_file(self) -> Path:
        return self.folder / "market" / "quotas.json"

    def provider(self, clock: Callable[[], datetime] | None = None) -> AlphaVantageProvider:
        return AlphaVantageProvider(
            SecretStr(self.key),
            quota_file=self.quota_file,
            limits=self.limits,
            base_url=self.server.url,
            bounds=self.bounds,
            clock=clock or self.clock,
            sleep=self.clock.sleep,
        )

    def fetch(self, symbol: str = "IBM", interval: str = "1d", first: str = "2026-01-05", last: str = "2026-02-27"):
        return asyncio.run(self.provider().fetch(symbol, interval, days(first, last)))


def days(first: str, last: str) -> DateRange:
    """Days from ISO text."""
    return DateRange(first=date.fromisoformat(first), last=date.fromisoformat(last))


def stamps(fetched: Fetched) -> list[str]:
    """The stamps of the rows, as text."""
    return [
        f"{datetime.fromtimestamp(stamp // 1_000_000_000, UTC):%Y-%m-%d %H:%M}"
        for stamp in fetched.rows.timestamps.tolist()
    ]
