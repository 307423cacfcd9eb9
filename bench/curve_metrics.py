"""W5: 15 metrics of 1,000 equity curves of 2,520 daily returns, beside the metric libraries that are installed.

`python bench/curve_metrics.py [--rounds 5]`. Each peer computes what it has of the same metrics; empyrical and
quantstats work curve by curve and are timed on a few curves, then scaled up. Prints ratios, then one JSON line.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
import warnings
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version

import numpy as np

from hindcast.engine.curves import analyze_curves

CURVES, PERIODS = 1_000, 2_520
SOME = 10  # curves that a peer without a batch form is timed on


def best(work: Callable[[], object], rounds: int) -> float:
    """Shortest wall time in milliseconds; the first, unmeasured call compiles and warms up."""
    work()
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times) * 1e3


def of_vectorbt(returns: np.ndarray) -> Callable[[], object]:
    import pandas as pd
    import vectorbt  # noqa: F401 - adds the accessor .vbt to frames

    frame = pd.DataFrame(returns.T, index=pd.bdate_range("2010-01-04", periods=PERIODS))

    def work() -> object:
        table = frame.vbt.returns(freq="1D", year_freq="252D")
        total, annual, volatility = table.total(), table.annualized(), table.annualized_volatility()
        ratios = table.sharpe_ratio(), table.sortino_ratio(), table.calmar_ratio(), table.omega_ratio()
        tails = table.tail_ratio(), table.value_at_risk(), table.cond_value_at_risk()
        shape = frame.skew(), frame.kurt()
        return total, annual, volatility, ratios, tails, shape, table.max_drawdown()

    return work


def of_empyrical(returns: np.ndarray) -> Callable[[], object]:
    import empyrical as ep

    names = ("cum_returns_final", "annual_return", "annual_volatility", "sharpe_ratio", "sortino_ratio", "max_drawdown")
    names += ("calmar_ratio", "omega_ratio", "value_at_risk", "conditional_value_at_risk", "tail_ratio")
    functions = [getattr(ep, name) for name in names]
    return lambda: [[function(curve) for function in functions] for curve in returns[:SOME]]


def of_quantstats(returns: np.ndarray) -> Callable[[], object]:
    import pandas as pd
    import quantstats.stats as qs

    names = ("comp", "cagr", "volatility", "sharpe", "sortino", "max_drawdown", "calmar", "omega", "value_at_risk")
    names += ("expected_shortfall", "tail_ratio", "skew", "kurtosis", "ulcer_index")
    functions = [getattr(qs, name) for name in names]
    index = pd.bdate_range("2010-01-04", periods=PERIODS)
    series = [pd.Series(curve, index) for curve in returns[:SOME]]
    return lambda: [[function(curve) for function in functions] for curve in series]


PEERS = {
    "vectorbt": ("vectorbt", of_vectorbt, 1),
    "empyrical": ("empyrical-reloaded", of_empyrical, CURVES // SOME),
    "quantstats": ("quantstats", of_quantstats, CURVES // SOME),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    warnings.simplefilter("ignore")
    rng = np.random.default_rng(7)
    returns = rng.normal(0.0004, 0.01, (CURVES, PERIODS))
    equity = np.cumprod(np.concatenate((np.ones((CURVES, 1)), 1.0 + returns), axis=1), axis=1) * 100.0

    figures = {
        f"hindcast_{threads}_threads_ms": best(
            lambda threads=threads: analyze_curves(equity, periods_per_year=252, workers=threads), rounds
        )
        for threads in (1, 2)
    }
    ours = figures["hindcast_2_threads_ms"]
    versions = {"python": platform.python_version(), "numpy": np.__version__, "numba": version("numba")}
    print(f"hindcast, 15 metrics: {figures['hindcast_1_threads_ms']:.1f} ms on 1 thread, {ours:.1f} ms on 2")
    for name, (distribution, prepare, scale) in PEERS.items():
        try:
            versions[name] = version(distribution)
        except PackageNotFoundError:
            print(f"{name}: not installed")
            continue
        work = prepare(returns)
        figures[f"{name}_ms"] = best(work, 1 if scale > 1 else rounds) * scale
        print(f"{name}: {figures[f'{name}_ms']:,.0f} ms, {figures[f'{name}_ms'] / ours:,.0f} x")
    machine = {"processor": platform.processor() or platform.machine(), "cores": os.cpu_count()}
    print(json.dumps({"workload": "W5", "figures": figures, "machine": machine, "versions": versions}))


if __name__ == "__main__":
    main()
