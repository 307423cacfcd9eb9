"""W1 as a new process, caches warm: `hindcast run` from the shell to the last line; and `import hindcast`.

`python bench/new_process.py [--rounds 7] [--record]`. Peers run the same rule as a script of their own.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Sequence
from pathlib import Path

from _timing import arguments, installed, median_ms, report

RUN = ["-m", "hindcast", "run", "sma_crossover", "--symbols", "SPX", "--start", "1999-01-04", "--end", "2018-12-31"]
RUN += ["--param", "short_window=10", "--param", "long_window=30", "--commission-bps", "10"]

BACKTESTING = """
    import numpy as np, pandas as pd, sys, warnings
    warnings.simplefilter("ignore")
    from backtesting import Backtest, Strategy
    def mean(v, n):
        out = np.full(len(v), np.nan); out[n - 1:] = np.convolve(v, np.ones(n) / n, "valid"); return out
    class Crossover(Strategy):
        def init(self):
            self.fast = self.I(mean, self.data.Close, 10); self.slow = self.I(mean, self.data.Close, 30)
        def next(self):
            if self.fast[-1] > self.slow[-1] and self.fast[-2] <= self.slow[-2]: self.buy()
            elif self.fast[-1] < self.slow[-1] and self.fast[-2] >= self.slow[-2]: self.position.close()
    print(Backtest(pd.read_parquet(sys.argv[1]), Crossover, cash=1e7, commission=.001, finalize_trades=True).run())
"""

VECTORBT = """
    import pandas as pd, sys, warnings
    warnings.simplefilter("ignore")
    import vectorbt as vbt
    frame = pd.read_parquet(sys.argv[1])
    fast, slow = vbt.MA.run(frame["Close"], 10), vbt.MA.run(frame["Close"], 30)
    entries = fast.ma_crossed_above(slow).vbt.signals.fshift(1)
    exits = fast.ma_crossed_below(slow).vbt.signals.fshift(1)
    print(vbt.Portfolio.from_signals(frame["Close"], entries, exits, price=frame["Open"], fees=.001, freq="1D").stats())
"""

PEERS = {"vectorbt": VECTORBT, "backtesting": BACKTESTING}


def process(command: Sequence[str], environment: dict[str, str]) -> None:
    subprocess.run([sys.executable, *command], check=True, capture_output=True, env=environment)


def main() -> None:
    options = arguments(__doc__, rounds=7)
    peers = {name: installed(name) for name in PEERS}
    with tempfile.TemporaryDirectory() as room:
        environment = os.environ | {"HINDCAST_HOME": str(Path(room) / "home")}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        figures = {
            "hindcast run": median_ms(lambda: process(RUN, environment), options.rounds),
            "hindcast run --quiet --json -": median_ms(
                lambda: process([*RUN, "--quiet", "--json", "-"], environment), options.rounds
            ),
            "import hindcast": median_ms(lambda: process(["-c", "import hindcast"], environment), options.rounds),
            "python -c pass": median_ms(lambda: process(["-c", "pass"], environment), options.rounds),
        }
        if any(peers.values()):
            import hindcast as hc

            bars = hc.load_bars("SPX", start="1999-01-04", end="2018-12-31")
            names = ("open", "high", "low", "close", "volume")
            frame = bars.open.rename(columns={"SPX": "Open"}).tz_localize(None)
            for name in names[1:]:
                frame[name.title()] = getattr(bars, name)["SPX"].to_numpy()
            frame.to_parquet(Path(room) / "spx.parquet")
        for name, found in peers.items():
            if found:
                command = ["-c", textwrap.dedent(PEERS[name]), str(Path(room) / "spx.parquet")]
                figures[name] = median_ms(lambda command=command: process(command, environment), options.rounds)
    report("W1 new process", figures, peers, record=options.record)


if __name__ == "__main__":
    main()
