"""Decisions are compared by what counts in them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hindcast.engine.signals import SIGNAL_PRICES, Signals
from hindcast.services.backtest.proof_comparison import Place, SignalDecisions

SHAPE = (6, 2)


def decisions(*, warm_up: Any = 0, **columns: Any) -> SignalDecisions:
    columns.setdefault("side", np.zeros(SHAPE, dtype=np.int8))
    return SignalDecisions(signals=Signals(**columns), warm_up=warm_up)


def sides(*cells: tuple[int, int], code: int = 1) -> np.ndarray:
    side = np.zeros(SHAPE, dtype=np.int8)
    for bar, symbol in cells:
        side[bar, symbol] = code
    return side


def number(value: float, *cells: tuple[int, int], elsewhere: float = np.nan) -> np.ndarray:
    column = np.full(SHAPE, elsewhere)
    for bar, symbol in cells:
        column[bar, symbol] = value
    return column


def test_the_first_cell_in_time_then_by_symbol_is_named():
    run = decisions(side=sides((2, 1), (4, 0)))
    assert run.first_difference(decisions(), 0, 5) == Place(2, 1, "side")
    assert run.first_difference(decisions(side=sides((2, 1))), 0, 5) == Place(4, 0, "side")
    assert run.first_difference(decisions(side=sides((2, 1), (4, 0))), 0, 5) is None


def test_only_the_bars_asked_for_are_compared():
    run = decisions(side=sides((2, 1), (4, 0)))
    assert run.first_difference(decisions(), 0, 1) is None
    assert run.first_difference(decisions(), 3, 5) == Place(4, 0, "side")
    assert run.first_difference(decisions(), 3, 3) is None


def test_a_shorter_replay_is_compared_as_far_as_it_goes():
    short = SignalDecisions(signals=Signals(side=np.zeros((3, 2), dtype=np.int8)), warm_up=0)
    assert decisions(side=sides((2, 1))).first_difference(short, 0, 2) == Place(2, 1, "side")
    assert decisions(side=sides((4, 1))).first_difference(short, 0, 2) is None


@pytest.mark.parametrize("name", ["strength", *SIGNAL_PRICES])
def test_a_number_counts_where_something_is_decided(name):
    side = sides((3, 0))
    run = decisions(side=side, **{name: number(0.5, (3, 0), (1, 1))})
    assert run.first_difference(decisions(side=side, **{name: number(0.6, (3, 0))}), 0, 5) == Place(3, 0, name)
    assert run.first_difference(decisions(side=side, **{name: number(0.5, (3, 0))}), 0, 5) is None
    assert run.first_difference(decisions(side=side), 0, 5) == Place(3, 0, name)


def test_a_strength_of_one_is_the_same_as_none_given():
    side = sides((3, 0))
    run = decisions(side=side, strength=number(1.0, (3, 0)))
    assert run.first_difference(decisions(side=side), 0, 5) is None


def test_a_weight_counts_only_beside_a_target():
    weight = number(0.5, (3, 0))
    bought, aimed = sides((3, 0)), sides((3, 0), code=3)
    assert decisions(side=bought, weight=weight).first_difference(decisions(side=bought), 0, 5) is None
    run = decisions(side=aimed, weight=weight)
    assert run.first_difference(decisions(side=aimed, weight=number(0.4, (3, 0))), 0, 5) == Place(3, 0, "weight")


def test_an_earlier_number_comes_before_a_later_side():
    run = decisions(side=sides((1, 0), (3, 0)), strength=number(0.5, (1, 0)))
    replay = decisions(side=sides((1, 0)), strength=number(0.6, (1, 0)))
    assert run.first_difference(replay, 0, 5) == Place(1, 0, "strength")


def test_decisions_within_the_warm_up_do_not_count():
    run = decisions(side=sides((1, 0), (3, 0)), warm_up=2)
    assert run.first_difference(decisions(side=sides((3, 0)), warm_up=2), 0, 5) is None
    assert run.first_difference(decisions(warm_up=2), 0, 5) == Place(3, 0, "side")
    assert run.decided().tolist() == [3]


def test_another_warm_up_is_a_difference_where_it_changes_a_decision():
    run = decisions(side=sides((1, 0), (3, 0)), warm_up=0)
    assert run.first_difference(decisions(side=sides((1, 0), (3, 0)), warm_up=2), 0, 5) == Place(1, 0, "side")
    assert run.first_difference(decisions(side=sides((1, 0), (3, 0)), warm_up=1), 0, 5) is None


def test_rounding_is_forgiven_only_where_that_is_asked():
    side = sides((2, 0), code=3)
    run = decisions(side=side, weight=number(0.3, (2, 0)))
    other = decisions(side=side, weight=number(0.3 * (1 + 4e-16), (2, 0)))
    assert run.first_difference(other, 0, 5) == Place(2, 0, "weight")
    assert run.first_difference(other, 0, 5, exact=False) is None
    farther = decisions(side=side, weight=number(0.3 * (1 + 1e-11), (2, 0)))
    assert run.first_difference(farther, 0, 5, exact=False) == Place(2, 0, "weight")


def test_where_most_bars_decide_the_changes_are_the_decision_bars():
    aimed = np.full(SHAPE, 3, dtype=np.int8)
    weight = np.array([[0.1, 0.2], [0.1, 0.2], [0.3, 0.2], [0.3, 0.2], [0.3, 0.1], [0.3, 0.1]])
    run = decisions(side=aimed, weight=weight)
    assert run.decided().tolist() == [0, 1, 2, 3, 4, 5]
    assert run.decision_bars().tolist() == [2, 4]
    always = decisions(side=np.ones(SHAPE, dtype=np.int8))
    assert always.decision_bars().tolist() == [0, 1, 2, 3, 4, 5]
    seldom = decisions(side=sides((1, 0), (2, 0)))
    assert seldom.decision_bars().tolist() == [1, 2]
