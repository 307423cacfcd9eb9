"""The look-ahead certificate at the Python door."""

from __future__ import annotations

import numpy as np
import pytest
from tests.unit.services.backtest.panels import some_bars

import hindcast as hc
from hindcast.domain.certificate import Verdict

BARS = some_bars(120)


class KnowsTomorrow(hc.BaseStrategy):
    def generate_signals(self, data):
        return hc.Signals.from_entries(
            (data.close.shift(-1) > data.close).to_numpy(), (data.close.shift(-1) < data.close).to_numpy()
        )


class KnowsTomorrowByEvents(hc.EventStrategy):
    def initialize(self, data):
        self.closes = data.panel.close

    def on_bar(self, context):
        if context.index + 1 < len(self.closes) and self.closes[context.index + 1, 0] > self.closes[context.index, 0]:
            context.buy("AAA", quantity=1)


class Steady(hc.EventStrategy):
    def on_bar(self, context):
        if context.index % 10 == 3:
            context.buy("AAA", quantity=1)
        elif context.index % 10 == 8:
            context.close("AAA")


def run(strategy=KnowsTomorrow, **config):
    return hc.run_backtest(strategy, BARS, config=hc.BacktestConfig(**config))


def test_a_run_is_proven_by_sampling_unless_asked_otherwise():
    found = hc.run_backtest("sma_crossover", BARS, parameters={"short_window": 3, "long_window": 10})
    assert found.certificate.level == "sampled"
    assert found.certificate.verdict == "passed"
    assert found.result.certificate is found.certificate
    assert not [note for note in found.notes if "ook-ahead" in note]


@pytest.mark.parametrize("strategy", [KnowsTomorrow, KnowsTomorrowByEvents])
@pytest.mark.parametrize("level", ["sampled", "full"])
def test_a_look_ahead_fails_nothing_but_is_told_first(strategy, level):
    found = run(strategy, proof=level)
    assert found.certificate.verdict is Verdict.LOOK_AHEAD
    assert found.metrics.total_return is not None
    assert found.notes[0] == f"Look-ahead proof: {found.certificate.explanation}"
    assert "LOOK AHEAD" in repr(found)


@pytest.mark.parametrize("level", ["sampled", "full"])
def test_a_clean_event_driven_strategy_passes(level):
    found = run(Steady, proof=level)
    assert found.certificate.passed, found.certificate.explanation
    assert found.certificate.decision_bars == 24


def test_off_certifies_nothing():
    found = run(proof="off")
    assert found.certificate.verdict is Verdict.NOT_RUN
    assert "LOOK" not in repr(found)
    assert found.notes == run(Steady, proof="off").notes


def test_the_proof_changes_neither_the_id_nor_the_result():
    found = {level: run(proof=level) for level in ("off", "sampled", "full")}
    assert len({each.manifest.id for each in found.values()}) == 1
    for each in found.values():
        assert np.array_equal(each.history.equity, found["off"].history.equity)
        assert each.history.orders.tobytes() == found["off"].history.orders.tobytes()


def test_the_seed_comes_from_the_manifest_so_the_same_run_has_the_same_certificate():
    first, second = run(Steady), run(Steady)
    assert first.certificate == second.certificate
    assert first.certificate.seed == int(first.manifest.id[:12], 16)
    assert run(Steady, initial_capital=5_000).certificate.seed != first.certificate.seed


def test_fills_at_the_close_that_was_decided_on_are_not_certified():
    found = run(Steady, fill_on="close")
    assert found.certificate.passed
    assert found.certificate.explanation.endswith("fills them at the very prices that they were made from.")


def test_an_instance_is_proven_as_it_was_before_its_run():
    class Counts(hc.BaseStrategy):
        def __init__(self, config=None, **parameters):
            super().__init__(config, **parameters)
            self.seen: list[int] = []

        def generate_signals(self, data):
            self.seen.append(len(data))
            side = np.zeros(data.shape, dtype=np.int8)
            side[len(self.seen) :: 10] = 1
            return hc.Signals(side=side)

    strategy = Counts()
    assert run(strategy).certificate.passed
    assert strategy.seen == [120]
