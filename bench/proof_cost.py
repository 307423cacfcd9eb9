"""What the look-ahead proof costs: W1 with it off, sampled and full, and sampled on 500 symbols x 2,520 bars.

`python bench/proof_cost.py [--rounds 9] [--record]`. Whole runs of `hc.run_backtest`; the sampled proof may cost
as much again as the run without it.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable

from _timing import arguments, median_ms, report
from portfolio import panel

import hindcast as hc

PARAMETERS = {"short_window": 10, "long_window": 30}


def run(bars: hc.Bars, proof: str) -> Callable[[], hc.BacktestRun]:
    config = hc.BacktestConfig(commission=hc.Commission(rate=0.001), proof=proof)
    return lambda: hc.run_backtest("sma_crossover", bars, parameters=PARAMETERS, config=config)


def main() -> None:
    options = arguments(__doc__, rounds=9)
    warnings.simplefilter("ignore")
    daily, many = hc.load_bars("SPX", start="1999-01-04", end="2018-12-31"), panel()
    levels = {"W1": (daily, ("off", "sampled", "full")), "500 x 2,520": (many, ("off", "sampled"))}
    for name, (bars, proofs) in levels.items():
        figures = {}
        for proof in proofs:
            work = run(bars, proof)
            rounds = options.rounds if proof != "full" else max(options.rounds // 3, 1)
            figures[f"proof {proof}: {work().certificate.verdict}"] = median_ms(work, rounds)
        report(f"proof, {name}", figures, {}, record=options.record)


if __name__ == "__main__":
    main()
