"""The event lane: a strategy called at every bar, its orders worked by the same kernel as signals."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np

from hindcast.domain.backtest_config import BacktestConfig
from hindcast.domain.errors import SimulationError, StorageError, StrategyError
from hindcast.engine.bars import Bars
from hindcast.engine.context import Context
from hindcast.engine.event_books import EventBooks
from hindcast.engine.history import PortfolioHistory
from hindcast.engine.history_views import BarsHistory, Clock, IndicatorHistory
from hindcast.engine.order_executors import OrderExecutor, checked_executors

OnBar = Callable[[Context], object]

_NO_INDICATORS: Final[Mapping[str, Any]] = {}


def play(
    on_bar: OnBar,
    bars: Bars,
    config: BacktestConfig,
    *,
    indicators: Mapping[str, Any] | None = None,
    warm_up: int = 0,
    executors: Iterable[OrderExecutor] = (),
) -> PortfolioHistory:
    """Call a function at each bar, and trade what it orders.

    Parameters
    ----------
    on_bar : callable
        Called with a `Context` after the close of each bar. What it orders is worked from the next bar on (with
        `fill_on="close"`: market orders at that close). It returns nothing, or an order's id.
    bars : Bars of shape (T, S)
    config : BacktestConfig
    indicators : mapping of names to (T, S) columns, optional
        Shown up to the bar at hand in `context.indicators`.
    warm_up : int
        The first so many bars pass without a call.
    executors : OrderExecutor instances, optional
        Order types for `context.submit`.

    Returns
    -------
    PortfolioHistory
        Its `commands` hold what was asked for, so that the run can be replayed.

    Raises
    ------
    StrategyError
        `on_bar` raised, or returned something else; the message names the bar and the line.
    SimulationError
        Prices or sizes are so large that the books exceed float64.

    Notes
    -----
    After ruin there are no more calls. The kernel is called only for bars on which something can happen; the books that
    `on_bar` reads are the recorded ones, to the bit.
    """
    clock = Clock(bars.timestamps)
    own = checked_executors(executors)
    books = EventBooks(bars, config, clock, own)
    context = Context(
        clock, BarsHistory(bars, clock), IndicatorHistory(indicators or _NO_INDICATORS, bars.symbols, clock), books
    )
    try:
        _call_at_each_bar(on_bar, context, books, clock, warm_up)
    except (SimulationError, StorageError):
        raise
    except StrategyError as error:
        raise type(error)(f"{clock.words()}: {error}") from error
    except (Exception, SystemExit) as error:  # the strategy fence: a user's code may raise anything
        raise StrategyError(f"{clock.words()}: {_told(error, on_bar)}") from error
    return books.finish()


def _call_at_each_bar(on_bar: OnBar, context: Context, books: EventBooks, clock: Clock, warm_up: int) -> None:
    for bar in range(warm_up, len(clock.timestamps)):
        clock.known = bar + 1
        if bar >= books.wake and not books.step():
            return
        if (answer := on_bar(context)) is not None:
            _check_answer(answer)


def _check_answer(answer: object) -> None:
    """Let pass what `context.buy` and its like give; signals, which nobody would act on, raise StrategyError."""
    if not isinstance(answer, int | np.integer):
        raise StrategyError(
            f"on_bar returned a {type(answer).__name__}; expected nothing: orders are made with context.buy, sell, "
            "close and target"
        )


def _told(error: BaseException, on_bar: OnBar) -> str:
    """What was raised, with the innermost line of the strategy's own file."""
    told = traceback.TracebackException.from_exception(error)
    said = " ".join(str(told).split())
    code = getattr(getattr(on_bar, "__func__", on_bar), "__code__", None)
    own = getattr(code, "co_filename", None)
    frame = next((frame for frame in reversed(told.stack) if frame.filename == own), told.stack[-1])
    name = type(error).__name__
    return f"{name}{': ' if said else ''}{said} ({Path(frame.filename).name}, line {frame.lineno})"
