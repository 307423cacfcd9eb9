"""Bars of your own: into the store, out again, restated, and a result that still finds what it saw.

python examples/08_own_data.py
"""

from __future__ import annotations

import os
import tempfile

import pandas as pd

import hindcast as hc

with tempfile.TemporaryDirectory() as folder:
    os.environ["HINDCAST_HOME"] = folder  # what this example stores goes with it

    # A frame, as a file or a vendor's library would give it. Here it is made from the sample data.
    sample = hc.load_bars("SPX", start="2015-01-02", end="2018-12-31")
    columns = {name: getattr(sample, name)["SPX"] for name in ("open", "high", "low", "close", "volume")}
    frame = pd.DataFrame(columns)
    report = hc.import_bars(frame, provider="mine", symbol="SPX", calendar="XNYS", currency="USD", kind="index")
    print(report)

    bars = hc.load_bars("SPX", provider="mine")
    run = hc.run_backtest("sma_crossover", bars)
    print(f"\nSharpe ratio {run.metrics.sharpe_ratio:.3f} on {run.result.data_versions[0][:20]}…")

    # The source corrects a close: a new version, which says what it restated. The old one stays.
    frame.iloc[100, frame.columns.get_loc("close")] = frame.iloc[100][["open", "close"]].mean()
    hc.import_bars(frame, provider="mine", symbol="SPX", calendar="XNYS", currency="USD", kind="index")
    newest, first = hc.open_data().versions("mine")
    print(f"version {newest.id[:12]} restated {', '.join(newest.restated)}; version {first.id[:12]} is still there")
    again = hc.load_bars("SPX", provider="mine", version=first.id)
    print("the bars that the run saw:", again.fingerprint == bars.fingerprint)

    # Longer bars, there only when they are complete.
    weeks = hc.resample(bars, "1w", calendar="XNYS")
    print(f"{len(bars)} days are {len(weeks)} weeks; the first ends on {weeks.index[0]:%A %Y-%m-%d}")

    print(
        hc.open_data().query("SELECT symbol, count(*) AS bars, min(low) AS low, max(high) AS high FROM bars GROUP BY 1")
    )
