"""Which bars are cut, and how."""

from __future__ import annotations

import numpy as np
import pytest

from hindcast.domain.certificate import ReplayKind
from hindcast.services.backtest import proof_cuts
from hindcast.services.backtest.proof_cuts import Cut, full_cuts, sampled_cuts


def test_full_cuts_each_bar_that_has_a_future_in_every_way_in_order():
    cuts = list(full_cuts(4))
    assert cuts == [Cut(bar, kind) for bar in range(3) for kind in ReplayKind]


@pytest.mark.parametrize("bars", [0, 1])
def test_without_a_future_there_is_nothing_to_cut(bars):
    assert list(full_cuts(bars)) == []
    assert sampled_cuts(np.arange(bars), bars, 1) == []


def test_very_many_bars_are_all_truncated_and_poisoned_in_turn(monkeypatch):
    monkeypatch.setattr(proof_cuts, "MOST_POISONED_BARS", 10)
    cuts = list(full_cuts(31))
    assert {cut.bar for cut in cuts if cut.kind is ReplayKind.TRUNCATED} == set(range(30))
    for kind in (ReplayKind.NAN, ReplayKind.SCALED, ReplayKind.SHUFFLED):
        assert len({cut.bar for cut in cuts if cut.kind is kind}) == 10


@pytest.mark.parametrize("seed", range(20))
def test_sampled_cuts_lie_on_decision_bars_but_for_one(seed):
    decided = np.arange(50, 1000, 37)
    cuts = sampled_cuts(decided, 1000, seed)
    assert cuts == sorted(cuts)
    assert 4 <= len(cuts) <= 5
    assert len([cut for cut in cuts if cut.bar not in decided]) <= 1
    assert {cut.kind for cut in cuts} == set(ReplayKind)
    assert Cut(int(decided[-1]), ReplayKind.TRUNCATED) in cuts


def test_the_last_bar_is_no_cut_even_where_it_decides():
    cuts = sampled_cuts(np.array([3, 9]), 10, 0)
    assert max(cut.bar for cut in cuts) < 9
    assert Cut(3, ReplayKind.TRUNCATED) in cuts


def test_without_decisions_any_bars_are_cut():
    cuts = sampled_cuts(np.array([], dtype=np.int64), 500, 8)
    assert {cut.kind for cut in cuts} == set(ReplayKind)
    assert len({cut.bar for cut in cuts}) > 3
    assert len(cuts) == 5


def test_the_seed_chooses():
    decided = np.arange(0, 5000, 11)
    assert sampled_cuts(decided, 5000, 1) == sampled_cuts(decided, 5000, 1)
    assert sampled_cuts(decided, 5000, 1) != sampled_cuts(decided, 5000, 2)


def test_replays_are_short_on_average():
    decided = np.arange(0, 10_000, 10)
    lengths = [cut.bar for seed in range(200) for cut in sampled_cuts(decided, 10_000, seed)[:-1]]
    assert np.mean(lengths) < 4_000
