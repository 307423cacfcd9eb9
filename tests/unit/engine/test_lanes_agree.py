"""Two lanes, one truth: what signals do, and the same orders made by hand, agree bit for bit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from tests.oracle.commands import Command
from tests.oracle.inputs import Case, cases, hand_made

from hindcast.domain.backtest_config import BacktestConfig
from hindcast.domain.costs import Commission
from hindcast.engine import layout
from hindcast.engine.bars import Bars
from hindcast.engine.context import Context
from hindcast.engine.event_lane import play
from hindcast.engine.history import PortfolioHistory
from hindcast.engine.signals import SIGNAL_PRICES, Signals
from hindcast.engine.stamps import DAY_NS, to_datetime
from hindcast.engine.trade_engine import TradeEngine

CURVES = ("equity", "cash", "gross_exposure", "net_exposure")
RECORDS = ("fills", "orders", "trades", "open_lots", "ambiguous")
# What says how an order came to be: the signal behind it, and the word for its cancellation.
ORIGINS = ("signal", "adds", "reason")


def disagreements(one: PortfolioHistory, other: PortfolioHistory, leave_out: tuple[str, ...] = ()) -> list[str]:
    """The arrays that are not the same bytes."""
    differing = [name for name in CURVES if getattr(one, name).tobytes() != getattr(other, name).tobytes()]
    for name in RECORDS:
        mine, theirs = getattr(one, name), getattr(other, name)
        columns = [each for each in mine.dtype.names or () if each not in leave_out]
        if len(mine) != len(theirs):
            differing.append(f"{name}: {len(mine)} and {len(theirs)}")
        elif columns:
            differing += [f"{name}.{c}" for c in columns if mine[c].tobytes() != theirs[c].tobytes()]
        elif mine.tobytes() != theirs.tobytes():
            differing.append(name)
    return differing


def in_words(signals: Signals) -> Signals:
    """Signals without what can't be said by hand: strengths, and prices of orders that only close."""
    prices: dict[str, Any] = {}
    for name in SIGNAL_PRICES:
        column = getattr(signals, name)
        if column is not None:
            prices[name] = np.where(signals.side == layout.SIGNAL_BUY, column, np.nan)
    return Signals(side=signals.side, weight=signals.weight, **prices)


def mirror(signals: Signals, bars: Bars) -> Callable[[Context], None]:
    """The rules by which signals become orders, followed by hand."""
    at_work: dict[str, tuple[int, int]] = {}

    def on_bar(context: Context) -> None:
        for symbol in sorted(bars.symbols):
            column, t = bars.symbols.index(symbol), context.index
            signal = signals.side[t, column]
            weight = np.nan if signals.weight is None else signals.weight[t, column]
            if signal == layout.SIGNAL_HOLD or (signal == layout.SIGNAL_TARGET and np.isnan(weight)):
                continue
            order_id, earlier = at_work.get(symbol, (0, 0))
            if order_id and context.order(order_id).is_open:
                if signal == earlier != layout.SIGNAL_TARGET:
                    continue
                context.cancel(order_id)
            held = context.position(symbol).quantity
            if signal == layout.SIGNAL_TARGET:
                at_work[symbol] = context.target(symbol, weight), signal
            elif signal == layout.SIGNAL_BUY and held == 0:
                given = {name: getattr(signals, name) for name in SIGNAL_PRICES}
                prices: Any = {name: column_[t, column] for name, column_ in given.items() if column_ is not None}
                said = {name: price for name, price in prices.items() if not np.isnan(price)}
                at_work[symbol] = context.buy(symbol, **said), signal
            elif signal == layout.SIGNAL_SELL and held > 0:
                at_work[symbol] = context.close(symbol), signal

    return on_bar


