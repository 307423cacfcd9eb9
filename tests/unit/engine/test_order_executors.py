from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hindcast.domain.backtest_config import BacktestConfig
from hindcast.domain.errors import ConfigError, StrategyError
from hindcast.domain.orders import OrderSide
from hindcast.engine import layout
from hindcast.engine.bars import Bars
from hindcast.engine.context import Context
from hindcast.engine.event_lane import play
from hindcast.engine.history import PortfolioHistory
from hindcast.engine.order_executors import Bar, Execution, OrderExecutor, OrderLike, PortfolioLike, built_in_executors
from hindcast.engine.trade_engine import TradeEngine

PRICES = st.integers(80, 120).map(float)
DAYS = np.arange("2020-01-01", 4, dtype="M8[D]")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """An order as an executor reads it."""

    type: str
    side: OrderSide = OrderSide.BUY
    remaining: float = 5.0
    limit: float | None = None
    stop: float | None = None
    triggered: bool = False
    parameters: Mapping[str, object] = field(default_factory=dict)


class NoBooks:
    """A portfolio that nobody looks at."""

    cash = 0.0
    equity = 0.0

    def quantity(self, symbol: str) -> float:
        return 0.0


def bar_of(open_: float, high: float, low: float, close: float) -> Bar:
    return Bar(
        symbol="AAA",
        timestamp=datetime(2020, 1, 2, tzinfo=UTC),
        open=open_,
        high=high,
        low=low,
        close=close,
        volume=1e6,
    )


def answer(order: Asked, bar: Bar, engine: TradeEngine | None = None) -> float | None:
    found = (engine or TradeEngine()).execute_order(order, bar, NoBooks())
    assert found is None or found.quantity == order.remaining
    return None if found is None else found.price


BAR = bar_of(100.0, 110.0, 90.0, 105.0)


@pytest.mark.parametrize(
    ("order", "price"),
    [
        (Asked(type="market"), 100.0),
        (Asked(type="market", side=OrderSide.SELL), 100.0),
        (Asked(type="limit", limit=101.0), 100.0),
        (Asked(type="limit", limit=95.0), 95.0),
        (Asked(type="limit", limit=90.0), None),
        (Asked(type="limit", limit=110.0, side=OrderSide.SELL), None),
        (Asked(type="limit", limit=109.0, side=OrderSide.SELL), 109.0),
        (Asked(type="stop", stop=99.0), 100.0),
        (Asked(type="stop", stop=110.0), 110.0),
        (Asked(type="stop", stop=111.0), None),
        (Asked(type="stop", stop=111.0, triggered=True), 100.0),
        (Asked(type="stop", stop=90.0, side=OrderSide.SELL), 90.0),
        (Asked(type="trailing_stop", stop=92.0, side=OrderSide.SELL), 92.0),
        (Asked(type="stop_limit", stop=105.0, limit=106.0), 105.0),
        (Asked(type="stop_limit", stop=99.0, limit=100.0), 100.0),
        (Asked(type="stop_limit", stop=99.0, limit=95.0), 95.0),
        (Asked(type="stop_limit", stop=99.0, limit=90.0), None),
        (Asked(type="stop_limit", stop=111.0, limit=112.0), None),
        (Asked(type="stop_limit", stop=108.0, limit=104.0), None),
        (Asked(type="stop_limit", stop=108.0, limit=106.0), 106.0),
        (Asked(type="stop_limit", stop=108.0, limit=95.0, triggered=True), 95.0),
    ],
)
def test_the_built_in_executors_answer_by_the_rules(order: Asked, price: float | None) -> None:
    assert answer(order, BAR) == price


def test_a_touch_is_enough_where_the_executor_says_so() -> None:
    order = Asked(type="limit", limit=90.0)
    assert built_in_executors("touch")["limit"].execute(order, BAR, NoBooks()) == Execution(90.0, 5.0)


def test_a_stop_limit_reads_the_bar_by_its_policy() -> None:
    order = Asked(type="stop_limit", stop=108.0, limit=104.0)
    optimistic = built_in_executors(intrabar="optimistic")["stop_limit"]
    assert optimistic.execute(order, BAR, NoBooks()) == Execution(104.0, 5.0)


