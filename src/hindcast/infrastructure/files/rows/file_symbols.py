"""Whose prices a file holds, as its name says: `AAPL.csv`, `AAPL_daily.csv`, `BRK.B_2019-01-01_2020-12-31.csv.gz`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

ENDINGS: Final = (".csv", ".csv.gz", ".txt", ".txt.gz", ".parquet")
# Words that stand behind a symbol in names of files, and say nothing of it.
_BEHIND: Final = re.compile(
    r"(?:\d{0,4}(?:min|m|h|d|w|mo|hour|day|minute)s?|daily|weekly|monthly|intraday|hourly|eod|ohlcv?|bars?|prices?|data|"
    r"history|historical|adjusted|adj|raw|unadjusted|full|max|quotes?|candles?|klines?|split|stock|time|series|"
    r"(?:19|20)\d\d(?:-?\d\d(?:-?\d\d)?)?|to|from)",
    flags=re.IGNORECASE,
)
# The same behind a dash, which may be part of a symbol as well: BTCUSDT-1m-2021-03, but not BRK-B.
_DASHED: Final = re.compile(
    r"-(?:\d{1,4}(?:min|m|h|d|w|mo)|daily|weekly|monthly|intraday)(?:-(?:19|20)\d\d(?:-\d\d){0,2})?$",
    flags=re.IGNORECASE,
)
# Names that are no symbol, however they are written.
_GENERAL: Final = re.compile(
    r"(?:all|bars?|candles?|daily|data|dataset|db|etfs?|eod|export|history|import|index|intraday|klines?|market|minute|"
    r"ohlcv?|panel|part|prices?|quotes?|sample|stocks?|symbols?|table|test|tickers?|us|world)(?:[-_ ]?\d*)",
    flags=re.IGNORECASE,
)
_TICKER: Final = re.compile(r"[\^]?[A-Z0-9]{1,6}(?:[.\-=][A-Z0-9]{1,4})?")


def symbol_of(file: Path) -> str:
    """The symbol that a file's name says, as it is written there."""
    stem = file.name
    ending = next((ending for ending in sorted(ENDINGS, key=len, reverse=True) if stem.casefold().endswith(ending)), "")
    stem = stem[: len(stem) - len(ending)]
    parts = re.split(r"[_ ]+", stem)
    while len(parts) > 1 and _BEHIND.fullmatch(parts[-1]):
        parts.pop()
    return _DASHED.sub("", "_".join(parts))


def names_a_symbol(symbol: str) -> bool:
    """Whether a file's name must be meant as a symbol: capitals and digits, and no general word."""
    return _TICKER.fullmatch(symbol) is not None and _GENERAL.fullmatch(symbol) is None