def assert_lanes_agree(case: Case) -> None:
    targets_only = not np.isin(case.signals.side, (layout.SIGNAL_BUY, layout.SIGNAL_SELL)).any()
    changes = {"pyramiding": 0} | ({} if targets_only else {"allow_short": False})
    config = case.config.model_copy(update=changes)
    signals = in_words(case.signals)
    by_signals = TradeEngine().simulate(signals, case.bars, config, warm_up=case.warm_up)
    by_hand = play(mirror(signals, case.bars), case.bars, config, warm_up=case.warm_up)
    assert disagreements(by_signals, by_hand, leave_out=ORIGINS) == []


@settings(max_examples=300, deadline=None)
@given(cases())
def test_orders_by_hand_do_what_the_same_signals_do(case: Case) -> None:
    assert_lanes_agree(case)


@pytest.mark.slow
@settings(max_examples=2_000, deadline=None)
@given(cases(max_bars=40))
def test_orders_by_hand_do_what_the_same_signals_do_on_thousands_of_runs(case: Case) -> None:
    assert_lanes_agree(case)


def script(case: Case, reads: Callable[[Context], None]) -> PortfolioHistory:
    """The run of a script of calls that also reads the books, or does not."""

    def on_bar(context: Context) -> None:
        reads(context)
        for command in case.commands:
            if command.bar == context.index and command.call == "cancel":
                context.cancel(command.order_id)
            elif command.bar == context.index:
                getattr(context, command.call)(command.symbol, **command.arguments)

    return play(on_bar, case.bars, case.config)


def assert_reading_changes_nothing(case: Case) -> None:
    seen: list[tuple[float, float, float]] = []
    at_work: list[set[int]] = []
    calls = 0

    def looks(context: Context) -> None:
        net = sum(context.position(symbol).market_value for symbol in sorted(context.symbols))
        seen.append((context.equity, context.cash, net))
        at_work.append({order.order_id for order in context.orders})

    def counts(context: Context) -> None:
        nonlocal calls
        calls += 1

    unread, read = script(case, counts), script(case, looks)
    assert disagreements(unread, read) == []
    assert unread.commands.tobytes() == read.commands.tobytes()
    assert len(seen) == calls
    last_calls = (len(case.bars),) if unread.ruined_at < 0 else (unread.ruined_at, unread.ruined_at + 1)
    assert calls in last_calls
    if case.config.fill_on == "next_open":  # else the close of the decision bar is recorded after the decision
        assert [each[0] for each in seen] == unread.equity[:calls].tolist()
        assert [each[1] for each in seen] == unread.cash[:calls].tolist()
        assert [each[2] for each in seen] == unread.net_exposure[:calls].tolist()
        assert at_work == [working_at(unread, bar) for bar in range(calls)]


def working_at(history: PortfolioHistory, bar: int) -> set[int]:
    """The orders that work when a bar's call begins, as the finished log tells it (orders at the next open)."""
    log = history.orders
    asked_for = history.commands["order"][history.commands["kind"] == layout.COMMAND_ORDER]
    by_rule = ~np.isin(log["order_id"] - 1, asked_for)
    begun = (log["created"] < bar) | (log["created"] == bar) & by_rule
    by_hand = (log["reason"] == layout.REASON_USER) | (log["status"] == layout.STATUS_REJECTED) & (
        log["closed"] == log["created"]
    )
    over = (log["closed"] >= 0) & ((log["closed"] < bar) | (log["closed"] == bar) & ~by_hand)
    return set(log["order_id"][begun & ~over].tolist())


@settings(max_examples=300, deadline=None)
@given(hand_made())
def test_what_is_read_is_what_is_recorded_and_reading_changes_nothing(case: Case) -> None:
    assert_reading_changes_nothing(case)


@pytest.mark.parametrize("seed", range(120))
def test_what_is_read_in_quiet_stretches_is_what_is_recorded(seed: int) -> None:
    assert_reading_changes_nothing(sparse(seed))


