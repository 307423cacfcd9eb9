from __future__ import annotations

import time
from itertools import count
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import pytest
from pydantic import Field, model_validator
from tests.unit.services.strategy.plugins import write_plugin
from tests.unit.services.strategy_check.checking import check, only, the_sample

import hindcast as hc
from hindcast.domain.certificate import Verdict
from hindcast.engine.indicators import sma
from hindcast.services.strategy_check import run_findings, sample_run
from hindcast.services.strategy_check.check import check_class
from hindcast.strategies.builtin import BUILTIN_STRATEGIES
from hindcast.strategies.factory import StrategyFactory
from hindcast.strategies.plugin_loader import StrategyPluginLoader


@pytest.mark.parametrize("strategy_type", sorted(BUILTIN_STRATEGIES))
def test_built_in_strategies_have_nothing_to_tell(strategy_type: str) -> None:
    report = check(StrategyFactory.get(strategy_type))
    assert report.findings == ()
    assert (report.valid, report.verdict, report.bars, report.symbols) == (True, Verdict.PASSED, 300, ("SPX",))
    assert report.decision_bars > 0
    assert report.seconds is not None


class Averaged(hc.BaseStrategy):
    """Buys above an average."""

    class Config(hc.StrategyConfig):
        window: int = Field(10, ge=2, le=500)
        share: float = Field(1.0, gt=0, le=1)
        kind: str = "mean"

        @model_validator(mode="after")
        def _fits(self) -> Self:
            if self.kind == "median" and self.window > 100:
                raise ValueError(f"a median of window {self.window}: at most 100")
            return self

    config: Config

    @property
    def warm_up(self) -> int:
        return self.config.window

    def generate_signals(self, data: hc.Bars) -> Any:
        close = data.panel.close
        mean = sma(close, self.config.window)
        return hc.Signals.from_entries(buy=close > mean, sell=close < mean)


def test_every_wrong_parameter_is_a_finding_with_field_and_remedy() -> None:
    report = check(Averaged, windw=3, share=2.0, kind=5, other=1)
    assert not report.valid
    assert {(found.field, found.code) for found in report.findings} == {
        ("parameters.windw", "unknown_parameter"),
        ("parameters.other", "unknown_parameter"),
        ("parameters.share", "out_of_bounds"),
        ("parameters.kind", "wrong_type"),
    }
    assert "Did you mean 'window'?" in next(each.message for each in report.findings if "windw" in each.field)
    assert "share = 2.0" in only(report, "out_of_bounds").message
    assert all(found.remedy and found.severity == "error" for found in report.findings)
    assert (report.bars, report.verdict) == (0, Verdict.NOT_RUN)


def test_parameters_that_contradict_each_other_are_told() -> None:
    found = only(check(Averaged, kind="median", window=200), "parameters_contradict")
    assert (found.field, found.message) == ("parameters", "a median of window 200: at most 100")


class ByName(hc.BaseStrategy):
    def __init__(self, window: int, share: float = 1.0) -> None:
        super().__init__({"window": window})
        self.window = window

    def generate_signals(self, data: hc.Bars) -> Any:
        return hc.Signals.hold(data.shape)


def test_parameters_by_name_are_checked_too() -> None:
    report = check(ByName, windw=3)
    assert [(found.field, found.code) for found in report.findings] == [
        ("parameters.windw", "unknown_parameter"),
        ("parameters.window", "missing_parameter"),
    ]
    assert [found.code for found in check(ByName, window=3).findings] == ["no_decision"]


class Picky(Averaged):
    def validate_parameters(self) -> None:
        if self.config.window % 2:
            raise ValueError(f"window {self.config.window} is odd")


def test_the_strategys_own_check_is_a_finding() -> None:
    found = only(check(Picky, window=11), "parameters_refused")
    assert found.field == "parameters"
    assert "window 11 is odd" in found.message


