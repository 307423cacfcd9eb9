"""Verdicts of the look-ahead proof, and what the certificate says of how they came about."""

from __future__ import annotations

import itertools
import warnings

import numpy as np
import pytest
from tests.leaks.proving import certificate_of
from tests.unit.services.backtest.panels import some_bars

import hindcast as hc
from hindcast.domain.certificate import Certificate, ReplayKind, Verdict

BARS = some_bars(80)
CALLS = itertools.count()


class Rule(hc.BaseStrategy):
    """BUY on rises, SELL on falls."""

    def generate_signals(self, data):
        close = data.panel.close
        before = np.vstack((close[:1], close[:-1]))
        return hc.Signals.from_entries(close > before, close < before)


class Leak(hc.BaseStrategy):
    """Knows the next bar, for the second symbol, from bar 40 on."""

    def generate_signals(self, data):
        close = data.panel.close
        buy = np.zeros(data.shape, dtype=bool)
        buy[40:-1, 1] = close[41:, 1] > close[40:-1, 1]
        return hc.Signals.from_entries(buy, np.zeros(data.shape, dtype=bool))


class Unsteady(hc.BaseStrategy):
    """Each call is another one."""

    def generate_signals(self, data):
        side = np.zeros(data.shape, dtype=np.int8)
        side[next(CALLS) % 5 :: 5] = 1
        return hc.Signals(side=side)


class RunsOnce(hc.BaseStrategy):
    """Its second run finds something used up."""

    used: list[bool] = []  # noqa: RUF012  # state outside of the instance is what this is about

    def generate_signals(self, data):
        if self.used:
            raise RuntimeError("the file was read already")
        self.used.append(True)
        return hc.Signals.hold(data.shape)


class OnlyTheseBars(hc.BaseStrategy):
    """Raises on anything but the bars that it knows."""

    def generate_signals(self, data):
        if data.fingerprint != BARS.fingerprint:
            raise ValueError("unknown bars")
        return Rule().generate_signals(data)


class OnlyThisLength(hc.BaseStrategy):
    """Its signals were made elsewhere."""

    def generate_signals(self, data):
        return hc.Signals(side=np.tile(np.array([[1], [2]], dtype=np.int8), (40, 2)))


class RaisesInTheMiddle(hc.BaseStrategy):
    """Whatever is done after bars 50 to 60 makes it raise."""

    def generate_signals(self, data):
        close, known = data.panel.close, BARS.panel.close
        same = (close == known[: len(close)]).all(axis=1)
        kept = int(np.argmin(same)) if not same.all() else len(close)
        if 51 <= kept <= 61:
            raise ValueError("no")
        return Rule().generate_signals(data)


LEVELS = pytest.mark.parametrize("level", ["full", "sampled"])


def test_off_proves_nothing_and_runs_nothing():
    found = certificate_of(Unsteady, BARS, "off")
    assert found == Certificate()
    assert found.verdict is Verdict.NOT_RUN
    assert not found.passed


@LEVELS
def test_a_clean_strategy_passes_and_the_certificate_says_what_was_tried(level):
    found = certificate_of(Rule, BARS, level)
    assert found.passed
    assert found.level == level
    assert found.bars == 80
    assert found.first_difference is None
    assert found.error is None
    assert set(found.replay_kinds) == set(ReplayKind)
    assert found.decision_bars == 79
    assert found.reacted


def test_full_proves_each_decision_bar():
    found = certificate_of(Rule, BARS, "full")
    assert found.cuts == 79
    assert found.cut_bars == ()
    assert found.replays == 4 * 79 + 1
    assert found.decision_bars_cut == found.decision_bars_compared == 79
    assert "each decision was the same" in found.explanation


def test_sampled_says_how_little_it_covers():
    found = certificate_of(Rule, BARS, "sampled")
    assert len(found.cut_bars) == found.cuts <= 5
    assert found.decision_bars_cut < found.decision_bars
    assert found.decision_bars_compared == max(found.cut_bars)  # each bar but the first decides
    assert 'proof="full"' in found.explanation


def test_full_names_the_first_decision_that_knew_the_future():
    found = certificate_of(Leak, BARS, "full")
    close = BARS.panel.close[:, 1]
    first = next(bar for bar in range(40, 79) if close[bar + 1] > close[bar])
    assert found.verdict is Verdict.LOOK_AHEAD
    difference = found.first_difference
    assert difference is not None
    # A rise that a poison invents may show on an earlier bar, where there was none.
    assert 40 <= difference.bar <= first
    assert difference.cut == difference.bar
    assert difference.symbol == "BBB"
    assert difference.column == "side"
    assert difference.timestamp == BARS.index[difference.bar]
    assert "BBB" in found.explanation
    assert "shift(-1)" in found.explanation


