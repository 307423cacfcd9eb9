"""Many stored backtests at once: six pairs of averages side by side, and one request that can't be.

python examples/09_parallel_backtests.py
"""

from __future__ import annotations

import os
import tempfile
from datetime import date

import hindcast as hc


def main() -> None:
    """Run the requests, and read the results from the store as any other program would."""
    requests = [
        hc.BacktestRequest(
            strategy_type="sma_crossover",
            parameters={"short_window": short, "long_window": long},
            symbols=("SPX",),
            start_date=date(2009, 1, 2),
            benchmark_symbol="SPX",
            name=f"{short} over {long}",
        )
        for short in (10, 20, 50)
        for long in (100, 200)
    ]
    requests.append(hc.BacktestRequest(strategy_type="sma_crossover", symbols=("SPZ",), name="no such symbol"))

    outcomes = hc.ParallelBacktestExecutor(max_workers=2).execute_parallel(requests)
    for outcome in outcomes:  # in the order of the requests, whichever ended first
        if outcome.result is None:
            print(f"{outcome.request.name}: {type(outcome.error).__name__}: {outcome.error}")
        else:
            found = outcome.result
            print(f"{found.name:>12}: return {found.performance.total_return:.2%}, {found.total_trades} trades")

    print(f"{len(hc.open_results().list())} results are stored")


# Processes of a pool import this file: what starts them must not run there.
if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.environ["HINDCAST_HOME"] = folder  # what this example stores goes with it
        main()
