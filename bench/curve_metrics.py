"""W5: 15 metrics of 1,000 equity curves of 2,520 daily returns, beside the metric libraries that are installed.

`python bench/curve_metrics.py [--rounds 9] [--record]`. Each peer computes what it has of these metrics; empyrical and
quantstats work curve by curve and are timed on a few curves, then scaled up. Prints ratios, then one JSON line.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
from _timing import arguments, installed, median_ms, report

from hindcast.engine.curves import analyze_curves

CURVES, PERIODS = 1_000, 2_520
SOME = 10  # curves that a peer without a batch form is timed on


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
    options = arguments(__doc__, rounds=9)
    warnings.simplefilter("ignore")
    rng = np.random.default_rng(7)
    returns = rng.normal(0.0004, 0.01, (CURVES, PERIODS))
    equity = np.cumprod(np.concatenate((np.ones((CURVES, 1)), 1.0 + returns), axis=1), axis=1) * 100.0

    figures = {
        f"hindcast, 15 metrics, {threads} thread{'s'[: threads - 1]}": median_ms(
            lambda threads=threads: analyze_curves(equity, periods_per_year=252, workers=threads), options.rounds
        )
        for threads in (2, 1)
    }
    peers = {name: installed(distribution) for name, (distribution, _, _) in PEERS.items()}
    for name, (_, prepare, scale) in PEERS.items():
        if peers[name]:
            said = name if scale == 1 else f"{name} ({SOME} curves, scaled up)"
            figures[said] = median_ms(prepare(returns), 1 if scale > 1 else options.rounds) * scale
    report("W5", figures, peers, record=options.record)


if __name__ == "__main__":
    main()
