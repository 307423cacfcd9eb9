from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pytest
from tests.unit.engine.event_runs import bars_of, played, seen_at

from hindcast.domain.errors import StrategyError
from hindcast.domain.orders import OrderSide, OrderStatus, TimeInForce
from hindcast.engine import layout
from hindcast.engine.context import Context

FLAT = bars_of([10.0] * 8)
RISING = bars_of([10.0, 11, 12, 13, 14, 15, 16, 17])
PAIR = bars_of([10.0] * 8, ("AAA", "BBB"))


def made(call: Any, bar: int = 2) -> Any:
    """The record of the one order that a call makes."""
    history = played(FLAT, {bar: call})
    assert len(history.orders) == 1
    return history.orders[0]


def test_the_clock_tells_number_and_stamp() -> None:
    index, stamp, symbols = seen_at(PAIR, 3, lambda c: (c.index, c.timestamp, c.symbols))
    assert index == 3
    assert stamp == datetime(2020, 1, 4, tzinfo=UTC)
    assert stamp.tzinfo is UTC
    assert symbols == ("AAA", "BBB")


def test_the_books_are_those_of_this_bars_close() -> None:
    looks: list[tuple[float, ...]] = []

    def look(c: Context) -> None:
        p = c.position("AAA")
        looks.append((c.cash, c.equity, p.quantity, p.average_cost, p.price, p.market_value, p.unrealised))

    calls: Any = {1: lambda c: c.buy("AAA", 10), 4: look, 5: look, 0: look}
    played(RISING, calls)
    assert looks == [
        (1000.0, 1000.0, 0.0, 0.0, 10.0, 0.0, 0.0),
        (880.0, 1020.0, 10.0, 12.0, 14.0, 140.0, 20.0),
        (880.0, 1030.0, 10.0, 12.0, 15.0, 150.0, 30.0),
    ]


def test_a_position_view_is_always_of_now() -> None:
    kept: list[Any] = []
    told: list[float] = []

    def look(c: Context) -> None:
        kept.append(c.position("AAA"))
        told.append(kept[0].quantity)

    played(RISING, {0: look, 1: lambda c: c.buy("AAA", 10), 3: look})
    assert told == [0.0, 10.0]
    assert kept[0] is kept[1]


def test_a_position_in_an_unknown_symbol_raises() -> None:
    with pytest.raises(StrategyError, match="no such symbol; the panel holds: AAA, BBB"):
        seen_at(PAIR, 1, lambda c: c.position("ZZZ"))
    with pytest.raises(StrategyError, match="no such symbol"):
        seen_at(PAIR, 1, lambda c: (c.buy("ZZZ", 1), c.position("ZZZ")))


def test_ids_are_known_at_once_and_count_children() -> None:
    ids: list[int] = []
    calls: Any = {
        0: lambda c: ids.extend((c.buy("AAA", 5, stop_loss=9.0, take_profit=20.0), c.sell("BBB", 1))),
        1: lambda c: ids.append(c.buy("BBB", 1)),
    }
    history = played(PAIR, calls)
    assert ids == [1, 2, 5]
    assert history.orders["order_id"].tolist() == [1, 2, 3, 4, 5]
    assert history.orders["parent_id"].tolist() == [0, 0, 1, 1, 0]


def test_an_order_made_on_this_bar_is_among_the_working_ones() -> None:
    first, second = seen_at(
        FLAT,
        2,
        lambda c: (
            (c.buy("AAA", 5, limit=9.0, tag="dip", time_in_force="DAY"), c.orders)[1],
            (c.sell("AAA", weight=0.5, stop=8.0), c.orders)[1],
        ),
    )
    assert [order.order_id for order in first] == [1]
    assert [order.order_id for order in second] == [1, 2]
    order = first[0]
    assert (order.id, order.parent, order.symbol, order.type) == (1, None, "AAA", "limit")
    assert (order.side, order.time_in_force, order.status) == (OrderSide.BUY, TimeInForce.DAY, OrderStatus.OPEN)
    assert (order.quantity, order.filled, order.remaining, order.limit, order.stop) == (5.0, 0.0, 5.0, 9.0, None)
    assert (order.tag, order.reason, order.triggered, order.is_open) == ("dip", "", False, True)
    assert order.created_at == datetime(2020, 1, 3, tzinfo=UTC)


def test_children_carry_the_tag_of_their_entry() -> None:
    found: list[Any] = []
    calls: Any = {
        0: lambda c: c.buy("AAA", 5, stop_loss=9.0, take_profit=20.0, tag="swing"),
        2: lambda c: found.extend(c.orders),
    }
    played(FLAT, calls)
    assert [(order.parent_id, order.type, order.tag) for order in found] == [
        (1, "stop", "swing"),
        (1, "limit", "swing"),
    ]


