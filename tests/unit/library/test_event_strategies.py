"""Event-driven strategies through every door: class, instance, registered type, plug-in, stored."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.unit.cli.invoking import hindcast
from tests.unit.services.backtest.panels import some_bars

import hindcast as hc
from hindcast.domain.certificate import Verdict

BARS = some_bars(80)
FULL = hc.BacktestConfig(proof="full")

PLUGIN = '''"""A plug-in of the event lane."""

import hindcast as hc


class Pullback(hc.EventStrategy):
    """Buy below the price, with a stop-loss."""

    STRATEGY_TYPE = "pullback_of_this_test"

    class Config(hc.StrategyConfig):
        depth: float = hc.Field(0.01, gt=0)

    def on_bar(self, context):
        symbol = context.symbols[0]
        close = context.bars.close[symbol][-1]
        if not context.position(symbol).quantity and not context.orders:
            limit = close * (1 - self.config.depth)
            context.buy(symbol, weight=0.5, limit=limit, stop_loss=limit * 0.95)
'''


class Fades(hc.EventStrategy):
    """Sells a rise, buys a fall."""

    STRATEGY_TYPE = "fades_of_this_test"

    class Config(hc.StrategyConfig):
        move: float = hc.Field(0.01, gt=0)

    config: Config

    def on_bar(self, context: hc.Context) -> None:
        for symbol in context.symbols:
            close = context.bars.close[symbol]
            if context.index == 0:
                continue
            change = close[-1] / close[-2] - 1
            if change < -self.config.move and not context.position(symbol).quantity:
                context.buy(symbol, weight=0.4, time_in_force="DAY")
            elif change > self.config.move:
                context.close(symbol)


@pytest.fixture
def registered() -> Iterator[str]:
    hc.StrategyFactory.register("fades_of_this_test")(Fades)
    yield "fades_of_this_test"
    hc.StrategyFactory.remove("fades_of_this_test")


def test_class_instance_and_type_are_the_same_run(registered: str) -> None:
    by_class = hc.run_backtest(Fades, BARS, parameters={"move": 0.02})
    by_instance = hc.run_backtest(Fades(move=0.02), BARS)
    by_type = hc.run_backtest(registered, BARS, parameters={"move": 0.02})
    assert len(by_class.fills) > 3
    assert by_class.manifest.id == by_instance.manifest.id == by_type.manifest.id
    assert by_class.result.lane == by_class.history.lane == "event"
    for other in (by_instance, by_type):
        assert other.history.equity.tobytes() == by_class.history.equity.tobytes()
        assert other.history.commands.tobytes() == by_class.history.commands.tobytes()


def test_a_clean_strategy_passes_the_full_proof() -> None:
    certificate = hc.run_backtest(Fades, BARS, config=FULL).certificate
    assert certificate.verdict is Verdict.PASSED
    assert certificate.decision_bars > 10


class Memory(hc.EventStrategy):
    """Peeks at a copy of the closes that `initialize` kept, a number of bars ahead."""

    class Config(hc.StrategyConfig):
        ahead: int = 1

    config: Config

    def initialize(self, data: hc.Bars) -> None:
        self.closes = data.panel.close[:, 0]

    def on_bar(self, context: hc.Context) -> None:
        later = min(context.index + self.config.ahead, len(self.closes) - 1)
        if self.closes[later] > self.closes[context.index] * 1.02:
            context.buy("AAA", 1)


class Centred(hc.EventStrategy):
    """Compares with a mean whose window is centred."""

    def calculate_indicators(self, data: hc.Bars) -> dict[str, Any]:
        return {"mean": data.close.rolling(9, center=True).mean()}

    def on_bar(self, context: hc.Context) -> None:
        if context.bars.close[-1, "AAA"] < context.indicators["mean"][-1, "AAA"]:
            context.buy("AAA", 1, limit=context.bars.close[-1, "AAA"])


class LateStop(hc.EventStrategy):
    """Puts its stop where the lowest low will be."""

    def initialize(self, data: hc.Bars) -> None:
        self.low = data.panel.low[:, 0]

    def on_bar(self, context: hc.Context) -> None:
        if not context.position("AAA").quantity and not context.orders:
            context.buy("AAA", 1, stop_loss=float(np.nanmin(self.low[context.index :])) * 0.999)


@pytest.mark.parametrize("leak", [Memory, Centred, LateStop])
def test_a_look_ahead_is_caught(leak: type) -> None:
    assert hc.run_backtest(leak, BARS, config=FULL).certificate.verdict is Verdict.LOOK_AHEAD


def test_a_strategy_that_answers_otherwise_each_time_is_told() -> None:
    class Moody(hc.EventStrategy):
        def on_bar(self, context: hc.Context) -> None:
            context.buy("AAA", float(np.random.default_rng().random()))

    verdict = hc.run_backtest(Moody, BARS, config=FULL).certificate.verdict
    assert verdict is Verdict.NOT_REPRODUCIBLE


def test_what_it_keeps_between_bars_is_its_own_in_each_run() -> None:
    class Counting(hc.EventStrategy):
        def initialize(self, data: hc.Bars) -> None:
            self.calls = 0

        def on_bar(self, context: hc.Context) -> None:
            self.calls += 1
            if self.calls % 7 == 0:
                context.buy("AAA", 1)

    strategy = Counting()
    run = hc.run_backtest(strategy, BARS)
    assert run.certificate.verdict is Verdict.PASSED
    assert strategy.calls == len(BARS)
    assert run.verify().reproduced


def test_a_run_can_be_verified_and_reported(tmp_path: Path) -> None:
    run = hc.run_backtest(Fades, BARS)
    assert run.verify().reproduced
    assert run.to_html(tmp_path / "report.html").stat().st_size > 10_000
    assert set(run.orders["time_in_force"]) == {"DAY", "GTC"}


def test_a_strategy_that_fails_on_a_bar_names_itself_bar_and_line() -> None:
    class Broken(hc.EventStrategy):
        STRATEGY_TYPE = "broken_of_this_test"

        def on_bar(self, context: hc.Context) -> None:
            if context.index == 5:
                raise ValueError("enough")

    line = Broken.on_bar.__code__.co_firstlineno + 2
    with pytest.raises(hc.StrategyError) as caught:
        hc.run_backtest(Broken, BARS)
    assert str(caught.value) == (
        f"broken_of_this_test.on_bar: bar 5 (2020-01-06): ValueError: enough (test_event_strategies.py, line {line})"
    )


def test_a_plugin_runs_from_the_command_line_is_stored_and_verified(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "plugins"
    folder.mkdir()
    monkeypatch.setenv("HINDCAST_PLUGIN_DIR", str(folder))
    (folder / "pullback.py").write_text(PLUGIN, encoding="utf-8")
    answer = hindcast(
        "run", "pullback_of_this_test", "--symbols", "SPX", "--start", "2010-01-04", "--end", "2011-12-30",
        "--param", "depth=0.02", "--json", "-", "--quiet",
    )  # fmt: skip
    try:
        assert answer.code == 0, answer.err
        told = json.loads(answer.out)
        assert told["total_trades"] > 0
        assert told["lane"] == "event"
        again = hindcast("verify", told["backtest_id"])
        assert again.code == 0, again.err + again.out
    finally:
        hc.StrategyFactory.remove("pullback_of_this_test")
