from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import pytest

from hindcast.domain.errors import InputError
from hindcast.domain.orders import Fill, Order, OrderSide, OrderStatus, OrderType, TimeInForce, Trade
from hindcast.engine import layout
from hindcast.services.backtest.tables import ORDER_SIDES, TRADE_SIDES

MONDAY = datetime(2024, 3, 4, tzinfo=UTC)
TUESDAY = datetime(2024, 3, 5, tzinfo=UTC)

FILL: dict[str, Any] = {"timestamp": MONDAY, "symbol": "A", "side": "buy", "quantity": 3, "price": 10}
OPEN: dict[str, Any] = {"order_id": 1, "symbol": "A", "side": "buy", "quantity": 3, "created_at": MONDAY}
ENDED: dict[str, Any] = OPEN | {"closed_at": TUESDAY}
TRADE: dict[str, Any] = {
    "symbol": "A",
    "side": "short",
    "quantity": 4,
    "entry_time": MONDAY,
    "entry_price": 50,
    "exit_time": TUESDAY,
    "exit_price": 45,
    "pnl": 18,
    "commission": 2,
}


@pytest.mark.parametrize(
    ("words", "names"),
    [(OrderType, layout.TYPE_NAMES), (TimeInForce, layout.TIF_NAMES), (OrderStatus, layout.STATUS_NAMES)],
)
def test_the_words_are_those_of_the_kernel_in_the_order_of_its_codes(words: type[StrEnum], names: tuple[str, ...]):
    assert tuple(word.value for word in words) == names
    assert tuple(word.name for word in words) == tuple(name.upper() for name in names)


def test_the_sides_are_those_of_the_tables():
    assert ORDER_SIDES[layout.BUY + 1] == OrderSide.BUY
    assert ORDER_SIDES[layout.SELL + 1] == OrderSide.SELL
    assert {Trade(**TRADE | {"side": side}).side for side in TRADE_SIDES if side} == {"long", "short"}


def test_an_order_is_a_market_order_until_cancelled_unless_it_says_otherwise():
    order = Order(**OPEN)
    assert (order.order_type, order.time_in_force, order.status) == (OrderType.MARKET, TimeInForce.GTC, "open")
    assert order.is_open
    assert order.remaining_quantity == 3


def test_a_type_is_a_word_of_ours_or_the_name_of_one_that_was_registered():
    assert Order(**OPEN | {"order_type": "limit", "limit_price": 9}).order_type is OrderType.LIMIT
    assert Order(**OPEN | {"order_type": "my_iceberg"}).order_type == "my_iceberg"


@pytest.mark.parametrize(
    ("quantity", "filled", "remaining"), [(5.0, 2.0, 3.0), (5.0, 5.0, 0.0), (5.0, 5.0 + 1e-12, 0.0), (None, 0.0, None)]
)
def test_what_remains_of_an_order_is_what_was_not_filled(quantity: float, filled: float, remaining: float):
    assert Order(**OPEN | {"quantity": quantity, "filled_quantity": filled}).remaining_quantity == remaining


