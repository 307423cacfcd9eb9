from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pandas as pd
import pytest
from tests.unit.strategies.panels import bars_of

from hindcast.domain.errors import StrategyError
from hindcast.domain.signals import SignalType, StrategySignal
from hindcast.engine.layout import SIGNAL_BUY, SIGNAL_SELL, SIGNAL_TARGET
from hindcast.engine.signals import SIGNAL_PRICES
from hindcast.strategies.signal_list import signals_from_list

BARS = bars_of(np.ones((4, 2)), symbols=["AAA", "BBB"])


def signal(symbol="AAA", kind="BUY", day=1, **more):
    return StrategySignal(symbol=symbol, signal_type=kind, timestamp=datetime(2020, 1, day), **more)  # noqa: DTZ001 - naive is UTC


def test_decisions_land_on_their_cells_in_any_order():
    found = signals_from_list([signal("BBB", "SELL", 3), signal("AAA", "BUY", 1), signal("AAA", "HOLD", 2)], BARS)
    assert found.side.tolist() == [[SIGNAL_BUY, 0], [0, 0], [0, SIGNAL_SELL], [0, 0]]
    assert found.strength is None
    assert found.weight is None


def test_strengths_and_target_weights_are_kept():
    found = signals_from_list([signal(strength=0.5), signal(symbol="BBB", target_weight=-0.25)], BARS)
    assert found.side[0].tolist() == [SIGNAL_BUY, SIGNAL_TARGET]
    assert found.strength is not None
    assert found.strength[0].tolist() == [0.5, 1.0]
    assert found.weight is not None
    assert found.weight[0, 1] == -0.25


def test_an_empty_list_decides_nothing():
    assert not signals_from_list([], BARS).side.any()


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2020, 1, 2, tzinfo=UTC),
        datetime(2020, 1, 2, 9, tzinfo=timezone(timedelta(hours=9))),
        pd.Timestamp("2020-01-02"),
        pd.Timestamp("2020-01-01 19:00", tz="America/New_York"),
    ],
)
def test_stamps_with_and_without_a_zone_are_the_same_instant(moment):
    found = signals_from_list([StrategySignal(symbol="AAA", signal_type=SignalType.BUY, timestamp=moment)], BARS)
    assert found.side[1, 0] == SIGNAL_BUY


def test_an_unknown_symbol_is_told_with_the_known_ones():
    with pytest.raises(StrategyError, match="signals for CCC, which these bars don't hold; they hold AAA, BBB"):
        signals_from_list([signal("CCC")], BARS)


@pytest.mark.parametrize("day", [9, 31])
def test_a_stamp_that_the_bars_do_not_have_is_told_with_their_range(day):
    with pytest.raises(StrategyError, match=rf"AAA at 2020-01-{day:02d} .*from 2020-01-01 to 2020-01-04"):
        signals_from_list([signal(day=day)], BARS)


def test_two_decisions_for_one_cell_are_refused_with_both():
    with pytest.raises(StrategyError, match="two signals for AAA at 2020-01-01 00:00: BUY and SELL"):
        signals_from_list([signal(), signal(kind="SELL")], BARS)
    with pytest.raises(StrategyError, match=r"BUY with strength 0.5 and target weight 0.1"):
        signals_from_list([signal(strength=0.5), signal(target_weight=0.1)], BARS)


def test_the_same_decision_twice_and_a_hold_beside_one_are_no_conflict():
    found = signals_from_list([signal(), signal(kind="HOLD"), signal()], BARS)
    assert found.side[0, 0] == SIGNAL_BUY


def test_what_is_no_signal_is_told_with_its_place():
    with pytest.raises(StrategyError, match=r"signal 2 is a dict \(\{'symbol': 'AAA'\}\); expected a StrategySignal"):
        signals_from_list([signal(), {"symbol": "AAA"}], BARS)  # type: ignore[list-item]  # the mistake under test


def price_of(name, *signals):
    """What a column holds on the first bar of AAA."""
    return getattr(signals_from_list(signals, BARS), name)[0, 0]


@pytest.mark.parametrize("name", SIGNAL_PRICES)
def test_a_price_lands_in_its_column_and_on_its_cell_only(name):
    found = signals_from_list([signal("BBB", day=2, **{name: 9.5}), signal("AAA", day=3)], BARS)
    column = getattr(found, name)
    assert column[1, 1] == 9.5
    assert np.count_nonzero(np.isnan(column)) == column.size - 1
    assert {other for other in SIGNAL_PRICES if getattr(found, other) is not None} == {name}


def test_a_signal_has_a_field_for_each_price_column():
    assert set(SIGNAL_PRICES) < set(StrategySignal.model_fields)


@pytest.mark.parametrize("price", [-1.0, 0.0, float("inf"), float("-inf")])
def test_an_impossible_price_is_left_to_the_engine(price):
    assert price_of("limit", signal(limit=price)) == price


def test_a_price_that_is_given_as_nan_is_not_taken_for_one_that_is_not_given():
    assert price_of("stop_loss", signal(stop_loss=float("nan"))) == np.inf


def test_two_decisions_with_other_prices_are_refused_with_both():
    with pytest.raises(
        StrategyError, match=r"BUY with limit 9 and BUY with strength 0.5, stop_loss 8, take_profit 12;"
    ):
        signals_from_list([signal(limit=9), signal(strength=0.5, stop_loss=8, take_profit=12)], BARS)


def test_the_same_decision_twice_with_the_same_prices_is_no_conflict():
    twice = (signal(limit=float("nan"), stop=9), signal(limit=float("nan"), stop=9))
    assert (price_of("limit", *twice), price_of("stop", *twice)) == (np.inf, 9)


def test_the_prices_of_a_hold_are_dropped():
    found = signals_from_list([signal(kind="HOLD", limit=9)], BARS)
    assert found.limit is None
    assert not found.side.any()
