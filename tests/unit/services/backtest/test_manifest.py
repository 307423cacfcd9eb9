from __future__ import annotations

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
