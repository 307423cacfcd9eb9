"""The accounting proof: true books pass, however extreme; whatever is changed in them afterwards is found and named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.oracle.engine_side import run_engine
from tests.oracle.inputs import DAY, Case, cases, hand_made

from hindcast.domain.backtest_config import BacktestConfig
from hindcast.domain.costs import Commission, Slippage
from hindcast.domain.errors import SimulationError
from hindcast.engine import layout
from hindcast.engine.accounting import IDENTITIES, check_accounts
from hindcast.engine.accounting_report import AccountingReport
from hindcast.engine.bars import Bars
from hindcast.engine.context import Context
from hindcast.engine.event_lane import play
from hindcast.engine.history import PortfolioHistory
from hindcast.engine.signals import Signals
from hindcast.engine.trade_engine import TradeEngine

Change = Callable[[PortfolioHistory], PortfolioHistory]


def market(*, bars: int = 60, symbols: int = 3, seed: int = 5) -> Bars:
    """A panel with gaps, splits and dividends."""
    rng = np.random.default_rng(seed)
    close = 50 * np.exp(np.cumsum(rng.normal(0, 0.02, (bars, symbols)), axis=0))
    open_ = close * np.exp(rng.normal(0, 0.005, close.shape))
    high, low = np.maximum(open_, close) * 1.01, np.minimum(open_, close) * 0.99
    for price in (open_, high, low, close):
        price[30, 1] = np.nan
    split = np.ones(close.shape)
    split[20, 0], split[40, 1] = 2.0, 0.5
    dividend = np.where(rng.random(close.shape) < 0.05, 0.4, 0.0)
    volume = np.full(close.shape, 500.0)
    stamps = np.arange(1, bars + 1) * DAY
    names = [f"S{s:04}" for s in range(symbols)]
    return Bars.from_numpy(stamps, names, open_, high, low, close, volume, split, dividend)


def targets(bars: Bars, *, largest: float, seed: int = 6) -> Signals:
    """A target weight for every symbol on every third bar."""
    weight = np.random.default_rng(seed).uniform(-largest, largest, bars.shape)
    weight[np.arange(len(bars)) % 3 != 0] = np.nan
    return Signals.from_targets(weight)


def margin_case() -> Case:
    """Shorts and leverage, with every cost; orders that work for several bars, through splits."""
    bars = market()
    config = BacktestConfig(
        allow_short=True,
        max_leverage=2.0,
        borrow_rate=0.03,
        margin_rate=0.05,
        max_participation=0.5,
        commission=Commission(per_order=1.0, rate=0.001),
        slippage=Slippage(bps=5),
    )
    return Case(bars=bars, signals=targets(bars, largest=0.9), config=config)


def ruined_case() -> Case:
    """A short that a jump of the price ruins."""
    prices = np.array([[10.0], [10.0], [10.0], [50.0], [50.0]])
    bars = Bars.from_numpy(np.arange(1, 6) * DAY, ["S0000"], prices, prices, prices, prices)
    signals = Signals.from_targets(np.array([[-1.0], [np.nan], [np.nan], [np.nan], [np.nan]]))
    return Case(bars=bars, signals=signals, config=BacktestConfig(allow_short=True))


def audit(case: Case, history: PortfolioHistory) -> AccountingReport:
    return check_accounts(history, case.bars, case.config)


def with_rows(history: PortfolioHistory, name: str, array: np.ndarray) -> PortfolioHistory:
    values: dict[str, Any] = {name: array}
    return replace(history, **values)


def changed(name: str, index: int, value: Callable[[Any], Any], column: str = "") -> Change:
    """One number of one array of a history, made another."""

    def change(history: PortfolioHistory) -> PortfolioHistory:
        array = getattr(history, name).copy()
        where = array[column] if column else array
        where[index] = value(where[index])
        return with_rows(history, name, array)

    return change


def rows(name: str, choose: Callable[[np.ndarray], np.ndarray]) -> Change:
    """Rows of one array of a history, chosen anew."""
    return lambda history: with_rows(history, name, choose(getattr(history, name)))


def add(amount: float) -> Callable[[Any], Any]:
    return lambda value: value + amount


def times(factor: float) -> Callable[[Any], Any]:
    return lambda value: value * factor


def to(value: Any) -> Callable[[Any], Any]:
    return lambda _: value


BREACHES: dict[str, tuple[Change, str]] = {
    "equity": (changed("equity", 17, add(1e-3)), r"\(equity\): equity on bar 18 .*recorded \d+.*marks \d+"),
    "cash": (changed("cash", 17, add(1e-3)), r"\(equity\): equity on bar 18 "),
    "equity and cash": (
        lambda history: changed("cash", 17, add(0.1))(changed("equity", 17, add(0.1))(history)),
        r"\(cash\): cash on bar 18 ",
    ),
    "gross exposure": (changed("gross_exposure", 9, add(1e-3)), r"\(equity\): gross exposure on bar 10 "),
    "net exposure": (changed("net_exposure", 9, add(1e-3)), r"\(equity\): net exposure on bar 10 "),
    "equity that is NaN": (changed("equity", 17, to(np.nan)), r"\(equity\): equity on bar 18 "),
    "cash that is NaN": (changed("cash", 17, to(np.nan)), r"\(equity\): equity on bar 18 "),
    "a fill's quantity": (changed("fills", 5, times(1.00001), "quantity"), r"\(positions\): the position after a fill"),
    "a fill's position": (changed("fills", 5, times(1.00001), "position"), r"\(positions\): the position after a fill"),
    "a fill's average cost": (changed("fills", 5, times(1.00001), "average_cost"), r"\(positions\): the average cost"),
    "a fill's profit": (changed("fills", 40, add(0.01), "realised"), r"\(positions\): the profit realised by a fill"),
    "a fill's price within its bar": (changed("fills", 0, times(1.00001), "price"), r"\(positions\): the average cost"),
    "a fill's price outside its bar": (changed("fills", 5, times(1.2), "price"), r"\(prices\): a fill's price before"),
    "a fill's slippage": (changed("fills", 5, times(400.0), "slippage"), r"\(prices\): a fill's price before slippage"),
    "a negative slippage": (changed("fills", 5, to(-1.0), "slippage"), r"\(orders\): a fill on .*finite amounts"),
    "a fill's commission": (changed("fills", 5, add(0.1), "commission"), r"\(cash\): cash on bar "),
    "a fill of nothing": (changed("fills", 5, to(0.0), "quantity"), r"\(orders\): a fill on .*finite amounts"),
    "a quantity that is NaN": (changed("fills", 5, to(np.nan), "quantity"), r"number 6: "),
    "a price that is NaN": (changed("fills", 5, to(np.nan), "price"), r"\(prices\): a fill's price"),
    "a fill of another symbol": (changed("fills", 5, lambda s: (s + 1) % 3, "symbol"), r"number 6: "),
    "a fill of no symbol": (changed("fills", 5, to(3), "symbol"), r"\(orders\): a fill on .*symbol of the panel"),
    "a fill on another side": (changed("fills", 5, lambda side: -side, "side"), r"number 6: "),
    "a fill before its order": (changed("fills", 0, to(0), "bar"), r"\(orders\): a fill .*after its creation"),
    "a fill out of time": (changed("fills", 20, to(0), "bar"), r"\(prices\): a fill's price before slippage on bar 1 "),
    "a fill after the end": (changed("fills", -1, to(60), "bar"), r"\(orders\): a fill .*in time"),
    "a fill of an unknown order": (changed("fills", 5, to(10_000), "order_id"), r"\(orders\): a fill on "),
    "a fill of another order": (changed("fills", 5, to(1), "order_id"), r"\(orders\): a fill on .*of its order's"),
    "a settlement without ruin": (changed("fills", 5, to(0), "order_id"), r"\(prices\): a fill's price"),
    "a fill that is lost": (rows("fills", lambda fills: np.delete(fills, 5)), r"\(equity\): equity on bar 4 "),
    "a fill that came twice": (
        rows("fills", lambda fills: fills[[0, *range(len(fills))]]),
        r"the position after a fill",
    ),
    "a trade's profit": (changed("trades", 3, add(0.1), "pnl"), r"\(trades\): the profit of the trades on bar "),
    "a trade of no symbol": (changed("trades", 3, to(-1), "symbol"), r"\(trades\): a trade on bar "),
    "a trade after the end": (changed("trades", -1, to(60), "exit_bar"), r"\(trades\): a trade on bar 60"),
    "a trade that is lost": (rows("trades", lambda trades: trades[1:]), r"\(trades\): the profit of the trades"),
    "an open lot's profit": (
        changed("open_lots", 0, add(0.1), "pnl"),
        r"\(trades\): the profit of the trades on bar \d+ ",
    ),
    "an open lot that is lost": (rows("open_lots", lambda lots: lots[1:]), r"\(trades\): the profit of the trades"),
    "what an order has filled": (
        changed("orders", 5, times(0.999), "filled"),
        r"\(orders\): the quantity that an order",
    ),
    "more than an order asked for": (changed("orders", 5, times(0.001), "quantity"), r"at most what it asked for"),
    "an order's notional": (changed("orders", 5, times(1.001), "notional"), r"\(orders\): the notional of an order"),
    "an order's commission": (changed("orders", 5, add(0.1), "charged"), r"\(orders\): the commission of an order"),
    "an order without an end": (changed("orders", 5, to(-1), "closed"), r"\(orders\): an order on .*one state"),
    "an open order with an end": (changed("orders", 5, to(layout.STATUS_OPEN), "status"), r"\(orders\): an order on "),
    "an order of no state": (changed("orders", 5, to(9), "status"), r"\(orders\): an order on "),
    "a rejected order that filled": (
        changed("orders", 5, to(layout.STATUS_REJECTED), "status"),
        r"\(orders\): an order",
    ),
    "an order that ended before it began": (changed("orders", 5, to(-7), "closed"), r"\(orders\): an order on "),
    "an order that ended after the run": (changed("orders", 5, to(60), "closed"), r"\(orders\): an order on "),
    "an order's id": (changed("orders", 5, add(1), "order_id"), r"\(orders\): an order on .*number 6: expected"),
    "dividends in total": (
        lambda history: replace(history, total_dividends=history.total_dividends + 0.1),
        r"\(change\): dividends in total on bar 60 ",
    ),
    "financing in total": (
        lambda history: replace(history, total_financing=history.total_financing + 0.1),
        r"\(change\): financing in total on bar 60 ",
    ),
}


@pytest.mark.parametrize("name", BREACHES)
def test_a_breach_is_found_and_named(name: str) -> None:
    case = margin_case()
    history = run_engine(case)
    audit(case, history)
    change, said = BREACHES[name]
    with pytest.raises(SimulationError, match=said):
        audit(case, change(history))


def test_a_breach_names_date_symbol_and_number() -> None:
    case = margin_case()
    history = run_engine(case)
    fill = history.fills[5]
    said = rf"bar {fill['bar'] + 1} \(1970-01-\d\d\), {history.symbols[fill['symbol']]}, number 6: recorded "
    with pytest.raises(SimulationError, match=said):
        audit(case, changed("fills", 5, add(1.0), "position")(history))


def test_true_books_deviate_by_rounding_only() -> None:
    case = margin_case()
    history = run_engine(case)
    report = audit(case, history)
    assert len(history.trades) > 30
    assert np.any(np.bincount(history.fills["order_id"]) > 2)
    assert history.total_dividends != 0
    assert history.total_financing > 0
    assert tuple(name for name, _ in report.deviations) == IDENTITIES
    assert report.largest < 1e-13


@pytest.mark.parametrize(
    ("index", "value", "column"), [(-1, 60.0, "price"), (-1, 1.0, "commission"), (-1, 3, "reason"), (-1, 4, "bar")]
)
def test_a_settlement_at_ruin_has_its_mark_and_costs_nothing(index: int, value: float, column: str) -> None:
    case = ruined_case()
    history = run_engine(case)
    assert history.ruined_at == 3
    assert history.fills["order_id"][-1] == 0
    audit(case, history)
    with pytest.raises(SimulationError, match="a fill's price|equity on bar 4 "):
        audit(case, changed("fills", index, to(value), column)(history))


def test_the_curve_stays_where_it_is_after_ruin() -> None:
    case = ruined_case()
    history = run_engine(case)
    moved = changed("equity", 4, add(1.0))(changed("cash", 4, add(1.0))(history))
    with pytest.raises(SimulationError, match=r"cash on bar 5 "):
        audit(case, moved)


def test_no_buy_may_be_paid_with_money_that_is_not_there() -> None:
    bars = market()
    config = BacktestConfig(max_leverage=2.0)
    case = Case(bars=bars, signals=targets(bars, largest=1.0), config=config)
    history = run_engine(case)
    assert history.cash.min() < 0
    audit(case, history)
    strict = config.model_copy(update={"max_leverage": 1.0})
    with pytest.raises(SimulationError, match=r"\(buying power\): cash after a buy on bar .*at least 0\.0"):
        check_accounts(history, bars, strict)


def test_no_sale_may_open_a_short_that_is_not_allowed() -> None:
    case = margin_case()
    history = run_engine(case)
    strict = case.config.model_copy(update={"allow_short": False})
    with pytest.raises(SimulationError, match=r"\(buying power\): the position after a sale on bar "):
        check_accounts(history, case.bars, strict)


def test_no_fill_may_stand_on_a_bar_without_prices() -> None:
    case = margin_case()
    history = run_engine(case)
    bar, symbol = int(history.fills["bar"][0]), int(history.fills["symbol"][0])
    panel = {name: getattr(case.bars.panel, name).copy() for name in ("open", "high", "low", "close")}
    for price in panel.values():
        price[bar, symbol] = np.nan
    bars = Bars.from_numpy(case.bars.timestamps, case.bars.symbols, **panel, volume=case.bars.panel.volume)
    with pytest.raises(SimulationError, match=rf"\(prices\): a fill's price before slippage on bar {bar + 1} "):
        check_accounts(history, bars, case.config)


def test_another_capital_is_a_breach() -> None:
    case = margin_case()
    other = case.config.model_copy(update={"initial_capital": case.config.initial_capital + 1.0})
    with pytest.raises(SimulationError, match=r"\(cash\): cash on bar 1 "):
        check_accounts(run_engine(case), case.bars, other)


@pytest.mark.parametrize("rate", ["borrow_rate", "margin_rate"])
def test_financing_at_another_rate_is_a_breach(rate: str) -> None:
    case = margin_case()
    other = case.config.model_copy(update={rate: 0.02})
    with pytest.raises(SimulationError, match=r"\(cash\): cash on bar "):
        check_accounts(run_engine(case), case.bars, other)


@pytest.mark.parametrize("action", ["split", "dividend"])
def test_a_corporate_action_that_was_passed_over_is_a_breach(action: str) -> None:
    case = margin_case()
    panel = {field.name: getattr(case.bars.panel, field.name) for field in fields(case.bars.panel)}
    bars = Bars.from_numpy(case.bars.timestamps, case.bars.symbols, **panel | {action: None})
    with pytest.raises(SimulationError, match=r"books don't balance"):
        check_accounts(run_engine(case), bars, case.config)


@settings(max_examples=150)
@given(cases())
def test_the_books_of_any_run_by_signals_balance(case: Case) -> None:
    assert audit(case, run_engine(case)).largest <= 1e-9


@settings(max_examples=150)
@given(hand_made())
def test_the_books_of_any_run_by_hand_balance(case: Case) -> None:
    assert audit(case, run_engine(case)).largest <= 1e-9


@pytest.mark.slow
@settings(max_examples=4_000)
@given(st.one_of(cases(max_bars=30), hand_made(max_bars=30)))
def test_the_books_of_thousands_of_runs_balance(case: Case) -> None:
    audit(case, run_engine(case))


MONEY = (
    *(("equity", ""), ("cash", ""), ("gross_exposure", ""), ("net_exposure", "")),
    *(("fills", "commission"), ("fills", "realised"), ("trades", "pnl"), ("orders", "charged")),
)
QUANTITIES = (("fills", "quantity"), ("fills", "position"), ("fills", "average_cost"), ("orders", "filled"))


@settings(max_examples=150)
@given(cases(), st.sampled_from((*MONEY, *QUANTITIES)), st.integers(0, 10**6))
def test_no_number_of_the_books_can_be_another(case: Case, number: tuple[str, str], place: int) -> None:
    history = run_engine(case)
    name, column = number
    array = getattr(history, name)
    assume(len(array) > 0)
    index = place % len(array)
    size = history.initial_capital + float(np.sum(history.fills["quantity"] * history.fills["price"]))
    value = add(1e-6 * size) if number in MONEY else times(1.000001)
    assume(number in MONEY or array[column][index] != 0)
    with pytest.raises(SimulationError, match="books don't balance"):
        audit(case, changed(name, index, value, column)(history))


def still(prices: np.ndarray) -> Bars:
    """Bars that stay at their price, a day apart."""
    names = [f"S{s:04}" for s in range(prices.shape[1])]
    return Bars.from_numpy(np.arange(1, len(prices) + 1) * DAY, names, prices, prices, prices, prices)


@pytest.mark.parametrize("price", [1e-9, 1e-290, 1.0, 1e9, 1e280])
@pytest.mark.parametrize("capital", [1e-9, 1.0, 1e11])
def test_prices_and_sizes_of_any_magnitude_are_not_accused(price: float, capital: float) -> None:
    moves = np.random.default_rng(3).normal(0, 0.1, (80, 2))
    prices = price * np.exp(np.cumsum(moves, axis=0))
    weights = np.random.default_rng(4).uniform(-1, 1, prices.shape) / 2
    config = BacktestConfig(
        initial_capital=capital, allow_short=True, max_leverage=2.0, commission=Commission(rate=0.001)
    )
    case = Case(bars=still(prices), signals=Signals.from_targets(weights), config=config)
    assert audit(case, run_engine(case)).largest < 1e-9


def test_a_gain_of_many_magnitudes_is_not_accused() -> None:
    prices = np.geomspace(1e-9, 1e9, 40)[:, None]
    weights = np.full(prices.shape, np.nan)
    weights[::3] = np.where(np.arange(14) % 2, 0.0, 1.0)[:, None]
    config = BacktestConfig(commission=Commission(rate=0.01), slippage=Slippage(bps=30))
    case = Case(bars=still(prices), signals=Signals.from_targets(weights), config=config)
    history = run_engine(case)
    assert history.equity[-1] > 1e12
    assert audit(case, history).largest < 1e-9


def test_what_rounding_leaves_of_a_position_is_not_accused() -> None:
    prices = np.full((300, 1), 0.1)
    bars = still(prices)
    weights = np.where(np.arange(300)[:, None] % 7 == 6, 0.0, np.random.default_rng(1).uniform(0, 1, (300, 1)))
    case = Case(bars=bars, signals=Signals.from_targets(weights), config=BacktestConfig(initial_capital=1e11))
    history = run_engine(case)
    assert np.count_nonzero(history.fills["position"] == 0) > 30
    assert audit(case, history).largest < 1e-9


def test_a_run_without_a_trade_balances() -> None:
    bars = market()
    history = TradeEngine().simulate(Signals.hold(bars.shape), bars, BacktestConfig())
    assert check_accounts(history, bars, BacktestConfig()).largest == 0.0


@pytest.mark.parametrize("quantity", [-5.0, 0.0, np.nan, np.inf])
def test_an_order_that_can_not_be_is_not_accused(quantity: float) -> None:
    bars = market()

    def on_bar(context: Context) -> None:
        if context.index == 2:
            context.buy("S0000", quantity=quantity)
            context.buy("no such symbol", quantity=1)

    history = play(on_bar, bars, BacktestConfig())
    assert history.orders["status"].tolist() == [layout.STATUS_REJECTED] * 2
    assert check_accounts(history, bars, BacktestConfig()).largest == 0.0


def test_a_lot_too_small_to_be_a_trade_is_paid_for_by_the_trade_that_ends_the_position() -> None:
    def on_bar(context: Context) -> None:
        if context.index == 0:
            context.buy("AAA", quantity=0.5822125955123955)
        if context.index == 1:
            context.buy("AAA", quantity=1.2477812693546493e-14)
        if context.index == 2:
            context.close("AAA")

    closes = np.array([[85.0], [86.0], [62.0], [52.0], [52.0]])
    bars = Bars.from_numpy(np.arange(5).astype("M8[D]"), ["AAA"], closes, closes, closes, closes)
    history = play(on_bar, bars, BacktestConfig(initial_capital=100.0, commission=Commission(per_order=1.7)))
    (trade,) = history.trades
    assert len(history.fills) == 3
    assert trade["commission"] == pytest.approx(5.1)
    assert trade["pnl"] == pytest.approx(history.equity[-1] - 100.0, abs=1e-12)
    assert trade["return"] == pytest.approx(trade["pnl"] / (86.0 * trade["quantity"]))
