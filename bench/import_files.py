"""Import of 500 CSV files of 2,520 daily bars: read, held against every rule, published in one step, fsync included.

`python bench/import_files.py [--rounds 5] [--record]`. Each round starts with an empty store. The peers read the same
files, put them together, write one Parquet file, and check nothing: pandas and polars. Beside it, one CSV file of
1,000,000 minute bars, and the peak memory of that import in a process of its own, above what it holds after the same
work on few bars, in multiples of the panel's stamps and five columns.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from _timing import arguments, installed, median_ms, report

from hindcast.bootstrap import ServiceFactory
from hindcast.domain.market_data import SeriesTerms
from hindcast.infrastructure.files.rows.row_folders import read_source
from hindcast.infrastructure.files.rows.row_reader import RowOptions
from hindcast.settings import load_settings

SYMBOLS, BARS, MINUTES = 500, 2_520, 1_000_000
TERMS = SeriesTerms(currency="USD", calendar="XNYS")


def write_csv(file: Path, stamps: np.ndarray, deviation: float, seed: int) -> None:
    """A seeded random walk in whole cents."""
    import pyarrow as pa
    from pyarrow.csv import write_csv as write

    rng = np.random.default_rng(seed)
    close = np.round(100 * np.exp(np.cumsum(rng.normal(0, deviation, len(stamps)))), 2) + 1
    opened = np.round(close * np.exp(rng.normal(0, deviation / 3, len(stamps))), 2)
    columns = {
        "date": pa.array(np.char.add(stamps.astype(str), "Z" if stamps.dtype == np.dtype("M8[m]") else "")),
        "open": opened,
        "high": np.round(np.maximum(opened, close) + 0.25, 2),
        "low": np.round(np.minimum(opened, close) - 0.25, 2),
        "close": close,
        "volume": np.round(rng.lognormal(13, 1, len(stamps))).astype(np.int64),
    }
    write(pa.table(columns), file)


def fill(folder: Path) -> None:
    """The files: sessions of New York, and minutes around the clock."""
    calendars = ServiceFactory(load_settings({"home": folder / "unused"})).calendars
    schedule = calendars.schedule(
        "XNYS", datetime(2010, 1, 4, tzinfo=UTC).date(), datetime(2021, 1, 1, tzinfo=UTC).date()
    )
    days = schedule.sessions[:BARS].astype("M8[ns]").astype("M8[D]")
    (folder / "daily").mkdir()
    for number in range(SYMBOLS):
        write_csv(folder / "daily" / f"S{number:03d}.csv", days, 0.015, number)
    minutes = np.datetime64("2020-01-01T00:00", "m") + np.arange(MINUTES)
    write_csv(folder / "MINUTES.csv", minutes, 0.0005, SYMBOLS)
    write_csv(folder / "FEW.csv", minutes[:2_000], 0.0005, SYMBOLS)


def ours(source: Path, terms: SeriesTerms) -> object:
    with tempfile.TemporaryDirectory(dir=source.parent) as home:
        services = ServiceFactory(load_settings({"home": Path(home)}))
        rows = read_source(source, RowOptions())
        return services.importer.run(rows, provider="bench", interval=None, terms=terms)


def of_pandas(folder: Path) -> Callable[[], object]:
    import pandas as pd

    def work() -> None:
        frames = [
            pd.read_csv(file, parse_dates=["date"], engine="pyarrow").assign(symbol=file.stem)
            for file in sorted(folder.glob("*.csv"))
        ]
        pd.concat(frames).to_parquet(folder.parent / "pandas.parquet")

    return work


def of_polars(folder: Path) -> Callable[[], object]:
    import polars as pl

    def work() -> None:
        files = sorted(folder.glob("*.csv"))
        frames = [pl.read_csv(file, try_parse_dates=True).with_columns(symbol=pl.lit(file.stem)) for file in files]
        pl.concat(frames).write_parquet(folder.parent / "polars.parquet")

    return work


def peak_in_panels(folder: Path) -> float:
    """Peak memory of one import of the minute bars, in multiples of its panel."""
    code = (
        "import sys, threading, json; sys.path.insert(0, sys.argv[1])\n"
        "from pathlib import Path\n"
        "import import_files as bench\n"
        "def held(): return int(Path('/proc/self/statm').read_text().split()[1]) * 4096\n"
        "folder = Path(sys.argv[2]); bench.ours(folder / 'FEW.csv', bench.SeriesTerms())\n"
        "before = peak = held(); done = threading.Event()\n"
        "def watch():\n"
        "    global peak\n"
        "    while not done.wait(0.001): peak = max(peak, held())\n"
        "watcher = threading.Thread(target=watch, daemon=True); watcher.start()\n"
        "bench.ours(folder / 'MINUTES.csv', bench.SeriesTerms()); done.set(); watcher.join()\n"
        "print(json.dumps(peak - before))\n"
    )
    here = str(Path(__file__).parent)
    out = subprocess.run([sys.executable, "-c", code, here, str(folder)], check=True, capture_output=True, text=True)
    return float(json.loads(out.stdout)) / (MINUTES * 6 * 8)


def main() -> None:
    options = arguments(__doc__, rounds=5)
    peers = {name: installed(name) for name in ("pandas", "polars")}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fill(folder)
        daily, rounds = folder / "daily", options.rounds
        figures = {
            "hindcast, 500 files, checked and published": median_ms(lambda: ours(daily, TERMS), rounds),
            "of it: reading": median_ms(lambda: list(read_source(daily, RowOptions())), rounds),
            "pandas (pyarrow), read and write Parquet": median_ms(of_pandas(daily), rounds),
        }
        if peers["polars"]:
            figures["polars, read and write Parquet"] = median_ms(of_polars(daily), rounds)
        minutes = folder / "MINUTES.csv"
        figures["hindcast, 1,000,000 minute bars"] = median_ms(lambda: ours(minutes, SeriesTerms()), rounds)
        report("import", figures, peers, record=options.record)
        memory = {"peak of 1,000,000 minute bars": peak_in_panels(folder)}
        report("import memory", memory, {}, record=options.record, unit="panels")


if __name__ == "__main__":
    main()
