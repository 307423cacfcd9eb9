"""Small panels and calls for the tests of the event lane."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from hindcast.domain.backtest_config import BacktestConfig
from hindcast.engine.bars import Bars
from hindcast.engine.context import Context
from hindcast.engine.event_lane import play
from hindcast.engine.history import PortfolioHistory


def bars_of(closes: Sequence[float], symbols: Sequence[str] = ("AAA",), **more: Any) -> Bars:
    """Daily bars from 2020-01-01 on that stand still: all four prices are the close. Same for each symbol."""
    close = np.repeat(np.array(closes, dtype=float)[:, None], len(symbols), axis=1)
    days = np.arange("2020-01-01", len(closes), dtype="M8[D]")
    return Bars.from_numpy(days, list(symbols), close, close, close, close, np.full(close.shape, 1e6), **more)


def at_bars(calls: dict[int, Callable[[Context], object]]) -> Callable[[Context], None]:
    """An `on_bar` that makes each call at its bar, whatever it returns."""

    def on_bar(context: Context) -> None:
        if context.index in calls:
            calls[context.index](context)

    return on_bar


def played(bars: Bars, calls: dict[int, Callable[[Context], object]], **config: Any) -> PortfolioHistory:
    """The run of these calls."""
    return play(at_bars(calls), bars, BacktestConfig(initial_capital=1_000.0, **config))


def seen_at(bars: Bars, bar: int, look: Callable[[Context], Any], **more: Any) -> Any:
    """What a look at the context gives at a bar."""
    found: list[Any] = []
    play(at_bars({bar: lambda context: found.append(look(context))}), bars, BacktestConfig(), **more)
    return found[0]
