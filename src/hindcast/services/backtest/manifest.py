"""The manifest: everything that a result depends on, and the id that is its hash."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np
from blake3 import blake3

from hindcast.domain.backtest import RunManifest
from hindcast.domain.backtest_config import BacktestConfig
from hindcast.domain.models import CustomModel
from hindcast.engine.bars import Bars
from hindcast.engine.metrics.benchmark import BenchmarkSeries
from hindcast.services.backtest.environment import environment
from hindcast.services.backtest.source_hash import engine_hash, strategy_hash


def make_manifest(
    *,
    strategy_class: type,
    strategy_type: str,
    parameters: Mapping[str, Any],
    bars: Bars,
    config: BacktestConfig,
    benchmark: BenchmarkSeries | None,
) -> RunManifest:
    """The manifest of a run; `id` hashes all but `environment`, and `proof` is no part of it."""
    inputs: dict[str, Any] = {
        "schema_version": 1,
        "data_hash": bars.fingerprint,
        "benchmark_hash": None if benchmark is None else benchmark_hash(benchmark),
        "strategy_type": strategy_type,
        "strategy_hash": class_hash(strategy_class),
        "parameters": dict(parameters),
        "config": config.model_dump(mode="json", exclude={"proof"}),
        "engine_version": engine_version(),
        "engine_hash": engine_hash(),
    }
    if custom := model_hashes(config):
        inputs["model_hashes"] = custom
    text = json.dumps(inputs, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return RunManifest(id=blake3(text.encode()).hexdigest(), environment=dict(environment()), **inputs)


@cache
def engine_version() -> str:
    """Version of the installed distribution."""
    try:
        return version("hindcast-engine")
    except PackageNotFoundError:
        return "0+source"


def benchmark_hash(benchmark: BenchmarkSeries) -> str:
    """BLAKE3 of a benchmark's symbol, stamps and values."""
    digest = blake3(benchmark.symbol.encode())
    digest.update(np.ascontiguousarray(benchmark.timestamps).view(np.uint8).data)
    digest.update(np.ascontiguousarray(benchmark.values).view(np.uint8).data)
    return digest.hexdigest()


def model_hashes(config: BacktestConfig) -> dict[str, str]:
    """Hashes of the sources of the user's own models, by the field of the configuration that they stand in."""
    return {name: class_hash(type(value)) for name, value in config if isinstance(value, CustomModel)}


@cache
def class_hash(strategy_class: type) -> str:
    """The hash of a strategy class's source, as it was when it was first asked for."""
    return strategy_hash(strategy_class)
