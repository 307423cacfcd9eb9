from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from hindcast.domain.errors import StrategyError
from hindcast.engine.layout import SIGNAL_BUY, SIGNAL_HOLD, SIGNAL_SELL
from hindcast.engine.signals import SIGNAL_PRICES, Signals

BUY = np.array([[True, False], [False, True], [False, True]])
SELL = np.array([[False, False], [True, True], [True, False]])


def test_the_prices_are_fields_of_signals_and_nowhere_at_first():
    assert [field.name for field in dataclasses.fields(Signals)] == ["side", "strength", "weight", *SIGNAL_PRICES]
    assert {getattr(Signals.hold((3, 2)), name) for name in SIGNAL_PRICES} == {None}


def test_entries_and_exits_become_sides_and_both_at_once_none():
    found = Signals.from_entries(BUY, SELL)
    assert found.side.tolist() == [[SIGNAL_BUY, 0], [SIGNAL_SELL, SIGNAL_HOLD], [SIGNAL_SELL, SIGNAL_BUY]]
    assert found.strength is None


@pytest.mark.parametrize("name", ["strength", *SIGNAL_PRICES])
@pytest.mark.parametrize(
    "values", [0.5, [0.5, 0.5], np.full((3, 1), 0.5), np.full((3, 2), 0.5), np.full((3, 2), 0.5, order="F")]
)
def test_a_price_is_one_for_all_or_one_for_each_cell(name, values):
    found = getattr(Signals.from_entries(BUY, SELL, **{name: values}), name)
    np.testing.assert_array_equal(found, np.full((3, 2), 0.5))
    assert found.flags.c_contiguous
    assert found.flags.writeable


def test_a_column_is_a_copy():
    prices = np.full((3, 2), 0.5)
    found = Signals.from_entries(BUY, SELL, limit=prices)
    prices[:] = 7.0
    assert found.limit is not None
    np.testing.assert_array_equal(found.limit, np.full((3, 2), 0.5))


def test_a_price_that_is_none_is_not_given():
    assert Signals.from_entries(BUY, SELL, limit=None).limit is None


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"limit": np.ones((2, 2))}, r"limit has shape \(2, 2\); expected \(3, 2\)"),
        ({"stop_loss": np.ones(3)}, r"stop_loss has shape \(3,\); expected \(3, 2\)"),
        ({"strength": np.ones((4, 3, 2))}, r"strength has shape \(4, 3, 2\); expected \(3, 2\)"),
        ({"take_profit": "high"}, r"take_profit: could not convert .*; expected numbers of shape \(3, 2\)"),
    ],
)
def test_what_does_not_fit_is_refused(fields, said):
    with pytest.raises(StrategyError, match=said):
        Signals.from_entries(BUY, SELL, **fields)


def test_a_price_without_such_a_name_is_refused():
    with pytest.raises(TypeError, match="stoploss"):
        Signals.from_entries(BUY, SELL, stoploss=1.0)  # type: ignore[call-arg]  # the mistake under test