@pytest.mark.parametrize(
    "fields",
    [
        {"order_type": "limit", "limit_price": 9},
        {"order_type": "stop", "stop_price": 9},
        {"order_type": "stop_limit", "stop_price": 9, "limit_price": 9.5},
        {"order_type": "trailing_stop"},
        {"order_type": "trailing_stop", "stop_price": 9},
        {"order_type": "trailing_stop", "stop_price": 9, "trailing": 1.5},
        {"order_type": "trailing_stop", "trailing_pct": 0.05},
        {"order_type": "my_iceberg", "limit_price": 9, "stop_price": 8, "tag": "a"},
        {"stop_loss": 8, "take_profit": 12, "tag": "in"},
        {"order_type": "limit", "limit_price": 9, "trailing_stop": 1},
        {"trailing_stop_pct": 0.5, "parent_id": 7},
        {"time_in_force": "GTD", "good_till": TUESDAY},
        {"side": None, "quantity": None},
        {"closed_at": MONDAY, "status": "filled", "filled_quantity": 3},
        {"closed_at": TUESDAY, "status": "cancelled", "reason": "replaced", "filled_quantity": 1},
        {"closed_at": TUESDAY, "status": "rejected", "reason": "bad_price", "order_type": "limit", "limit_price": -9},
        {"closed_at": TUESDAY, "status": "rejected", "reason": "bad_quantity", "quantity": -3},
        {
            "closed_at": TUESDAY,
            "status": "rejected",
            "reason": "bad_combination",
            "trailing": 1,
            "trailing_pct": 1,
            "good_till": MONDAY,
        },
    ],
)
def test_what_can_happen_to_an_order_can_be_told(fields: dict[str, Any]):
    assert Order.model_validate_json(Order(**OPEN | fields).model_dump_json()) == Order(**OPEN | fields)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (OPEN | {"quantity": 0}, "order 1 has quantity=0.0: expected more than 0"),
        (OPEN | {"quantity": float("nan")}, "quantity = nan: input should be a finite number"),
        (OPEN | {"order_id": 0}, "order_id = 0"),
        (OPEN | {"symbol": ""}, "symbol = ''"),
        (OPEN | {"side": "long"}, "side = 'long': input should be 'buy' or 'sell'"),
        (OPEN | {"created_at": datetime(2024, 3, 4)}, "created_at = .*timezone"),  # noqa: DTZ001  # on purpose
        (OPEN | {"quantitty": 3}, "Did you mean 'quantity'"),
        (OPEN | {"limit_price": 9}, "market order 1 has limit_price=9.0: expected none"),
        (OPEN | {"order_type": "market_on_close", "stop_price": 9}, "has stop_price=9.0: expected none"),
        (OPEN | {"order_type": "limit"}, "limit order 1 has limit_price=None: expected a price"),
        (OPEN | {"order_type": "limit", "limit_price": -2}, "limit_price=-2.0: expected more than 0"),
        (OPEN | {"order_type": "stop"}, "stop order 1 has stop_price=None: expected a price"),
        (OPEN | {"order_type": "stop_limit", "stop_price": 9}, "has limit_price=None: expected a price"),
        (OPEN | {"order_type": "trailing_stop", "limit_price": 9}, "has limit_price=9.0: expected none"),
        (OPEN | {"order_type": "stop", "stop_price": 9, "trailing": 1}, "stop order 1 has trailing=1.0: expected none"),
        (OPEN | {"trailing_pct": 0.1}, "market order 1 has trailing_pct=0.1: expected none"),
        (OPEN | {"order_type": "trailing_stop", "trailing": 0}, "trailing=0.0: expected more than 0"),
        (OPEN | {"order_type": "trailing_stop", "trailing": 1, "trailing_pct": 0.1}, "both trailing and trailing_pct"),
        (OPEN | {"stop_loss": -1}, "stop_loss=-1.0: expected more than 0"),
        (OPEN | {"take_profit": float("nan")}, "take_profit = nan: input should be a finite number"),
        (OPEN | {"stop_loss": 8, "trailing_stop": 1}, "both stop_loss and trailing_stop: expected one of them"),
        (OPEN | {"trailing_stop": 1, "trailing_stop_pct": 0.1}, "both trailing_stop and trailing_stop_pct"),
        (OPEN | {"good_till": TUESDAY}, "GTC order 1 has good_till=2024-03-05.*: expected GTD"),
        (OPEN | {"order_type": "my_iceberg", "limit_price": 0}, "limit_price=0.0: expected more than 0"),
        (OPEN | {"order_type": ""}, "order_type"),
        (OPEN | {"closed_at": TUESDAY}, "order 1 is open with closed_at=2024-03-05"),
        (OPEN | {"status": "filled", "filled_quantity": 3}, "order 1 is filled with closed_at=None"),
        (
            ENDED | {"created_at": datetime(2024, 3, 6, tzinfo=UTC), "status": "expired", "reason": "day"},
            "closed at 2024-03-05 00:00:00.00:00, before it was created at 2024-03-06",
        ),
        (ENDED | {"status": "filled"}, "order 1 is filled with filled_quantity=0"),
        (ENDED | {"status": "expired"}, "order 1 is expired without a reason"),
        (ENDED | {"status": "rejected", "reason": "no_size", "filled_quantity": 1}, "is rejected with filled_quantity"),
    ],
)
def test_an_order_that_cannot_be_is_refused(fields: dict[str, Any], said: str):
    with pytest.raises(InputError, match=said):
        Order(**fields)


@pytest.mark.parametrize(("side", "signed"), [("buy", 3.0), ("sell", -3.0)])
def test_a_fill_knows_its_signed_quantity_and_its_notional(side: str, signed: float):
    fill = Fill(**FILL | {"side": side})
    assert fill.signed_quantity == signed
    assert fill.notional == 30.0
    assert fill.order_id is None


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"quantity": -3}, "quantity = -3: input should be greater than 0"),
        ({"price": -1}, "price = -1: input should be greater than or equal to 0"),
        ({"price": float("inf")}, "price = inf: input should be a finite number"),
        ({"commission": -1}, "commission = -1"),
        ({"slippage": -1}, "slippage = -1"),
        ({"timestamp": datetime(2024, 3, 4)}, "timestamp = .*timezone"),  # noqa: DTZ001  # on purpose
    ],
)
def test_a_fill_that_cannot_be_is_refused(fields: dict[str, Any], said: str):
    with pytest.raises(InputError, match=said):
        Fill(**FILL | fields)


def test_a_trades_return_is_its_profit_after_commissions_over_what_it_entered_with():
    assert Trade(**TRADE).return_on_entry == 18 / 200


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"side": "buy"}, "side = 'buy': input should be 'long' or 'short'"),
        ({"quantity": 0}, "quantity = 0"),
        ({"exit_time": datetime(2024, 3, 3, tzinfo=UTC)}, "trade in A exits at 2024-03-03 .* before its entry at 2024"),
    ],
)
def test_a_trade_that_cannot_be_is_refused(fields: dict[str, Any], said: str):
    with pytest.raises(InputError, match=said):
        Trade(**TRADE | fields)


def test_orders_fills_and_trades_are_frozen():
    for record, name in ((Order(**OPEN), "status"), (Fill(**FILL), "price"), (Trade(**TRADE), "pnl")):
        with pytest.raises(ValueError, match="frozen"):
            setattr(record, name, getattr(record, name))
