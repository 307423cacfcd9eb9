from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from math import inf, isnan, nan
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hindcast.domain.errors import InputError
from hindcast.domain.orders import Fill, OrderSide
from hindcast.domain.portfolio import TOLERANCE, Portfolio, Position
from hindcast.engine import layout

MONDAY = datetime(2024, 3, 4, tzinfo=UTC)
TUESDAY = datetime(2024, 3, 5, tzinfo=UTC)
NAIVE = datetime(2024, 3, 5)  # noqa: DTZ001  # on purpose


def held(books: Portfolio, symbol: str = "A") -> tuple[float, float]:
    """Quantity and average cost."""
    return books.positions[symbol].quantity, books.positions[symbol].average_cost


def fill(side: str, quantity: float, price: float, commission: float = 0.0, at: datetime = MONDAY) -> Fill:
    return Fill(timestamp=at, symbol="A", side=OrderSide(side), quantity=quantity, price=price, commission=commission)


def state(books: Portfolio) -> tuple[object, ...]:
    totals = books.total_realized_pnl, books.total_commission, books.total_dividends
    return books.cash, dict(books.positions), books.timestamp, totals


def test_the_tolerance_is_that_of_the_kernel():
    assert TOLERANCE == layout.TOLERANCE


@pytest.mark.parametrize(
    ("quantity", "market_value", "pnl", "fraction"), [(10, 1200.0, 200.0, 0.2), (-10, -1200.0, -200.0, -0.2)]
)
def test_a_position_is_valued_at_its_last_price(quantity: float, market_value: float, pnl: float, fraction: float):
    position = Position(symbol="A", quantity=quantity, average_cost=100, last_price=120)
    assert position.market_value == market_value
    assert position.unrealized_pnl == pnl
    assert position.unrealized_pnl_pct == fraction


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"quantity": 0}, "position in A has quantity=0"),
        ({"quantity": nan}, "quantity = nan"),
        ({"average_cost": -1}, "average_cost = -1"),
        ({"last_price": -1}, "last_price = -1"),
        ({"symbol": ""}, "symbol = ''"),
    ],
)
def test_a_position_that_cannot_be_is_refused(fields: dict[str, Any], said: str):
    with pytest.raises(InputError, match=said):
        Position(**{"symbol": "A", "quantity": 1, "average_cost": 1, "last_price": 1} | fields)


def test_a_position_is_frozen():
    with pytest.raises(ValueError, match="frozen"):
        Position(symbol="A", quantity=1, average_cost=1, last_price=1).quantity = 2  # type: ignore[misc]  # on purpose


def test_adding_to_a_position_averages_its_cost_and_leaves_commissions_out_of_it():
    books = Portfolio(1_000.0)
    books.add_position("A", 10, 20.0, commission=1.0)
    books.add_position("A", 30, 24.0, commission=2.0)
    assert held(books) == (40.0, 23.0)
    assert books.cash == 1_000.0 - 200.0 - 720.0 - 3.0
    assert books.total_commission == 3.0
    assert books.total_realized_pnl == 0.0


def test_reducing_a_long_realises_the_difference_to_its_average_cost_before_commissions():
    books = Portfolio(1_000.0)
    books.add_position("A", 10, 20.0)
    assert books.reduce_position("A", 4, 25.0, commission=1.5) == 20.0
    assert held(books) == (6.0, 20.0)
    assert books.cash == 1_000.0 - 200.0 + 100.0 - 1.5
    assert books.reduce_position("A", 6, 19.0) == -6.0
    assert dict(books.positions) == {}
    assert books.total_realized_pnl == 14.0
    assert books.total_equity == books.cash == 1_000.0 + 14.0 - 1.5


