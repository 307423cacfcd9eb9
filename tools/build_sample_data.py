# /// script
# requires-python = ">=3.11"
# dependencies = ["arch==8.0.0", "skfolio==1.12.2", "pyarrow==26.0.1"]
# ///
"""Write the sample data of `hindcast.infrastructure.sample` from the packages arch and skfolio.

Run at development time only: `uv run tools/build_sample_data.py --retrieved 2026-11-22`. The same versions write the
same bytes. Values are written as the packages load them; nothing is repaired, and a source that breaks a rule stops
the build.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from dataclasses import dataclass
from importlib.metadata import distribution, version
from pathlib import Path

import arch.data.nasdaq
import arch.data.sp500
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from skfolio.datasets import load_sp500_dataset, load_sp500_index

TARGET = Path(__file__).parents[1] / "src/hindcast/infrastructure/sample/data"
INDICES_FILE = "us_indices.parquet"
CLOSES_FILE = "us_large_caps.parquet"
PRICES = ["open", "high", "low", "close"]

COMPANIES = {
    "AAPL": "Apple",
    "AMD": "Advanced Micro Devices",
    "BAC": "Bank of America",
    "BBY": "Best Buy",
    "CVX": "Chevron",
    "GE": "General Electric",
    "HD": "Home Depot",
    "JNJ": "Johnson & Johnson",
    "JPM": "JPMorgan Chase",
    "KO": "Coca-Cola",
    "LLY": "Eli Lilly",
    "MRK": "Merck",
    "MSFT": "Microsoft",
    "PEP": "PepsiCo",
    "PFE": "Pfizer",
    "PG": "Procter & Gamble",
    "RRC": "Range Resources",
    "UNH": "UnitedHealth Group",
    "WMT": "Walmart",
    "XOM": "Exxon Mobil",
}
OTHER_NAMES = {
    "SPX": ["S&P 500", "S&P500", "SP500", "^GSPC", "GSPC", "^SPX"],
    "IXIC": ["NASDAQ", "NASDAQ Composite", "^IXIC", "COMP"],
    "SPX_CLOSE": [],
}
SOURCES = {
    INDICES_FILE: {"package": "arch", "licence": "NCSA"},
    CLOSES_FILE: {"package": "skfolio", "licence": "BSD-3-Clause"},
}
SINGLE_PRICE = (
    "One price a day: open, high and low are that close and the volume is unknown, so every fill is at a close."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Licence:
    """A source package's licence as its distribution carries it."""

    package: str
    text: str