def test_sampled_finds_a_leak_behind_each_decision():
    assert certificate_of(Leak, BARS, "sampled").verdict is Verdict.LOOK_AHEAD


@LEVELS
def test_another_answer_to_the_same_bars_is_a_verdict_of_its_own(level):
    found = certificate_of(Unsteady, BARS, level)
    assert found.verdict is Verdict.NOT_REPRODUCIBLE
    assert found.first_difference is not None
    assert found.first_difference.cut is None
    assert "seed its random numbers" in found.explanation


def test_failing_on_the_same_bars_is_not_reproducible_either():
    RunsOnce.used.clear()
    found = certificate_of(RunsOnce, BARS, "full")
    assert found.verdict is Verdict.NOT_REPRODUCIBLE
    assert "the file was read already" in found.explanation


@LEVELS
@pytest.mark.parametrize("strategy", [OnlyTheseBars, OnlyThisLength])
def test_a_strategy_that_only_runs_on_its_own_bars_is_neither_accused_nor_passed(strategy, level):
    found = certificate_of(strategy, BARS, level)
    assert found.verdict is Verdict.FAILED_ON_REPLAY
    assert found.raised > 0
    assert found.error is not None
    assert found.error in found.explanation


def test_full_does_not_pass_bars_that_no_replay_could_prove():
    found = certificate_of(RaisesInTheMiddle, BARS, "full")
    assert found.verdict is Verdict.FAILED_ON_REPLAY
    assert found.decision_bars_cut < found.decision_bars


@pytest.mark.parametrize("bars", [1, 2, 3])
@LEVELS
def test_very_few_bars_are_enough(bars, level):
    found = certificate_of(Rule, BARS.head(bars), level)
    assert found.passed, found.explanation
    assert found.cuts == bars - 1 or level == "sampled"


def test_the_same_seed_gives_the_same_certificate():
    assert certificate_of(Rule, BARS, "sampled", seed=5) == certificate_of(Rule, BARS, "sampled", seed=5)
    assert (
        certificate_of(Rule, BARS, "sampled", seed=5).cut_bars != certificate_of(Rule, BARS, "sampled", seed=6).cut_bars
    )


def test_decisions_that_come_from_elsewhere_are_told():
    class FromElsewhere(hc.BaseStrategy):
        def generate_signals(self, data):
            known = np.tile(np.array([[1], [2]], dtype=np.int8), (40, 2))
            return hc.Signals(side=known[: len(data)])

    found = certificate_of(FromElsewhere, BARS, "full")
    assert found.passed
    assert not found.reacted
    assert "reads from elsewhere" in found.explanation


def test_replays_print_nothing_and_warn_of_nothing(capsys):
    class Talks(hc.BaseStrategy):
        def generate_signals(self, data):
            print("here")
            if len(data) < 80:
                warnings.warn("few bars", stacklevel=1)
            return Rule().generate_signals(data)

    assert certificate_of(Talks, BARS, "full").passed
    assert capsys.readouterr().out == "here\n"


def test_what_the_run_left_in_the_strategy_is_not_there_in_a_replay():
    class Remembers(hc.BaseStrategy):
        def __init__(self, config=None, **parameters):
            super().__init__(config, **parameters)
            self.first = None

        def generate_signals(self, data):
            self.first = self.first or len(data)
            side = np.zeros(data.shape, dtype=np.int8)
            side[self.first - 1 :] = 1
            return hc.Signals(side=side)

    found = certificate_of(Remembers, BARS, "full")
    assert found.verdict is Verdict.LOOK_AHEAD  # each replay meets a fresh instance: its end is another one
    assert found.first_difference is not None
    assert found.first_difference.replays == (ReplayKind.TRUNCATED,)
    assert "only the missing bars" in found.explanation


def test_sums_over_fewer_rows_may_differ_in_their_last_bit():
    class LastBitByLength(hc.BaseStrategy):
        def generate_signals(self, data):
            weight = np.full(data.shape, 0.3 * (1 + 2e-16 * (len(data) % 3)))
            return hc.Signals.from_targets(weight)

    found = certificate_of(LastBitByLength, BARS, "full")
    assert found.passed
    assert found.rounded > 0
