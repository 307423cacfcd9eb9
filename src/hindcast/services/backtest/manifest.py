"""The manifest: everything that a result depends on, and the id that is its hash."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

import numpy as np
from blake3 import blake3

from hindcast.domain.backtest import RunManifest
from hindcast.domain.backtest_config import BacktestConfig
from hindcast.engine.bars import Bars
from hindcast.engine.metrics.benchmark import BenchmarkSeries
from hindcast.services.backtest.source_hash import engine_hash, strategy_hash

PACKAGES: Final = ("numpy", "numba", "ta-lib", "duckdb", "pyarrow", "pydantic", "pandas")


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
        "strategy_hash": _strategy_hash(strategy_class),
        "parameters": dict(parameters),
        "config": config.model_dump(mode="json", exclude={"proof"}),
        "engine_version": engine_version(),
        "engine_hash": engine_hash(),
    }
    text = json.dumps(inputs, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return RunManifest(id=blake3(text.encode()).hexdigest(), environment=dict(_environment()), **inputs)


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


@cache
def _strategy_hash(strategy_class: type) -> str:
    return strategy_hash(strategy_class)


@cache
def _environment() -> dict[str, str]:
    found = {"python": platform.python_version(), "platform": platform.platform()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