def main() -> None:
    """Write both Parquet files, the catalogue and the README."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--retrieved", required=True, help="the day the source packages were fetched, YYYY-MM-DD")
    retrieved = parser.parse_args().retrieved
    TARGET.mkdir(parents=True, exist_ok=True)

    indices = {"SPX": _index_bars(arch.data.sp500.load()), "IXIC": _index_bars(arch.data.nasdaq.load())}
    closes = load_sp500_dataset().assign(SPX_CLOSE=load_sp500_index()["SP500"])
    _check_dates("us_large_caps", closes)
    if not (closes.notna().all(axis=None) and (closes > 0).all(axis=None)):
        raise SystemExit("us_large_caps: a close is missing or not positive")

    _write_indices(indices)
    _write_closes(closes)
    entries = [_index_entry(symbol, bars) for symbol, bars in indices.items()]
    entries += [_close_entry(symbol, closes[symbol]) for symbol in sorted(closes)]
    catalogue = json.dumps({"symbols": entries}, indent=1, ensure_ascii=False) + "\n"
    (TARGET / "catalogue.json").write_text(catalogue, encoding="utf-8")
    (TARGET / "README.md").write_text(_readme(retrieved), encoding="utf-8")


def _index_bars(raw: pd.DataFrame) -> pd.DataFrame:
    if not (raw["Adj Close"] == raw["Close"]).all():
        raise SystemExit("an index whose adjusted close differs from its close: decide which one to keep")
    bars = raw.drop(columns="Adj Close").rename(columns=str.lower)
    _check_dates("us_indices", bars)
    outside = (bars["high"] < bars[PRICES].max(axis=1)) | (bars["low"] > bars[PRICES].min(axis=1))
    if outside.any() or bars.isna().any(axis=None) or (bars[PRICES] <= 0).any(axis=None):
        raise SystemExit(f"us_indices: bars that can't be true:\n{bars[outside]}")
    return bars


def _check_dates(name: str, frame: pd.DataFrame) -> None:
    if not (frame.index.is_monotonic_increasing and frame.index.is_unique and (frame.index.day_of_week < 5).all()):
        raise SystemExit(f"{name}: dates out of order, twice, or on a weekend")


def _days(index: pd.DatetimeIndex) -> pa.Array:
    return pa.array(index.to_numpy().astype("datetime64[D]"))


def _write_indices(indices: dict[str, pd.DataFrame]) -> None:
    schema = pa.schema(
        [("date", pa.date32()), ("symbol", pa.string())]
        + [(name, pa.float64()) for name in PRICES]
        + [("volume", pa.int64())]
    )
    plain = [*PRICES, "volume", "date"]
    with _writer(INDICES_FILE, schema, dictionary=["symbol"], statistics=["symbol", *plain]) as writer:
        for symbol, bars in indices.items():
            columns = [
                _days(bars.index),
                pa.array([symbol] * len(bars)),
                *(pa.array(bars[c].to_numpy()) for c in PRICES),
            ]
            table = pa.table([*columns, pa.array(bars["volume"].to_numpy())], schema=schema)
            writer.write_table(table, row_group_size=len(bars))


def _write_closes(closes: pd.DataFrame) -> None:
    names = sorted(closes)
    schema = pa.schema([("date", pa.date32()), *((name, pa.float64()) for name in names)])
    with _writer(CLOSES_FILE, schema, dictionary=False, statistics=False) as writer:
        table = pa.table([_days(closes.index), *(pa.array(closes[name].to_numpy()) for name in names)], schema=schema)
        writer.write_table(table, row_group_size=len(closes))


def _writer(
    file: str, schema: pa.Schema, dictionary: bool | list[str], statistics: bool | list[str]
) -> pq.ParquetWriter:
    return pq.ParquetWriter(
        TARGET / file,
        schema,
        compression="zstd",
        compression_level=19,
        use_dictionary=dictionary,
        write_statistics=statistics,
        store_schema=False,
    )


def _entry(symbol: str, name: str, index: pd.DatetimeIndex, file: str, **rest: object) -> dict[str, object]:
    source = SOURCES[file]
    return {
        "symbol": symbol,
        "name": name,
        "also_known_as": OTHER_NAMES.get(symbol, []),
        "exchange": "XNYS",
        "currency": "USD",
        "first": index[0].date().isoformat(),
        "last": index[-1].date().isoformat(),
        "bars": len(index),
        **rest,
        "file": file,
        "source": source["package"],
        "source_version": version(source["package"]),
        "licence": source["licence"],
    }


def _index_entry(symbol: str, bars: pd.DataFrame) -> dict[str, object]:
    repeated = bars["open"].to_numpy()[1:] == bars["close"].to_numpy()[:-1]
    count, share = int(repeated.sum()), float(repeated.mean())
    notes = ["Price index: dividends are not in it."]
    if share > 0.01:
        early = repeated[bars.index[1:].year <= 2005].mean()
        notes.append(
            f"{share:.1%} of its opens ({count:,} of {len(repeated):,}; {early:.0%} of all opens up to 2005) only "
            "repeat the close before, so a fill at such an open is a fill at the close that the signal was made from."
        )
    silent = bars.index[bars["volume"] == 0]
    if len(silent):
        notes.append(f"The source has volume 0 on {' and '.join(day.date().isoformat() for day in silent)}.")
    return _entry(
        symbol,
        {"SPX": "S&P 500", "IXIC": "NASDAQ Composite"}[symbol],
        bars.index,
        INDICES_FILE,
        kind="index",
        single_price=False,
        adjusted=False,
        returns="price",
        repeated_open_share=round(share, 6),
        zero_volume_bars=len(silent),
        note=" ".join(notes),
    )


def _close_entry(symbol: str, closes: pd.Series) -> dict[str, object]:
    index = symbol == "SPX_CLOSE"
    if index:
        detail = "Price index: dividends are not in it. The source rounds to 0.01."
    else:
        detail = (
            "Closes adjusted backwards for splits and dividends, so not the prices that traded; the source rounds to "
            f"0.001, which is {0.001 / closes.iloc[0]:.2%} of the first price. The 20 companies were chosen with "
            "hindsight (survivors)."
        )
    return _entry(
        symbol,
        "S&P 500, closes only" if index else COMPANIES[symbol],
        closes.index,
        CLOSES_FILE,
        kind="index" if index else "equity",
        single_price=True,
        adjusted=not index,
        returns="price" if index else "total",
        repeated_open_share=None,
        zero_volume_bars=None,
        note=f"{SINGLE_PRICE} {detail}",
    )


def _readme(retrieved: str) -> str:
    sums = "\n".join(
        f"| `{name}` | {len(content):,} | `{hashlib.sha256(content).hexdigest()}` |"
        for name in (INDICES_FILE, CLOSES_FILE, "catalogue.json")
        for content in ((TARGET / name).read_bytes(),)
    )
    licences = "\n\n".join(f"### {licence.package}\n\n```text\n{licence.text}\n```" for licence in _licences())
    return README.format(
        retrieved=retrieved,
        arch=version("arch"),
        skfolio=version("skfolio"),
        pyarrow=version("pyarrow"),
        sums=sums,
        licences=licences,
    )


def _licences() -> list[Licence]:
    found = []
    for package, file in (("arch", "LICENSE.md"), ("skfolio", "LICENSE")):
        dist = distribution(package)
        text = dist.read_text(f"licenses/{file}")
        if text is None:
            raise SystemExit(f"{package} {dist.version} carries no licenses/{file}")
        # Two blanks before a line's end are Markdown in arch's text; editors and linters strip them.
        lines = (line.rstrip() for line in text.strip().splitlines())
        found.append(Licence(package=f"{package} {dist.version}", text="\n".join(lines)))
    return found


README = """\
# Sample data