class Unbuildable(Averaged):
    def initialize(self, data: hc.Bars) -> None:
        raise AssertionError

    def __init__(self, config: Any) -> None:
        raise OSError("no such file: prices.db")


def test_what_cannot_be_built_is_told() -> None:
    found = only(check(Unbuildable), "cannot_be_built")
    assert (found.field, found.severity) == ("code", "error")
    assert "no such file: prices.db" in found.message


def test_a_failure_names_the_line_of_the_strategys_own_code(tmp_path: Path) -> None:
    file = write_plugin(tmp_path, "breaks", generate="closes = data.panel.close\nreturn closes.no_such_thing()")
    loader = StrategyPluginLoader(tmp_path, entry_points=False)
    try:
        strategy_class = loader.load_plugin(file)["breaks"]
        found = only(check_class(strategy_class, "breaks", {}, the_sample()), "strategy_failed")
    finally:
        loader.unload()
    line = 1 + file.read_text().splitlines().index("        return closes.no_such_thing()")
    assert f"(breaks.py, line {line})" in found.message
    assert "the line is: return closes.no_such_thing()" in found.message
    assert "AttributeError" in found.message


class Peeks(Averaged):
    def generate_signals(self, data: hc.Bars) -> Any:
        close = data.close
        return hc.Signals.from_entries(buy=close.shift(-1) > close, sell=close.shift(-1) < close)


def test_a_look_ahead_is_told_in_the_certificates_words() -> None:
    report = check(Peeks)
    found = only(report, "look_ahead")
    assert (report.valid, report.verdict, found.message) == (False, Verdict.LOOK_AHEAD, report.explanation)
    assert "changed when the bars after bar" in found.message


class SeededByTheClock(Averaged):
    """Each instance decides otherwise, and repeats itself."""

    numbers: ClassVar[count[int]] = count()

    def __init__(self, config: Any = None, **parameters: Any) -> None:
        super().__init__(config, **parameters)
        self.seed = next(self.numbers)

    def generate_signals(self, data: hc.Bars) -> Any:
        draws = np.array([[(bar * 7919 + self.seed * 104_729) % 11 for bar in range(len(data))]]).T
        return hc.Signals.from_entries(buy=draws > 8, sell=draws < 2)


class Draws(Averaged):
    """Each call decides otherwise."""

    draws: ClassVar[np.random.Generator] = np.random.default_rng(1)

    def generate_signals(self, data: hc.Bars) -> Any:
        return hc.Signals.from_entries(buy=self.draws.random(data.shape) > 0.5, sell=np.zeros(data.shape, dtype=bool))


@pytest.mark.parametrize("strategy_class", [SeededByTheClock, Draws])
def test_two_runs_that_differ_are_told_once(strategy_class: type) -> None:
    found = only(check(strategy_class), "not_reproducible")
    assert found.severity == "error"


class Shy(Averaged):
    least = 200

    def generate_signals(self, data: hc.Bars) -> Any:
        if len(data) < self.least:
            raise RuntimeError("too few bars for me")
        return super().generate_signals(data)


class Shyer(Shy):
    least = 300


@pytest.mark.parametrize(
    ("strategy_class", "code", "severity"),
    [(Shy, "raises_on_altered_bars", "info"), (Shyer, "failed_on_replay", "warning")],
)
def test_a_strategy_that_fails_on_few_bars_is_told(strategy_class: type, code: str, severity: str) -> None:
    report = check(strategy_class)
    found = only(report, code)
    assert (report.valid, found.severity) == (True, severity)
    assert "too few bars for me" in found.message


def test_a_warm_up_beyond_the_sample_is_told() -> None:
    report = check(Averaged, window=400)
    found = only(report, "warm_up_longer_than_sample")
    assert (report.valid, report.decision_bars) == (True, 0)
    assert "400 bars, the sample has 300" in found.message
    assert [each.code for each in report.findings] == ["warm_up_longer_than_sample"]


