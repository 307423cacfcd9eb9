"""Which column of a table is what: long, one symbol, or wide, by the columns' names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from hindcast.domain.errors import BarsError, InputError
from hindcast.engine.column_table import ColumnTable, Labels, Name

# What a column may be called, the better name first; compared without case, spaces, underscores and "1. ".
SPELLINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "timestamp": ("timestamp", "datetime", "date", "time"),
    "symbol": ("symbol", "ticker", "sym", "code", "asset"),
    "open": ("open",),
    "high": ("high",),
    "low": ("low",),
    "close": ("close", "price"),
    "adj close": ("adj close", "adjusted close", "adjclose"),
    "volume": ("volume", "vol"),
    "split": ("split", "splits", "stock splits", "split coefficient", "split factor"),
    "dividend": ("dividend", "dividends", "dividend amount"),
}
# A letter is a ticker as easily as a field: it counts only where all four prices go by letters.
LETTERS: Final = {"o": "open", "h": "high", "l": "low", "c": "close", "v": "volume"}
UNNAMED: Final = ("", "index", "unnamed: 0", "index level 0")  # what an index without a name is written as
PRICES: Final = ("open", "high", "low", "close")
FIELDS: Final = (*PRICES, "adj close", "volume", "split", "dividend")
DEFAULT_SYMBOL: Final = "ASSET"

Fields = Mapping[str, Name]  # field → the column that holds it


@dataclass(frozen=True, slots=True, kw_only=True)
class Long:
    """One row per symbol and stamp."""

    timestamp: Name
    symbol: Name
    fields: Fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Wide:
    """One row per stamp; each symbol has columns of its own."""

    timestamp: Name
    symbols: Mapping[str, Fields]


def recognise(table: ColumnTable, *, timestamp: str | None, symbol: str | None, field: str | None) -> Long | Wide:
    """The layout of a table. Raises BarsError where the names do not tell."""
    names = list(table.columns)
    stamp = _timestamp(table, timestamp)
    pairs = [name for name in names if isinstance(name, tuple)]
    if pairs:
        return Wide(timestamp=stamp, symbols=_by_pairs(pairs))
    flat = [name for name in names if isinstance(name, str) and name != stamp]
    fields = _fields(flat)
    wanted = field or "close"
    if wanted in fields:
        owner = _first(flat, SPELLINGS["symbol"])
        if owner is not None:
            return Long(timestamp=stamp, symbol=owner, fields=fields)
        return Wide(timestamp=stamp, symbols={symbol or DEFAULT_SYMBOL: fields})
    # Lowe's trades as LOW: a single price field without a close is a symbol.
    if "close" not in fields and sum(name in fields for name in PRICES) <= 1:
        return Wide(timestamp=stamp, symbols=_by_symbol(table, flat, wanted))
    raise BarsError(
        f"no column {wanted!r} among {_listed(flat)}; expected {', '.join(PRICES)} "
        f"(columns={{'their name': {wanted!r}}} names one), or one column per symbol"
    )


def plain(name: str) -> str:
    """A column's name without case, number, and the difference between space, underscore and dot."""
    bare = re.sub(r"^\s*\d+\.\s*", "", name)
    return re.sub(r"[\s_\-.<>]+", " ", bare).strip().casefold()


def _timestamp(table: ColumnTable, asked: str | None) -> Name:
    flat = [name for name in table.columns if isinstance(name, str)]
    if asked is not None:
        if asked not in flat:
            raise InputError(f"timestamp={asked!r} is no column; the table has {_listed(flat)}")
        return asked
    found = _first(flat, SPELLINGS["timestamp"]) or _first(
        [name for name in flat if isinstance(table.columns[name], Labels) or _is_time(table, name)], UNNAMED
    )
    if found is None:
        raise BarsError(
            f"no column of dates among {_listed(flat)}; expected one called {', '.join(SPELLINGS['timestamp'])}, a "
            "DatetimeIndex, or timestamp='NAME'"
        )
    return found


def _is_time(table: ColumnTable, name: str) -> bool:
    values = table.columns[name]
    return not isinstance(values, Labels) and values.dtype.kind in "MO"


def _first(names: Iterable[str], spellings: Iterable[str]) -> str | None:
    """The name with the best spelling. Raises BarsError where two have it."""
    by_plain: dict[str, list[str]] = {}
    for name in names:
        by_plain.setdefault(plain(name), []).append(name)
    for spelling in spellings:
        owners = by_plain.get(spelling, [])
        if len(owners) > 1:
            raise BarsError(f"columns {_listed(owners)} are both the {spelling}; leave one, or rename one by columns=")
        if owners:
            return owners[0]
    return None


def _fields(names: list[str]) -> dict[str, Name]:
    found: dict[str, Name] = {field: name for field in FIELDS if (name := _first(names, SPELLINGS[field])) is not None}
    letters = {LETTERS[key]: name for name in names if (key := plain(name)) in LETTERS}
    if set(PRICES) <= set(letters) and not set(PRICES) & set(found):
        found = {**letters, **found}
    return found


def _by_symbol(table: ColumnTable, names: list[str], field: str) -> dict[str, Fields]:
    """Every column but an unnamed one is a symbol."""
    symbols: dict[str, Fields] = {name: {field: name} for name in names if plain(name) not in UNNAMED}
    if not symbols:
        raise BarsError(f"no column of prices beside the dates; expected {', '.join(PRICES)} or one column per symbol")
    if field == "close" and all(isinstance(table.columns[name], Labels) for name in symbols):
        raise BarsError(f"columns {_listed(symbols)} hold text; expected {', '.join(PRICES)} or one column per symbol")
    return symbols


def _by_pairs(pairs: list[tuple[str, str]]) -> dict[str, Fields]:
    """Two headings: one is the field, the other the symbol."""
    level = next(
        (level for level in (0, 1) if _first(dict.fromkeys(pair[level] for pair in pairs), SPELLINGS["close"])), None
    )
    if level is None:
        raise BarsError(f"no heading is 'close' among {_listed(pairs)}; expected pairs such as ('close', 'AAPL')")
    members: dict[str, dict[str, Name]] = {}
    for pair in pairs:
        members.setdefault(pair[1 - level], {})[pair[level]] = pair
    return {
        symbol: {field: owned[str(heading)] for field, heading in _fields(list(owned)).items()}
        for symbol, owned in members.items()
    }


def _listed(names: Iterable[Name]) -> str:
    every = [repr(name) for name in names]
    return ", ".join(every[:8]) + (", …" if len(every) > 8 else "") if every else "no columns"