def test_ended_orders_can_be_asked_for_by_their_id() -> None:
    told: list[Any] = []
    calls: Any = {
        0: lambda c: told.extend((c.buy("AAA", 5), c.buy("AAA", np.nan), c.order(2))),
        2: lambda c: told.append(c.order(1)),
    }
    played(FLAT, calls)
    assert (told[2].status, told[2].reason) == (OrderStatus.REJECTED, "bad_quantity")
    assert (told[3].status, told[3].filled_quantity) == (OrderStatus.FILLED, 5.0)
    with pytest.raises(StrategyError, match=r"order\(3\): no such order; 0 were made so far"):
        seen_at(FLAT, 0, lambda c: c.order(3))


def test_cancelling_tells_whether_the_order_was_at_work() -> None:
    told: list[bool] = []
    calls: Any = {
        0: lambda c: told.extend((c.buy("AAA", 1, limit=5.0) == 1, c.cancel(1), c.cancel(1), c.cancel(7), c.cancel(0))),
        1: lambda c: told.extend((c.buy("AAA", 1) == 2, c.cancel(1))),
        3: lambda c: told.append(c.cancel(2)),
    }
    history = played(FLAT, calls)
    assert told == [True, True, False, False, False, True, False, False]
    assert history.orders["status"].tolist() == [layout.STATUS_CANCELLED, layout.STATUS_FILLED]
    assert history.orders["reason"].tolist() == [layout.REASON_USER, layout.REASON_NONE]


def test_a_cancelled_order_is_no_longer_at_work_on_the_same_bar() -> None:
    assert seen_at(FLAT, 2, lambda c: (c.buy("AAA", 1, limit=5.0), c.cancel(1), c.orders)[2]) == ()


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ({}, layout.TYPE_MARKET),
        ({"limit": 9.0}, layout.TYPE_LIMIT),
        ({"stop": 11.0}, layout.TYPE_STOP),
        ({"limit": 12.0, "stop": 11.0}, layout.TYPE_STOP_LIMIT),
        ({"trailing": 1.0}, layout.TYPE_TRAILING_STOP),
        ({"trailing_pct": 0.1}, layout.TYPE_TRAILING_STOP),
        ({"on_close": True}, layout.TYPE_MARKET_ON_CLOSE),
        ({"on_close": np.bool_(True)}, layout.TYPE_MARKET_ON_CLOSE),
        ({"limit": None, "stop": None, "on_close": False}, layout.TYPE_MARKET),
    ],
)
def test_the_prices_that_are_given_make_the_type(words: Any, kind: int) -> None:
    assert made(lambda c: c.buy("AAA", 5, **words))["type"] == kind


@pytest.mark.parametrize("quantity", [3, 3.0, np.float64(3), np.int32(3), np.float32(3)])
def test_any_real_number_is_a_quantity(quantity: Any) -> None:
    assert made(lambda c: c.buy("AAA", quantity))["quantity"] == 3.0


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (lambda c: c.buy("AAA", np.nan), "bad_quantity"),
        (lambda c: c.buy("AAA", -5), "bad_quantity"),
        (lambda c: c.buy("AAA", 10**400), "bad_quantity"),
        (lambda c: c.buy("AAA", weight=0), "bad_quantity"),
        (lambda c: c.target("AAA", np.inf), "bad_quantity"),
        (lambda c: c.buy("AAA", 5, limit=np.nan), "bad_price"),
        (lambda c: c.buy("AAA", 5, stop_loss=-1), "bad_price"),
        (lambda c: c.buy("ZZZ", 5), "unknown_symbol"),
        (lambda c: c.close("ZZZ"), "unknown_symbol"),
        (lambda c: c.target("ZZZ", 0.5), "unknown_symbol"),
        (lambda c: c.buy("AAA", 5, 0.5), "bad_combination"),
        (lambda c: c.buy("AAA", 5, trailing=1, limit=9), "bad_combination"),
        (lambda c: c.buy("AAA", 5, stop=11, time_in_force="IOC"), "bad_combination"),
        (lambda c: c.buy("AAA", 5, good_till=c.timestamp), "bad_expiry"),
        (lambda c: c.buy("AAA", 5, time_in_force="GTD"), "bad_expiry"),
        (lambda c: c.buy("AAA", 5, good_till="2019-12-31"), "bad_expiry"),
        (lambda c: c.buy("AAA", 5, stop=9), "wrong_side"),
    ],
)
def test_what_can_not_be_is_an_order_rejected_with_its_reason(call: Any, reason: str) -> None:
    order = made(call)
    assert (order["status"], layout.REASON_NAMES[order["reason"]]) == (layout.STATUS_REJECTED, reason)


