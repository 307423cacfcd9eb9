"""W6: 500 symbols x 2,520 daily bars from the store to a ready panel, with and without the ready-made columns, warm;
and one symbol of 1,000,000 minute bars.

`python bench/store_to_panel.py [--rounds 9] [--record]`. Ours holds every file against its hash, checks every bar, and
hashes the panel; the peers read one long Parquet file of the same rows, turn it into five panels, and compute sma_10,
sma_30, sma_50, the daily return and the 20-day deviations. pandas pivots once; rows of polars and DuckDB are reshaped,
which is only right for a panel without gaps, because their pivots take several times as long. Peak memory is of a
process of its own, above what it holds after the same work on few bars, in multiples of the panel's five columns.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

import numpy as np
from _timing import arguments, installed, median_ms, report

from hindcast.domain.market_data import DateRange, SeriesTerms
from hindcast.engine.bars import Bars
from hindcast.infrastructure.duckdb.features import DuckDbFeatureStore
from hindcast.infrastructure.files.store.bar_store import FileBarStore
from hindcast.services.market_data.data_processor import FEATURES, DataProcessor
from hindcast.services.market_data.ready_made import FeaturesBySize
from hindcast.services.ports import CleanSeries

SYMBOLS, BARS, MINUTES = 500, 2_520, 1_000_000
FIELDS: Final = ("open", "high", "low", "close", "volume")
DAILY, INTRADAY = ("bench", "1d"), ("bench", "1min")
WINDOWS: Final = {"sma_10": 10, "sma_30": 30, "sma_50": 50}
PEERS: Final = ("pandas", "polars", "duckdb")
Work = Callable[[Path], object]


def walk(symbol: str, stamps: np.ndarray, deviation: float, seed: int) -> CleanSeries:
    """A seeded random walk in whole cents, with gaps between close and open."""
    rng = np.random.default_rng(seed)
    bars = len(stamps)
    close = np.round(100.0 * np.exp(np.cumsum(rng.normal(0.0, deviation, bars))), 2) + 1
    open_ = np.round(close * np.exp(rng.normal(0.0, deviation / 3, bars)), 2)
    return CleanSeries(
        symbol=symbol,
        terms=SeriesTerms(currency="USD"),
        timestamps=stamps.astype("M8[ns]").astype(np.int64),
        open=open_,
        high=np.maximum(open_, close) + 0.25,
        low=np.minimum(open_, close) - 0.25,
        close=close,
        volume=np.round(rng.lognormal(13.0, 1.0, bars)),
        covered=(DateRange(first=date(2010, 1, 1), last=date(2030, 1, 1)),),
    )


def fill(home: Path, symbols: int = SYMBOLS, bars: int = BARS, minute_bars: int = MINUTES) -> None:
    """The store, and the peers' long files."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    days = np.arange("2010-01-01", "2035-01-01", dtype="M8[D]")
    days = days[np.is_busday(days)][:bars]
    minutes = np.datetime64("2020-01-01T00:00", "m") + np.arange(minute_bars)
    daily = [walk(f"S{number:03d}", days, 0.015, number) for number in range(symbols)]
    intraday = [walk("M", minutes, 0.0005, SYMBOLS)]
    home.mkdir(parents=True)
    np.save(home / "shape.npy", np.array([symbols, bars]))
    store = FileBarStore(home)
    for (provider, interval), series in ((DAILY, daily), (INTRADAY, intraday)):
        store.publish(provider, interval, series, reason="bench", known_at=datetime(2024, 1, 1, tzinfo=UTC))
        stamps = np.concatenate([each.timestamps for each in series]).view("M8[ns]")
        names = np.repeat([each.symbol for each in series], [len(each.timestamps) for each in series])
        numbers = {name: np.concatenate([getattr(each, name) for each in series]) for name in FIELDS}
        pq.write_table(pa.table({"symbol": names, "timestamp": stamps, **numbers}), home / f"{interval}.parquet")


def ours(home: Path) -> Bars:
    store = FileBarStore(home)
    names = tuple(store.series(*DAILY))
    return DataProcessor(FeaturesBySize(DuckDbFeatureStore())).process(store.read(*DAILY, names), names).bars


def ours_read(home: Path) -> object:
    store = FileBarStore(home)
    return store.read(*DAILY, tuple(store.series(*DAILY)))


def ours_with_features(home: Path) -> object:
    store = FileBarStore(home)
    names = tuple(store.series(*DAILY))
    ready = DataProcessor(FeaturesBySize(DuckDbFeatureStore())).process(store.read(*DAILY, names), names)
    return ready.bars, [ready.features[name] for name in FEATURES]


def ours_minutes(home: Path) -> object:
    table = FileBarStore(home).read(*INTRADAY, ["M"])
    return DataProcessor(FeaturesBySize(DuckDbFeatureStore())).process(table, ["M"]).bars


def ours_minutes_read(home: Path) -> object:
    return FileBarStore(home).read(*INTRADAY, ["M"])


def pandas_panel(home: Path) -> object:
    import pandas as pd

    long = pd.read_parquet(home / "1d.parquet")
    return long.set_index(["timestamp", "symbol"]).unstack()


def pandas_with_features(home: Path) -> object:
    import pandas as pd

    panel = pd.read_parquet(home / "1d.parquet").set_index(["timestamp", "symbol"]).unstack()
    close = panel["close"]
    returns = close / close.shift(1) - 1
    columns = {name: close.rolling(window).mean() for name, window in WINDOWS.items()}
    return panel, columns, returns, close.rolling(20).std(), returns.rolling(20).std()


def pandas_minutes(home: Path) -> object:
    import pandas as pd

    return pd.read_parquet(home / "1min.parquet", columns=["timestamp", *FIELDS]).set_index("timestamp")


