"""No clean strategy is accused, at either level."""

from __future__ import annotations

import pytest
from tests.leaks import clean_events, clean_rules, clean_strategies
from tests.leaks.proving import certificate_of
from tests.leaks.zoo import panel

from hindcast.domain.certificate import Verdict

CLEAN = {
    **clean_rules.CLEAN.strategies,
    **clean_strategies.CLEAN.strategies,
    **clean_events.CLEAN.strategies,
    **clean_strategies.BUILT_IN,
}
BARS = panel()

# These raise in some replays: on few bars, or on missing or unusual prices.
RAISING = {
    "EventThatCantBearMissingPrices",
    "NeedsManyBars",
    "RefusesMissingPrices",
    "RefusesUnusualPrices",
    "a_regression_on_what_was_known",
    "target_weights_by_a_matrix",
}
# So slow that fewer bars must do: at each bar the full proof runs them four times.
FEWER_BARS = {
    "EventStateInListsAndDictionaries": 80,
    "LongFrameCrossover": 80,
    "LongFrameWithRollingGroups": 60,
    "a_regression_on_what_was_known": 80,
    "close_of_the_week_before": 80,
    "closed_weeks": 80,
    "dictionaries_and_lists_as_state": 80,
    "mean_of_the_month_so_far": 80,
    "strength_and_brackets_by_range": 80,
}


def test_there_are_many_clean_strategies():
    assert len(CLEAN) >= 45


@pytest.mark.parametrize("name", CLEAN)
def test_the_full_proof_passes(name):
    bars = BARS.head(FEWER_BARS.get(name, len(BARS)))
    certificate = certificate_of(CLEAN[name], bars, "full")
    assert certificate.verdict is Verdict.PASSED, certificate.explanation
    assert certificate.cuts == len(bars) - 1
    assert certificate.decision_bars_cut == certificate.decision_bars
    assert (certificate.raised > 0) == (name in RAISING), certificate.error


@pytest.mark.parametrize("name", CLEAN)
@pytest.mark.parametrize("seed", range(3))
def test_the_sampled_proof_passes(name, seed):
    certificate = certificate_of(CLEAN[name], BARS, "sampled", seed=seed)
    assert certificate.verdict is Verdict.PASSED, certificate.explanation
    assert set(certificate.cut_bars) <= set(range(len(BARS) - 1))
