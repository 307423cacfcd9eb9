"""Finished runs, small enough to change one number of: what a verification compares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from tests.contracts.records import Tables, a_result

from hindcast.domain.backtest import BacktestResult
from hindcast.services.backtest.environment import environment

DAYS = np.array(["2020-01-01", "2020-01-02", "2020-01-03", "2020-01-06"], dtype="M8[ns]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run that has ended."""

    result: BacktestResult
    tables: Tables


def tables(*, equity: float = 101_000.25, quantity: float = 10.0, **more: Any) -> Tables:
    """Bars, two orders and the equity of four stamps; the last equity and the second quantity can be chosen."""
    found: Tables = {
        "equity": {
            "timestamp": DAYS,
            "equity": np.array([100_000.0, 100_500.5, 99_000.125, equity]),
            "cash": np.array([100_000.0, 1e-11, 0.0, np.nan]),
        },
        "orders": {
            "order_id": np.array([1, 2]),
            "symbol": np.array(["AAA", "AAA"], dtype=object),
            "side": np.array(["buy", "sell"], dtype=object),
            "quantity": np.array([10.0, quantity]),
            "status": np.array(["filled", "filled"], dtype=object),
            "created_at": DAYS[:2],
        },
        "bars": {"timestamp": DAYS[1:], "close": np.array([100.0, 101.0, 102.0])},
    }
    return found | more


def run(*, figures: dict[str, Any] | None = None, manifest: dict[str, Any] | None = None, **columns: Any) -> Run:
    """A run with these metrics, fields of the manifest, and table values; the environment is this process's."""
    result = a_result()
    dependencies = result.manifest.model_copy(update={"environment": dict(environment())} | (manifest or {}))
    performance = result.performance.model_copy(update=figures or {})
    result = result.model_copy(update={"manifest": dependencies, "performance": performance})
    return Run(result=result, tables=tables(**columns))


class Again:
    """Gives one run after the other, the last one for ever; counts how often it was asked."""

    def __init__(self, *runs: Run | Exception) -> None:
        self._runs = list(runs)
        self.asked = 0

    def __call__(self) -> Run:
        found = self._runs[min(self.asked, len(self._runs) - 1)]
        self.asked += 1
        if isinstance(found, Exception):
            raise found
        return found