def reshaped(home: Path, columns: Mapping[str, np.ndarray]) -> object:
    """Panels of rows that stand symbol by symbol, of each symbol as many."""
    shape = np.load(home / "shape.npy")
    return {
        name: np.ascontiguousarray(np.ma.filled(values, np.nan).reshape(shape).T)
        for name, values in columns.items()
        if name not in {"symbol", "timestamp"}
    }


def polars_panel(home: Path) -> object:
    import polars as pl

    long = pl.read_parquet(home / "1d.parquet")
    return reshaped(
        home, {name: values.to_numpy() for name, values in long.sort("symbol", "timestamp").to_dict().items()}
    )


def polars_with_features(home: Path) -> object:
    import polars as pl

    long = pl.read_parquet(home / "1d.parquet").sort("symbol", "timestamp")
    long = long.with_columns((pl.col("close") / pl.col("close").shift(1) - 1).over("symbol").alias("daily_return"))
    long = long.with_columns(
        *(pl.col("close").rolling_mean(window).over("symbol").alias(name) for name, window in WINDOWS.items()),
        pl.col("close").rolling_std(20).over("symbol").alias("volatility_20d"),
        pl.col("daily_return").rolling_std(20).over("symbol").alias("return_volatility_20d"),
    )
    return reshaped(home, {name: values.to_numpy() for name, values in long.to_dict().items()})


def polars_minutes(home: Path) -> object:
    import polars as pl

    long = pl.read_parquet(home / "1min.parquet", columns=["timestamp", *FIELDS])
    return [long[name].to_numpy() for name in long.columns]


def duckdb_panel(home: Path, features: str = "") -> object:
    import duckdb

    with duckdb.connect() as connection:
        found = connection.execute(
            f"SELECT symbol, timestamp, {', '.join(FIELDS)} {features} FROM read_parquet('{home / '1d.parquet'}') "
            "WINDOW by_symbol AS (PARTITION BY symbol ORDER BY timestamp) ORDER BY symbol, timestamp"
        ).fetchnumpy()
    return reshaped(home, found)


def duckdb_with_features(home: Path) -> object:
    window = "OVER (PARTITION BY symbol ORDER BY timestamp ROWS BETWEEN {} PRECEDING AND CURRENT ROW)"
    columns = [f"avg(close) {window.format(bars - 1)} AS {name}" for name, bars in WINDOWS.items()]
    columns.append("close / lag(close) OVER by_symbol - 1 AS daily_return")
    columns.append(f"stddev_samp(close) {window.format(19)} AS volatility_20d")
    return duckdb_panel(home, ", " + ", ".join(columns))


def duckdb_minutes(home: Path) -> object:
    import duckdb

    with duckdb.connect() as connection:
        fields = ", ".join(FIELDS)
        file = home / "1min.parquet"
        return connection.execute(f"SELECT timestamp, {fields} FROM read_parquet('{file}') ORDER BY 1").fetchnumpy()


def peak(work: str, home: Path, cells: int) -> float:
    """Peak memory of a call in a new process that did the same on few bars, in multiples of five columns."""
    program = (
        "import pathlib, sys\n"
        "import store_to_panel as bench\n"
        "def held(key):\n"
        "    lines = pathlib.Path('/proc/self/status').read_text().splitlines()\n"
        "    return next(int(line.split()[1]) for line in lines if line.startswith(key))\n"
        "work = getattr(bench, sys.argv[1])\n"
        "work(pathlib.Path(sys.argv[3]))\n"
        "before = held('VmRSS')\n"
        "result = work(pathlib.Path(sys.argv[2]))\n"
        "print(held('VmHWM') - before)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, work, str(home / "large"), str(home / "small")],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=True,
    )
    return int(done.stdout) * 1024 / (5 * 8 * cells)


def time_all(name: str, home: Path, works: Mapping[str, Work], rounds: int, *, record: bool) -> None:
    peers = {peer: installed(peer) for peer in PEERS}
    figures = {
        label: median_ms(lambda work=work: work(home), rounds if label.startswith("hindcast") else max(rounds // 3, 1))
        for label, work in works.items()
        if label.startswith("hindcast") or peers[label.split(",")[0].split()[0]]
    }
    report(name, figures, peers, record=record)


def main() -> None:
    options = arguments(__doc__, rounds=9)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "large"
        fill(home)
        fill(Path(folder) / "small", 3, 100, 100)
        panel: dict[str, Work] = {
            "hindcast, to Bars": ours,
            "hindcast, of it: read": ours_read,
            "pandas": pandas_panel,
            "polars": polars_panel,
            "duckdb": duckdb_panel,
        }
        features: dict[str, Work] = {
            "hindcast, with features": ours_with_features,
            "pandas, with features": pandas_with_features,
            "polars, with features": polars_with_features,
            "duckdb, with features": duckdb_with_features,
        }
        minutes: dict[str, Work] = {
            "hindcast, to Bars": ours_minutes,
            "hindcast, of it: read": ours_minutes_read,
            "pandas": pandas_minutes,
            "polars": polars_minutes,
            "duckdb": duckdb_minutes,
        }
        time_all("W6 panel", home, panel, options.rounds, record=options.record)
        time_all("W6 panel and features", home, features, options.rounds, record=options.record)
        time_all("W6 minutes", home, minutes, options.rounds, record=options.record)
        if Path("/proc/self/status").exists():
            for name, works, cells in (
                ("W6 memory, panel", (*panel.values(), *features.values()), SYMBOLS * BARS),
                ("W6 memory, minutes", minutes.values(), MINUTES),
            ):
                multiples = {work.__name__: peak(work.__name__, Path(folder), cells) for work in works}
                report(name, multiples, {}, record=options.record, unit="panels")


if __name__ == "__main__":
    main()