def test_a_short_is_opened_by_a_negative_quantity_and_bought_back_by_a_positive_one():
    books = Portfolio(1_000.0)
    books.add_position("A", -10, 20.0)
    books.add_position("A", -10, 30.0)
    assert held(books) == (-20.0, 25.0)
    assert books.cash == 1_500.0
    assert books.reduce_position("A", 5, 22.0) == 15.0
    assert held(books) == (-15.0, 25.0)
    assert books.cash == 1_500.0 - 110.0
    assert books.total_market_value == -15 * 22.0
    assert books.total_equity == 1_390.0 - 330.0


@pytest.mark.parametrize("quantity", [10, -10])
def test_reducing_by_more_than_is_held_is_refused(quantity: float):
    books = Portfolio(1_000.0)
    books.add_position("A", quantity, 20.0)
    with pytest.raises(InputError, match=r"reduce_position\('A', 10.1\) is more than the 10.0 held: reduce by at most"):
        books.reduce_position("A", 10.1, 20.0)
    assert held(books) == (quantity, 20.0)


def test_reducing_what_is_not_held_is_refused_and_says_what_is():
    books = Portfolio(1_000.0)
    with pytest.raises(InputError, match="no position in 'A'; held: nothing"):
        books.reduce_position("A", 1, 20.0)
    books.add_position("C", 1, 1.0)
    books.add_position("B", 1, 1.0)
    with pytest.raises(InputError, match="no position in 'A'; held: B, C"):
        books.reduce_position("A", 1, 20.0)


@pytest.mark.parametrize("quantity", [7.0 * (1 + 9e-10), 7.0 * (1 - 9e-10)])
@pytest.mark.parametrize("way", [1, -1])
def test_what_rounding_leaves_of_a_closed_position_is_no_position(quantity: float, way: int):
    books = Portfolio(1_000.0)
    books.add_position("A", way * 7.0, 20.0)
    assert books.reduce_position("A", quantity, 21.0) == pytest.approx(way * 7.0)
    assert "A" not in books.positions


def test_more_than_rounding_stays_a_position():
    books = Portfolio(1_000.0)
    books.add_position("A", 7.0, 20.0)
    books.reduce_position("A", 7.0 * (1 - 1.1e-9), 21.0)
    assert held(books)[0] == pytest.approx(7.7e-9, rel=1e-3)


@pytest.mark.parametrize(("first", "second"), [(10, -1), (-10, 1)])
def test_adding_against_a_position_is_refused(first: float, second: float):
    books = Portfolio(1_000.0)
    books.add_position("A", first, 20.0)
    with pytest.raises(InputError, match=f"add_position..A., {second}. is against the {first}.0 held"):
        books.add_position("A", second, 20.0)


@pytest.mark.parametrize(("first", "then", "way"), [("buy", "sell", 1), ("sell", "buy", -1)])
def test_a_fill_that_crosses_zero_closes_and_then_opens_the_other_way(first: str, then: str, way: int):
    books = Portfolio(1_000.0)
    assert books.apply_fill(fill(first, 10, 20.0, 1.0)) == 0.0
    assert books.apply_fill(fill(then, 25, 22.0, 5.0, TUESDAY)) == way * 20.0
    assert held(books) == (-15.0 * way, 22.0)
    assert books.total_commission == 6.0
    assert books.cash == 1_000.0 - way * 200.0 + way * 550.0 - 6.0
    assert books.timestamp == TUESDAY


def test_a_fill_that_crosses_zero_by_what_rounding_leaves_only_closes():
    books = Portfolio(1_000.0)
    books.apply_fill(fill("buy", 7.0, 20.0))
    books.apply_fill(fill("sell", 7.0 * (1 + 9e-10), 20.0))
    assert dict(books.positions) == {}


def test_fills_add_and_reduce_by_their_side():
    books = Portfolio(1_000.0)
    books.apply_fill(fill("buy", 10, 20.0))
    books.apply_fill(fill("buy", 10, 22.0))
    assert held(books) == (20.0, 21.0)
    assert books.apply_fill(fill("sell", 5, 23.0)) == 10.0
    assert held(books) == (15.0, 21.0)


