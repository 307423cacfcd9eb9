from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.unit.services.backtest.panels import some_bars

import hindcast as hc
from hindcast.engine.metrics.benchmark import BenchmarkSeries
from hindcast.services.backtest.manifest import make_manifest
from hindcast.strategies.builtin.momentum import Momentum
from hindcast.strategies.builtin.sma_crossover import SmaCrossover

BARS = some_bars()
BENCHMARK = BenchmarkSeries(symbol="AAA", timestamps=BARS.timestamps, values=BARS.panel.close[:, 0].copy())


class Fixed(hc.SlippageModel):
    """A spread as a user writes one."""

    money: float = 0.01

    def price(self, price: float, side: int, quantity: float, volume: float) -> float:
        return price + side * self.money


def manifest_of(**changes: Any) -> Any:
    given: dict[str, Any] = {
        "strategy_class": SmaCrossover,
        "strategy_type": "sma_crossover",
        "parameters": {"short_window": 10, "long_window": 30},
        "bars": BARS,
        "config": hc.BacktestConfig(),
        "benchmark": None,
    }
    return make_manifest(**(given | changes))


def bars_with_one_bit_flipped(field: str, bar: int) -> hc.Bars:
    panel = BARS.panel
    arrays = {name: getattr(panel, name).copy() for name in ("open", "high", "low", "close", "volume")}
    arrays[field].view(np.uint8)[bar, 0] ^= 1
    return hc.Bars.from_numpy(BARS.timestamps, BARS.symbols, **arrays)


@pytest.mark.parametrize(
    "changes",
    [
        {"parameters": {"short_window": 11, "long_window": 30}},
        {"parameters": {"short_window": 10, "long_window": 30, "more": None}},
        {"strategy_class": Momentum},
        {"strategy_type": "other"},
        {"config": hc.BacktestConfig(initial_capital=100_000.000_000_1)},
        {"config": hc.BacktestConfig(sizing=hc.FixedCash(1000))},
        {"config": hc.BacktestConfig(slippage=hc.Slippage(bps=1))},
        {"config": hc.BacktestConfig(slippage=hc.HalfSpreadSlippage(0.0))},
        {"config": hc.BacktestConfig(slippage=Fixed())},
        {"benchmark": BENCHMARK},
        {"bars": BARS.head(59)},
        {"bars": BARS.select(["BBB", "AAA"])},
        {"bars": bars_with_one_bit_flipped("close", 0)},
        {"bars": bars_with_one_bit_flipped("volume", 59)},
    ],
)
def test_whatever_the_result_depends_on_changes_the_id(changes: dict[str, Any]) -> None:
    assert manifest_of(**changes).id != manifest_of().id


def test_one_bit_of_the_benchmark_changes_the_id() -> None:
    values = BENCHMARK.values.copy()
    values.view(np.uint8)[7] ^= 1
    other = BenchmarkSeries(symbol="AAA", timestamps=BENCHMARK.timestamps, values=values)
    renamed = BenchmarkSeries(symbol="AAB", timestamps=BENCHMARK.timestamps, values=BENCHMARK.values)
    ids = {manifest_of(benchmark=series).id for series in (BENCHMARK, other, renamed)}
    assert len(ids) == 3


@pytest.mark.parametrize(
    "changes",
    [
        {"parameters": {"long_window": 30, "short_window": 10}},
        {"config": hc.BacktestConfig(proof="full")},
        {"config": hc.BacktestConfig(initial_capital=100_000)},
        {"config": hc.BacktestConfig(**dict(reversed(hc.BacktestConfig().model_dump().items())))},
        {"bars": some_bars()},
    ],
)
def test_what_the_result_does_not_depend_on_leaves_the_id(changes: dict[str, Any]) -> None:
    assert manifest_of(**changes).id == manifest_of().id


def test_the_manifest_names_what_it_hashes_and_what_ran_it() -> None:
    manifest = manifest_of()
    assert manifest.data_hash == BARS.fingerprint
    assert manifest.config["commission"] == hc.Commission().model_dump()
    assert "proof" not in manifest.config
    assert {"python", "platform", "numpy", "numba"} <= set(manifest.environment)
    assert len(manifest.id) == 64
    assert type(manifest).model_validate_json(manifest.model_dump_json()) == manifest


def test_the_parameters_of_a_custom_model_change_the_id() -> None:
    ids = {manifest_of(config=hc.BacktestConfig(slippage=Fixed(money=money))).id for money in (0.01, 0.02)}
    assert len(ids) == 2


def test_the_source_of_a_custom_model_changes_the_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    head = "import hindcast as hc\nclass Flat(hc.CommissionModel):\n    def commission(self, quantity, notional):\n"
    found = []
    for folder, due in (("one", "1.0"), ("two", "2.0"), ("copy", "1.0")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "flat_costs.py").write_text(f"{head}        return {due}\n")
        monkeypatch.delitem(sys.modules, "flat_costs", raising=False)
        with monkeypatch.context() as path:
            path.syspath_prepend(tmp_path / folder)
            commission = {"kind": "custom", "class": "flat_costs:Flat"}
            found.append(manifest_of(config=hc.BacktestConfig(commission=commission)))
    monkeypatch.delitem(sys.modules, "flat_costs")
    one, two, copy = found
    assert one.config == two.config
    assert one.model_hashes.keys() == {"commission"}
    assert one.id != two.id
    assert one.id == copy.id


def test_what_is_built_in_adds_no_hash() -> None:
    assert manifest_of(config=hc.BacktestConfig(sizing=hc.Kelly())).model_hashes == {}