class Newest(Averaged):
    def generate_signals(self, data: hc.Bars) -> Any:
        buy = np.zeros(data.shape, dtype=bool)
        buy[-1] = True
        return hc.Signals.from_entries(buy=buy, sell=~buy & False)


def test_a_decision_on_the_last_bar_alone_is_told() -> None:
    report = check(Newest)
    assert "last of 300 bars" in only(report, "decides_on_last_bar_only").message
    assert not report.valid, "the last bar moves when the bars are cut: that is a look-ahead too"


class Gaps(Averaged):
    def generate_signals(self, data: hc.Bars) -> Any:
        weights = np.full(data.shape, 0.5)
        weights[100:140] = np.nan
        return hc.Signals.from_targets(weights)


def test_missing_targets_are_told() -> None:
    found = only(check(Gaps, window=20), "targets_missing")
    assert (found.severity, "on 40 of 280 bars" in found.message) == ("info", True)


class Empty(Averaged):
    def calculate_indicators(self, data: hc.Bars) -> Any:
        nothing = np.full(data.shape, np.nan)
        return {"nothing": nothing, "something": data.panel.close}


def test_an_indicator_that_never_has_a_value_is_told() -> None:
    found = only(check(Empty), "indicator_without_values")
    assert "'nothing' is NaN on all 300 bars" in found.message


class Spread(Averaged):
    def generate_signals(self, data: hc.Bars) -> Any:
        close = data.panel.close
        ahead = close[:, [0]] > close[:, [1]]
        return hc.Signals.from_entries(buy=np.hstack([ahead, ~ahead, ahead]), sell=np.hstack([~ahead, ahead, ~ahead]))


class Ranked(Averaged):
    def generate_signals(self, data: hc.Bars) -> Any:
        close = data.panel.close
        best = close.argmax(axis=1)[:, None] == np.arange(close.shape[1])
        several = np.full(best.shape, close.shape[1] > 1)
        return hc.Signals.from_entries(buy=best & several, sell=~best & several)


@pytest.mark.parametrize("strategy_class", [Spread, Ranked])
def test_a_strategy_of_several_symbols_gets_three_companies(strategy_class: type) -> None:
    report = check(strategy_class)
    assert report.symbols == ("AAPL", "KO", "XOM")
    assert report.decision_bars > 0
    assert only(report, "several_symbols").severity == "info"


class Slow(Averaged):
    calls: ClassVar[count[int]] = count()

    def generate_signals(self, data: hc.Bars) -> Any:
        time.sleep(0.08 if next(self.calls) < 4 else 0.0)  # the run, and those that are timed
        return super().generate_signals(data)


def test_a_slow_strategy_is_told_for_twenty_years_and_proven_at_some_places(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sample_run, "FULL_PROOF_SECONDS", 1.0)
    monkeypatch.setattr(run_findings, "SLOW_SECONDS", 1.0)
    report = check(Slow)
    assert "5,000 bars would take about" in only(report, "slow").message
    assert only(report, "proof_sampled").severity == "info"


class Short(hc.EventStrategy):
    STRATEGY_TYPE = "short"

    def on_bar(self, context: hc.Context) -> None:
        if context.index % 10 == 5:
            context.sell("SPX", quantity=1)


def test_orders_that_are_rejected_are_told() -> None:
    found = only(check(Short), "orders_rejected")
    assert "'no_short'" in found.message


class Tidy(hc.EventStrategy):
    STRATEGY_TYPE = "tidy"

    def on_bar(self, context: hc.Context) -> None:
        if context.index == 50:
            context.buy(context.bars.symbols[0], weight=0.5, tag="in")
        if context.index == 200:
            context.close(context.bars.symbols[0])


def test_an_event_driven_strategy_is_checked_bar_by_bar() -> None:
    report = check(Tidy)
    assert (report.valid, report.findings, report.decision_bars) == (True, (), 2)
    assert report.verdict is Verdict.PASSED