def test_prices_mark_what_is_held_and_move_the_books_in_time():
    books = Portfolio(1_000.0, timestamp=MONDAY)
    books.add_position("A", 10, 20.0)
    books.add_position("B", -4, 50.0)
    books.update_prices({"A": 21.0, "B": nan, "C": 7.0}, TUESDAY)
    assert books.timestamp == TUESDAY
    assert {symbol: position.last_price for symbol, position in books.positions.items()} == {"A": 21.0, "B": 50.0}
    assert books.total_market_value == 210.0 - 200.0
    assert books.total_unrealized_pnl == 10.0
    assert books.total_equity == 1_000.0 - 200.0 + 200.0 + 10.0


@pytest.mark.parametrize("quantity", [10.0, -10.0])
def test_a_split_changes_units_and_no_value(quantity: float):
    books = Portfolio(1_000.0)
    books.add_position("A", quantity, 20.0)
    before = books.total_equity
    books.apply_split("A", 4.0)
    books.apply_split("B", 2.0)
    assert books.positions["A"] == Position(symbol="A", quantity=4 * quantity, average_cost=5.0, last_price=5.0)
    assert books.total_equity == before
    assert list(books.positions) == ["A"]


@pytest.mark.parametrize(("quantity", "received"), [(10.0, 15.0), (-10.0, -15.0)])
def test_a_long_receives_a_dividend_and_a_short_pays_it(quantity: float, received: float):
    books = Portfolio(1_000.0)
    books.add_position("A", quantity, 20.0)
    cash = books.cash
    assert books.apply_dividend("A", 1.5) == received
    assert books.apply_dividend("B", 1.5) == 0.0
    assert books.cash == cash + received
    assert books.total_dividends == received


def test_cash_moves_without_a_trade():
    books = Portfolio(1_000.0)
    books.adjust_cash(-12.5)
    books.adjust_cash(2.0)
    assert books.cash == books.total_equity == 989.5


def test_books_can_start_with_positions():
    position = Position(symbol="A", quantity=2, average_cost=10, last_price=15)
    given_positions = {"A": position}
    books = Portfolio(5.0, given_positions, timestamp=MONDAY)
    given_positions.clear()
    assert books.total_equity == 35.0
    assert books.timestamp == MONDAY
    assert repr(books) == "Portfolio(cash=5, positions={A: 2}, timestamp=2024-03-04 00:00:00+00:00)"


def test_the_books_can_only_be_changed_by_what_happens_to_them():
    books = Portfolio(1_000.0)
    with pytest.raises(AttributeError):
        books.cash = 2_000.0  # type: ignore[misc]  # on purpose
    with pytest.raises(TypeError):
        books.positions["A"] = Position(symbol="A", quantity=1, average_cost=1, last_price=1)  # type: ignore[index]  # on purpose


def test_a_position_under_another_symbol_is_refused():
    with pytest.raises(InputError, match="positions\\['B'\\] is a position in 'A': expected the same symbol"):
        Portfolio(0.0, {"B": Position(symbol="A", quantity=1, average_cost=1, last_price=1)})


@pytest.mark.parametrize("cash", [nan, inf])
def test_cash_that_is_no_number_is_refused(cash: float):
    with pytest.raises(InputError, match=f"cash = {cash}: expected a finite number"):
        Portfolio(cash)


def test_a_start_without_a_time_zone_is_refused():
    with pytest.raises(InputError, match="has no time zone"):
        Portfolio(1.0, timestamp=NAIVE)