@st.composite
def bars_and_orders(draw: st.DrawFn) -> tuple[Bar, Asked, str, str]:
    low, open_, close, high = sorted(draw(st.lists(PRICES, min_size=4, max_size=4)))
    if draw(st.booleans()):
        open_, close = close, open_
    side = draw(st.sampled_from((OrderSide.BUY, OrderSide.SELL)))
    kind = draw(st.sampled_from(("market", "limit", "stop", "stop_limit")))
    order = Asked(
        type=kind,
        side=side,
        limit=draw(PRICES) if "limit" in kind else None,
        stop=draw(PRICES) if "stop" in kind else None,
    )
    policies = st.sampled_from(("pessimistic", "optimistic", "ohlc"))
    return bar_of(open_, high, low, close), order, draw(st.sampled_from(("through", "touch"))), draw(policies)


@settings(max_examples=400, deadline=None)
@given(bars_and_orders())
def test_the_built_in_executors_are_faces_of_the_kernel(case: tuple[Bar, Asked, Any, Any]) -> None:
    bar, order, limit_fill, intrabar = case
    before = 100.0
    if order.stop is not None:  # a stop may not be beyond the last close
        before = 80.0 if order.side is OrderSide.BUY else 120.0
    prices: Any = {name: [before, getattr(bar, name)] for name in ("open", "high", "low", "close")}
    bars = Bars.from_numpy(DAYS[:2], ["AAA"], volume=[1e6, 1e6], **prices)
    config = BacktestConfig(initial_capital=1e6, allow_short=True, limit_fill=limit_fill, intrabar=intrabar)

    def on_bar(context: Context) -> None:
        if context.index == 0:
            trade = context.buy if order.side is OrderSide.BUY else context.sell
            trade("AAA", order.remaining, limit=order.limit, stop=order.stop)

    fills = play(on_bar, bars, config).fills
    found = built_in_executors(limit_fill, intrabar)[order.type].execute(order, bar, NoBooks())
    assert [Execution(float(f["price"]), float(f["quantity"])) for f in fills] == ([] if found is None else [found])


class Midpoint(OrderExecutor):
    """Fills at the middle of the bar."""

    order_type = "midpoint"

    def execute(self, order: OrderLike, bar: Bar, portfolio: PortfolioLike) -> Execution | None:
        return Execution((bar.high + bar.low) / 2, order.remaining)


@dataclass(frozen=True)
class Noting(OrderExecutor):
    """Writes down what it is shown, and fills a given quantity."""

    order_type: ClassVar[str] = "noting"
    seen: list[Any] = field(default_factory=list)

    def execute(self, order: OrderLike, bar: Bar, portfolio: PortfolioLike) -> Execution | None:
        self.seen.append((order, bar, portfolio.cash, portfolio.equity, portfolio.quantity("AAA")))
        wanted = order.parameters.get("fill", 0.0)
        assert isinstance(wanted, float)
        return Execution(bar.low, wanted) if wanted else None


CLOSES = np.array([[10.0], [12.0], [14.0], [16.0]])
WIDE = Bars.from_numpy(DAYS, ["AAA"], CLOSES, CLOSES + 2, CLOSES - 1, CLOSES, np.full((4, 1), 1e6))


def submitted(executor: OrderExecutor, *arguments: Any, bars: Bars = WIDE, **words: Any) -> PortfolioHistory:
    def on_bar(context: Context) -> None:
        if context.index == 0:
            context.submit(executor.order_type, *arguments, **words)

    return play(on_bar, bars, BacktestConfig(initial_capital=1_000.0), executors=[executor])


def test_a_custom_order_fills_where_its_executor_says() -> None:
    history = submitted(Midpoint(), "AAA", "buy", quantity=10)
    assert history.fills["price"].tolist() == [12.5]
    assert history.type_names[history.orders["type"][0]] == "midpoint"


def test_a_custom_order_is_shown_with_its_bar_its_parameters_and_the_books() -> None:
    executor = Noting()
    submitted(executor, "AAA", OrderSide.BUY, quantity=12, parameters={"fill": 4.0}, limit=15.0, tag="mine")
    (order, bar, cash, equity, held), later, *_ = executor.seen
    assert (order.order_id, order.side, order.remaining, order.limit, order.parameters) == (
        1,
        OrderSide.BUY,
        12.0,
        15.0,
        {"fill": 4.0},
    )
    assert (bar.symbol, bar.open, bar.high, bar.low, bar.close, bar.volume) == ("AAA", 12.0, 14.0, 11.0, 12.0, 1e6)
    assert bar.timestamp == datetime(2020, 1, 2, tzinfo=UTC)
    assert (cash, equity, held) == (1_000.0, 1_000.0, 0.0)
    assert (later[0].remaining, later[4]) == (8.0, 4.0)


