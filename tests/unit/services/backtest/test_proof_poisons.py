"""What a replay's bars look like: the run's up to the cut, altered after it."""

from __future__ import annotations

import numpy as np
import pytest
from tests.unit.services.backtest.panels import some_bars

from hindcast.domain.certificate import ReplayKind
from hindcast.engine.bars import Bars, Panel, as_mapping
from hindcast.services.backtest.proof_poisons import Alteration

PLAIN = some_bars(40)
CUT = 24


def bars_with_actions() -> Bars:
    panel = PLAIN.panel
    split, dividend = np.ones(PLAIN.shape), np.zeros(PLAIN.shape)
    split[[5, 30], 0], dividend[[7, 33], 1] = 2.0, 0.4
    return Bars.from_numpy(
        PLAIN.timestamps, PLAIN.symbols, panel.open, panel.high, panel.low, panel.close, panel.volume, split, dividend
    )


BARS = bars_with_actions()
POISONS = (ReplayKind.NAN, ReplayKind.SCALED, ReplayKind.SHUFFLED)


def altered(kind: ReplayKind, *, bars: Bars = BARS, cut: int = CUT, reach: int | None = None, seed: int = 3) -> Bars:
    return Alteration(kind=kind, cut=cut, seed=seed, reach=reach).apply(bars)


@pytest.mark.parametrize("kind", ReplayKind)
@pytest.mark.parametrize("reach", [None, 5])
def test_nothing_is_changed_up_to_the_cut(kind, reach):
    found = altered(kind, reach=reach)
    for name, array in as_mapping(BARS.panel).items():
        assert np.array_equal(getattr(found.panel, name)[: CUT + 1], array[: CUT + 1]), name
    assert np.array_equal(found.timestamps, BARS.timestamps[: len(found)])
    assert found.symbols == BARS.symbols


def test_truncated_bars_end_with_the_cut_and_are_not_copied():
    found = altered(ReplayKind.TRUNCATED)
    assert len(found) == CUT + 1
    assert np.shares_memory(found.panel.close, BARS.panel.close)


@pytest.mark.parametrize("kind", POISONS)
def test_poisoned_bars_go_on_to_the_end_or_as_far_as_asked(kind):
    assert len(altered(kind)) == 40
    assert len(altered(kind, reach=5)) == CUT + 6
    assert len(altered(kind, reach=500)) == 40


def test_nan_takes_prices_volume_splits_and_dividends_away():
    panel = altered(ReplayKind.NAN).panel
    after = slice(CUT + 1, None)
    for name in ("open", "high", "low", "close"):
        assert np.isnan(getattr(panel, name)[after]).all()
    assert (panel.volume[after] == 0).all()
    assert panel.split is not None
    assert panel.dividend is not None
    assert (panel.split[after] == 1).all()
    assert (panel.dividend[after] == 0).all()


@pytest.mark.parametrize(("cut", "factor"), [(24, 1000.0), (25, 0.001)])
def test_scaled_multiplies_after_even_bars_and_divides_after_odd_ones(cut, factor):
    panel = altered(ReplayKind.SCALED, cut=cut).panel
    for name in ("open", "high", "low", "close", "volume"):
        expected = getattr(BARS.panel, name)[cut + 1 :] * factor
        assert np.array_equal(getattr(panel, name)[cut + 1 :], expected), name


def test_scaled_adds_splits_that_undo_each_other_and_a_few_dividends():
    panel = altered(ReplayKind.SCALED).panel
    assert panel.split is not None
    assert panel.dividend is not None
    assert (panel.split[CUT + 1 :] != 1).sum() >= 28
    assert panel.split[CUT + 1 :, 1].prod() == pytest.approx(2.0)
    assert (panel.dividend[CUT + 1 : CUT + 6] > 0).all()
    assert np.flatnonzero(panel.dividend[CUT + 6 :, 1]).tolist() == [33 - CUT - 6]


def test_shuffled_moves_whole_bars_together():
    panel = altered(ReplayKind.SHUFFLED).panel
    rows = [np.flatnonzero((BARS.panel.close == row).all(axis=1)) for row in panel.close[CUT + 1 :]]
    order = np.concatenate(rows)
    assert sorted(order) == list(range(CUT + 1, 40))
    assert not np.array_equal(order, np.sort(order))
    for name, array in as_mapping(BARS.panel).items():
        assert np.array_equal(getattr(panel, name)[CUT + 1 :], array[order]), name


def test_the_seed_and_the_cut_choose_the_order():
    first = altered(ReplayKind.SHUFFLED).panel.close
    assert np.array_equal(first, altered(ReplayKind.SHUFFLED).panel.close)
    assert not np.array_equal(first, altered(ReplayKind.SHUFFLED, seed=4).panel.close)


@pytest.mark.parametrize("kind", ReplayKind)
def test_altered_bars_pass_the_checks_of_bars(kind):
    found = altered(kind)
    panel = Panel(**{name: array.copy() for name, array in as_mapping(found.panel).items()})
    assert Bars(found.timestamps.copy(), found.symbols, panel).shape == found.shape


def test_no_two_alterations_have_the_same_fingerprint():
    found = {altered(kind, cut=cut, reach=reach).fingerprint for kind in POISONS for cut in (3, 4) for reach in (2, 9)}
    found |= {altered(ReplayKind.TRUNCATED, cut=cut).fingerprint for cut in (3, 4)}
    assert len(found | {BARS.fingerprint}) == 15


@pytest.mark.parametrize("kind", ReplayKind)
def test_arrays_can_not_be_written_to_and_frames_are_those_of_the_altered_bars(kind):
    found = altered(kind)
    with pytest.raises(ValueError, match="read-only"):
        found.panel.close[0, 0] = 1.0
    assert np.array_equal(found.close.to_numpy(), found.panel.close, equal_nan=True)


def test_what_the_bars_lack_stays_missing():
    assert altered(ReplayKind.SCALED, bars=PLAIN).panel.split is None
    with pytest.raises(AttributeError, match="no 'closes'"):
        _ = altered(ReplayKind.SCALED).panel.closes  # type: ignore[attr-defined]  # a strategy's slip of the pen