Daily prices that come with the package, so that a first backtest needs no network and no key. They are for learning,
examples and tests: they are old, they end in 2018 and 2022, and nothing should be decided by them.

| File | Symbols | Dates | Source |
| --- | --- | --- | --- |
| `us_indices.parquet` | `SPX`, `IXIC`: open, high, low, close, volume | 1999-01-04 to 2018-12-31, 5,031 bars each | \
`arch` {arch}: `arch.data.sp500.load()`, `arch.data.nasdaq.load()` |
| `us_large_caps.parquet` | 20 US companies and `SPX_CLOSE`: one close a day | 1990-01-02 to 2022-12-28, 8,313 bars \
each | `skfolio` {skfolio}: `load_sp500_dataset()`, `load_sp500_index()` |
| `catalogue.json` | what is known of each symbol: name, dates, kind, adjustment, source, licence, note | | |

Both packages were fetched as wheels from the Python Package Index on {retrieved}; `tools/build_sample_data.py` wrote
the files with pyarrow {pyarrow} (zstd). The values are the float64 numbers that the packages load, unchanged.

## What was checked, and what was found

- No value is missing, no date is twice, out of order or on a weekend, no price is zero or below.
- In both indices high is the highest and low the lowest price of each of the 5,031 bars: nothing had to be repaired.
- In both indices `Adj Close` equals `Close` on every bar, so it was left out. They are price indices: no dividends.
- `SPX`: 2,004 of 5,030 opens (39.8 %) equal the close before: 96 % of all opens up to 2005, hardly any from 2014. A
  fill at such an open is a fill at the close that the signal was made from. `IXIC`: 8 of 5,030.
- `IXIC` has volume 0 on 2015-05-12 and 2018-01-09. It is left as the source has it.
- `SPX_CLOSE` and `SPX` agree on all 5,031 common dates (relative difference below 1e-7).
- The companies' prices are single prices ("adjusted closing prices" in the source's words): open, high and low are the
  close, and the volume is unknown (NaN when read). No split shows in them, and their levels fit an adjustment for
  dividends too: returns are total returns, and the prices are not those that traded. They are rounded to 0.001: where
  prices are low (Best Buy's first is 0.144) one step is up to 0.7 % of the price.
- The 20 companies were chosen with hindsight: all of them survived to 2022. A strategy over them looks better than
  it would have been.
- `exchange` in the catalogue is the trading calendar: all symbols share the sessions of `XNYS`. A bar's stamp is its
  session's date at 00:00 UTC.

skfolio's own caution: "This dataset is provided solely for testing and example purposes. It is a stale dataset and does
not reflect current or accurate market prices. It is not intended for investment, trading, or commercial use and should
not be relied upon as authoritative market data."

## Checksums

| File | Bytes | SHA-256 |
| --- | --- | --- |
{sums}

## Licences

The files were taken from these two packages, under these licences.

{licences}
"""


if __name__ == "__main__":
    main()