@pytest.mark.slow
@pytest.mark.parametrize("first", range(1_000, 5_000, 500))
def test_what_is_read_in_quiet_stretches_is_what_is_recorded_on_thousands_of_runs(first: int) -> None:
    for seed in range(first, first + 500):
        assert_reading_changes_nothing(sparse(seed))


def sparse(seed: int) -> Case:
    """A long panel with few calls: most of its bars pass without a call of the kernel."""
    rng = np.random.default_rng(seed)
    shape = int(rng.integers(150, 400)), int(rng.integers(1, 4))
    split = np.where(rng.random(shape) < 0.005, rng.choice((2.0, 0.5, 0.1), shape), 1.0)
    close = 100 * np.cumprod(1 + rng.normal(0, 0.03, shape), axis=0) / np.cumprod(split, axis=0)
    open_ = close * (1 + rng.normal(0, 0.01, shape))
    prices: Any = {
        "open": open_,
        "high": np.maximum(open_, close) * 1.01,
        "low": np.minimum(open_, close) * 0.99,
        "close": close,
    }
    missing = rng.random(shape) < 0.1
    for array in prices.values():
        array[missing] = np.nan
    bars = Bars.from_numpy(
        np.datetime64("2020-01-01", "ns") + np.arange(shape[0]) * np.timedelta64(6, "h"),
        ["ZED", "ABE", "MID"][: shape[1]],
        **prices,
        volume=rng.choice((1e6, 400.0, 0.0), shape),
        split=split if rng.random() < 0.5 else None,
        dividend=np.where(rng.random(shape) < 0.01, 1.5, 0.0) if rng.random() < 0.5 else None,
    )
    leverage = float(rng.choice((1.0, 1.0, 3.0)))
    config = BacktestConfig(
        initial_capital=10_000.0,
        commission=Commission(per_order=float(rng.choice((0.0, 2.0))), rate=float(rng.choice((0.0, 0.001)))),
        allow_short=bool(rng.random() < 0.5),
        max_leverage=leverage,
        maintenance_margin=float(rng.choice((0.1, 0.3, 0.95))) / leverage if rng.random() < 0.5 else None,
        borrow_rate=float(rng.choice((0.0, 0.05))),
        margin_rate=float(rng.choice((0.0, 0.05))),
        max_participation=float(rng.choice((0.5, 1.0))) if rng.random() < 0.3 else None,
        fill_on="close" if rng.random() < 0.25 else "next_open",
    )
    calls = [_call(rng, bars, int(t)) for t in np.flatnonzero(rng.random(shape[0]) < 0.04)]
    return Case(bars=bars, signals=Signals.hold(shape), config=config, commands=tuple(calls))


def _call(rng: np.random.Generator, bars: Bars, t: int) -> Command:
    symbol = str(rng.choice(bars.symbols))
    last = 100.0 if np.isnan(price := bars.panel.close[t, bars.symbols.index(symbol)]) else float(price)
    words: dict[str, Any] = {"weight": float(rng.choice((0.2, 0.9, 2.5)))}
    match rng.integers(8):
        case 0:
            return Command(bar=t, call="close", symbol=symbol)
        case 1:
            return Command(bar=t, call="target", symbol=symbol, arguments={"weight": float(rng.choice((-1, 0, 1)))})
        case 2:
            words["limit"] = last * 0.93
        case 3:
            words |= {"limit": last * 0.9, "time_in_force": "DAY" if rng.random() < 0.5 else "GTC"}
        case 4:
            words |= {
                "stop": last * 1.2,
                "good_till": to_datetime(bars.timestamps[t] + int(rng.integers(1, 60)) * DAY_NS),
            }
        case 5:
            words |= {"stop_loss": last * 0.92, "take_profit": last * 1.1}
        case 6:
            words |= {"trailing_stop_pct": 0.07, "time_in_force": str(rng.choice(("IOC", "FOK")))}
        case _:
            return Command(bar=t, call="sell", symbol=symbol, arguments=words)
    return Command(bar=t, call="buy", symbol=symbol, arguments=words)