REFUSED: list[tuple[Callable[[Portfolio], object], str]] = [
    (lambda books: books.add_position("A", 0, 20.0), "expected more than 0, or less for a short"),
    (lambda books: books.add_position("A", nan, 20.0), "quantity = nan: expected a finite number"),
    (lambda books: books.add_position("A", 1, -0.5), "price = -0.5: expected at least 0"),
    (lambda books: books.add_position("A", 1, 20.0, -1.0), "commission = -1.0: expected at least 0"),
    (lambda books: books.add_position("", 1, 20.0), "symbol = ''"),
    (lambda books: books.add_position("B", 1e300, 1e10), "cash = -inf: expected a finite number"),
    (lambda books: books.reduce_position("A", -1, 20.0), "quantity = -1: expected more than 0"),
    (lambda books: books.reduce_position("A", 1, -20.0), "price = -20.0: expected at least 0"),
    (lambda books: books.reduce_position("A", 1, 20.0, inf), "commission = inf: expected a finite number"),
    (lambda books: books.apply_fill(fill("sell", 1, 20.0, at=MONDAY)), "is before the books'"),
    (lambda books: books.apply_fill(fill("sell", 1e308, 1e10, at=TUESDAY)), "cash = inf: expected a finite number"),
    (lambda books: books.update_prices({"A": -1.0}, TUESDAY), r"prices\['A'\] = -1.0: expected more than 0"),
    (lambda books: books.update_prices({"A": 9.0, "Z": inf}, TUESDAY), r"prices\['Z'\] = inf"),
    (lambda books: books.update_prices({"A": 9.0}, MONDAY), "is before the books'"),
    (lambda books: books.update_prices({"A": 9.0}, NAIVE), "has no time zone: expected one"),
    (lambda books: books.apply_split("A", 0.0), "ratio = 0.0: expected more than 0"),
    (lambda books: books.apply_split("A", 1e-320), "average_cost = inf"),
    (lambda books: books.apply_dividend("A", -1.0), "per_share = -1.0: expected at least 0"),
    (lambda books: books.adjust_cash(nan), "amount = nan: expected a finite number"),
]


@pytest.mark.parametrize(("call", "said"), REFUSED)
def test_a_call_that_is_refused_changes_nothing(call: Callable[[Portfolio], object], said: str):
    books = Portfolio(1_000.0)
    books.apply_fill(fill("buy", 10, 20.0, 1.0, TUESDAY))
    before = state(books)
    with pytest.raises(InputError, match=said):
        call(books)
    assert state(books) == before


sizes = st.floats(0.01, 1e4)
prices = st.floats(0.01, 1e4)
steps = st.one_of(
    st.tuples(st.just("fill"), st.sampled_from(("buy", "sell")), sizes, prices, st.floats(0, 50)),
    st.tuples(st.just("mark"), prices),
    st.tuples(st.just("split"), st.sampled_from((2.0, 0.1, 1.5))),
    st.tuples(st.just("dividend"), st.floats(0, 10)),
    st.tuples(st.just("interest"), st.floats(-100, 100)),
)


@given(st.lists(steps, max_size=30))
def test_equity_changes_by_what_was_earned_less_what_was_paid(taken: list[tuple[Any, ...]]):
    books = Portfolio(10_000.0)
    interest, scale = 0.0, 10_000.0
    for day, (kind, *values) in enumerate(taken):
        moment = MONDAY + timedelta(days=day)
        if kind == "fill":
            side, quantity, price, commission = values
            books.apply_fill(fill(side, quantity, price, commission, moment))
            scale += quantity * price
        elif kind == "mark":
            books.update_prices({"A": values[0]}, moment)
        elif kind == "split":
            books.apply_split("A", values[0])
        elif kind == "dividend":
            scale += abs(books.apply_dividend("A", values[0]))
        else:
            books.adjust_cash(values[0])
            interest += values[0]
        scale += abs(books.total_market_value)
    earned = books.total_realized_pnl + books.total_unrealized_pnl + books.total_dividends + interest
    change = books.total_equity - 10_000.0
    assert change == pytest.approx(earned - books.total_commission, abs=1e-9 * scale)
    assert books.total_equity == books.cash + books.total_market_value


def test_what_cost_nothing_has_no_profit_in_percent():
    gift = Position(symbol="A", quantity=10, average_cost=0, last_price=3)
    assert gift.unrealized_pnl == 30
    assert isnan(gift.unrealized_pnl_pct)