def test_names_that_the_panel_lacks_are_kept() -> None:
    history = played(FLAT, {1: lambda c: (c.buy("ZZZ", 5), c.sell("YYY", 5), c.buy("ZZZ", 1))})
    assert history.extra_symbols == ("ZZZ", "YYY")
    assert history.orders["symbol"].tolist() == [1, 2, 1]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda c: c.buy("AAA", "5"), "buy: quantity='5' is a str; expected a number"),
        (lambda c: c.buy("AAA", True), "quantity=True is a bool; expected a number"),
        (lambda c: c.sell("AAA", [1]), r"sell: quantity=\[1\] is a list"),
        (lambda c: c.buy("AAA", 1, "x"), "buy: weight='x' is a str"),
        (lambda c: c.buy("AAA", 5, limit="9"), "limit='9' is a str; expected a number"),
        (lambda c: c.buy(3, 5), "buy: symbol=3 is a int; expected text"),
        (lambda c: c.close(None), "close: symbol=None is a NoneType; expected text"),
        (lambda c: c.buy("AAA", 5, limt=9), "buy: there is no 'limt'. Did you mean 'limit'?"),
        (lambda c: c.buy("AAA", 5, colour="red"), "there is no 'colour'. Known: limit, stop,"),
        (
            lambda c: c.buy("AAA", 5, time_in_force="gtc"),
            "expected one of GTC, DAY, GTD, IOC, FOK. Did you mean 'GTC'?",
        ),
        (lambda c: c.buy("AAA", 5, time_in_force=3), "time_in_force=3; expected one of"),
        (lambda c: c.buy("AAA", 5, on_close=1), "on_close=1 is a int; expected True or False"),
        (lambda c: c.buy("AAA", 5, good_till="soon"), "good_till='soon': timestamp 'soon' can't be read"),
        (lambda c: c.buy("AAA", 5, tag=7), "tag=7 is a int; expected text"),
        (lambda c: c.close("AAA", tag=7), "tag=7 is a int; expected text"),
        (lambda c: c.target("AAA", "all"), "target: weight='all' is a str"),
        (lambda c: c.cancel("1"), r"cancel\('1'\): a str is no order id"),
        (lambda c: c.cancel(True), "a bool is no order id"),
        (lambda c: c.submit("midpoint", "AAA", "buy"), "no order type 'midpoint' among the strategy's `executors`"),
    ],
)
def test_a_wrong_type_or_word_raises_and_says_what_was_expected(call: Any, said: str) -> None:
    with pytest.raises(StrategyError, match=said):
        played(FLAT, {2: call})


def test_close_ends_the_whole_position_as_it_is_when_worked() -> None:
    calls: Any = {0: lambda c: c.buy("AAA", 7), 2: lambda c: (c.buy("AAA", 3), c.close("AAA"))}
    history = played(FLAT, calls)
    assert history.fills["quantity"].tolist() == [7.0, 7.0, 3.0]
    assert history.fills["side"].tolist() == [1, -1, 1]


def test_target_orders_the_share_of_equity() -> None:
    calls: Any = {0: lambda c: c.target("AAA", 0.5), 2: lambda c: c.target("AAA", 0.2), 4: lambda c: c.target("AAA", 0)}
    history = played(FLAT, calls)
    assert (history.fills["side"] * history.fills["quantity"]).tolist() == pytest.approx([50, -30, -20])


def test_without_a_size_the_configured_sizing_decides() -> None:
    history = played(PAIR, {0: lambda c: c.buy("AAA")})
    assert history.fills["quantity"].tolist() == [50.0]  # a weight of 1, shared by two symbols


@pytest.mark.parametrize(
    ("till", "closed"),
    [
        (datetime(2020, 1, 4, tzinfo=UTC), 4),
        (date(2020, 1, 4), 4),
        ("2020-01-04", 4),
        (np.datetime64("2020-01-04"), 4),
        (datetime(2020, 1, 4, 12, tzinfo=UTC), 4),
        (datetime(2020, 1, 3, 23, tzinfo=UTC), 3),
    ],
)
def test_good_till_takes_any_stamp_and_a_date_stands_for_its_bar(till: object, closed: int) -> None:
    order = made(lambda c: c.buy("AAA", 5, limit=5.0, good_till=till), bar=1)
    assert (order["closed"], layout.REASON_NAMES[order["reason"]]) == (closed, "gtd")


def test_a_bare_date_stands_for_the_whole_day_of_intraday_bars() -> None:
    from hindcast.domain.backtest_config import BacktestConfig
    from hindcast.engine.bars import Bars
    from hindcast.engine.event_lane import play

    prices = np.full((10, 1), 10.0)
    stamps = np.datetime64("2020-01-01T12:00", "ns") + np.arange(10) * np.timedelta64(4, "h")
    bars = Bars.from_numpy(stamps, ["AAA"], prices, prices, prices, prices)

    def on_bar(c: Context) -> None:
        if c.index == 1:
            c.buy("AAA", 1, limit=5.0, good_till=date(2020, 1, 1))
            c.buy("AAA", 1, limit=5.0, good_till="2020-01-02")

    assert play(on_bar, bars, BacktestConfig()).orders["closed"].tolist() == [3, 9]