def test_a_custom_order_that_does_not_fill_works_on() -> None:
    executor = Noting()
    history = submitted(executor, "AAA", "buy", weight=0.5)
    assert len(executor.seen) == 3
    assert history.orders["status"].tolist() == [layout.STATUS_OPEN]


def test_a_custom_order_obeys_its_time_in_force() -> None:
    executor = Noting()
    history = submitted(executor, "AAA", "buy", quantity=1, time_in_force="DAY")
    assert len(executor.seen) == 1
    assert layout.REASON_NAMES[history.orders["reason"][0]] == "day"


@pytest.mark.parametrize(
    ("fill", "said"),
    [
        (Execution(99.0, 1.0), "at 99.0 on 2020-01-02; expected a price within the bar, 11.0 to 14.0"),
        (Execution(12.0, 11.0), "filled 11.0 units .* at most 10.0"),
        (Execution(12.0, 0.0), "filled 0.0 units"),
    ],
)
def test_a_fill_that_can_not_be_is_told(fill: Execution, said: str) -> None:
    class Wrong(OrderExecutor):
        order_type = "wrong"

        def execute(self, order: OrderLike, bar: Bar, portfolio: PortfolioLike) -> Execution | None:
            return fill

    with pytest.raises(StrategyError, match=f"Wrong filled.*{said}|{said}"):
        submitted(Wrong(), "AAA", "buy", quantity=10)


def test_what_an_executor_raises_is_a_strategy_error() -> None:
    class Broken(OrderExecutor):
        order_type = "broken"

        def execute(self, order: OrderLike, bar: Bar, portfolio: PortfolioLike) -> Execution | None:
            raise KeyError("level")

    with pytest.raises(StrategyError, match="KeyError"):
        submitted(Broken(), "AAA", "buy", quantity=10)


@pytest.mark.parametrize(
    ("arguments", "words", "said"),
    [
        (("AAA", "long"), {"quantity": 1}, "submit: side='long'; expected 'buy' or 'sell'"),
        (("AAA", "buy"), {"quantity": 1, "stop_loss": 9.0}, "'stop_loss' does not go with an order type of one's own"),
        (("AAA", "buy"), {"quantity": 1, "parameters": [1]}, "expected a mapping of names to values"),
    ],
)
def test_a_custom_order_that_makes_no_sense_is_told(arguments: Any, words: Any, said: str) -> None:
    with pytest.raises(StrategyError, match=said):
        submitted(Midpoint(), *arguments, **words)


def test_an_unknown_type_names_the_near_one() -> None:
    def on_bar(context: Context) -> None:
        context.submit("midpiont", "AAA", "buy", quantity=1)

    with pytest.raises(StrategyError, match="no order type 'midpiont'.*Did you mean 'midpoint'?"):
        play(on_bar, WIDE, BacktestConfig(), executors=[Midpoint()])


def test_an_engine_keeps_the_types_that_are_registered_with_it() -> None:
    engine = TradeEngine()
    engine.register(Midpoint())
    assert list(engine.executors) == ["market", "limit", "stop", "stop_limit", "trailing_stop", "midpoint"]
    assert answer(Asked(type="midpoint"), BAR, engine) == 100.0

    def on_bar(context: Context) -> None:
        if context.index == 0:
            context.submit("midpoint", "AAA", "buy", quantity=1)

    assert engine.play(on_bar, WIDE, BacktestConfig()).fills["price"].tolist() == [12.5]
    with pytest.raises(ConfigError, match="Midpoint: order type 'midpoint' is taken"):
        engine.register(Midpoint())


@pytest.mark.parametrize(("name", "said"), [("limit", "order type 'limit' is taken"), ("", "expected a name")])
def test_a_name_that_is_taken_or_none_is_refused(name: str, said: str) -> None:
    class Named(Midpoint):
        order_type = name

    with pytest.raises(ConfigError, match=said):
        TradeEngine().register(Named())


def test_an_order_of_a_type_that_nobody_registered_is_told() -> None:
    with pytest.raises(ConfigError, match="no executor of order type 'midpoint'; there are: market, limit"):
        answer(Asked(type="midpoint"), BAR)
