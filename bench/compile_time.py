"""The first run after an installation, in a new process whose cache of compiled code is empty; then the next one.

`python bench/compile_time.py [--rounds 1] [--record]`. Each process imports the library, loads bars and runs one
backtest whole; the clock holds the process. Afterwards come two that order with brackets in the event lane, which needs
a little that the first did not. The shortest of several rounds, as whatever else runs only makes it longer.
"""

from __future__ import annotations

import math
import os
import subprocess
import sys
import tempfile
import textwrap
import time

from _timing import arguments, report

START = """
    import hindcast as hc
    bars = hc.load_bars("SPX", start="1999-01-04", end="2018-12-31")
"""
FIRST_RUN = (
    START
    + """
    hc.run_backtest("sma_crossover", bars).metrics
"""
)
EVENTS = (
    START
    + """
    class Dip(hc.EventStrategy):
        def on_bar(self, context):
            close = context.bars.close[-1]
            if context.position("SPX").quantity == 0:
                context.buy("SPX", limit=close * 0.99, stop_loss=close * 0.95, take_profit=close * 1.05)
    hc.run_backtest(Dip, bars).metrics
"""
)
STEPS = {
    "first run, nothing compiled": FIRST_RUN,
    "second process": FIRST_RUN,
    "first run of the event lane, after it": EVENTS,
    "second process in the event lane": EVENTS,
}


def seconds(script: str, environment: dict[str, str]) -> float:
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", textwrap.dedent(script)],
        check=True,
        env=environment,
        capture_output=True,
    )
    return time.perf_counter() - start


def main() -> None:
    options = arguments(__doc__, rounds=1)
    figures: dict[str, float] = {}
    for _ in range(options.rounds):
        with tempfile.TemporaryDirectory() as cache:
            environment = os.environ | {"NUMBA_CACHE_DIR": cache}
            environment.pop("PYTHONDONTWRITEBYTECODE", None)
            for name, script in STEPS.items():
                figures[name] = min(figures.get(name, math.inf), seconds(script, environment) * 1e3)
    report("compiling", figures, {}, record=options.record)


if __name__ == "__main__":
    main()
