"""Which column of a file is what, with the forms in which vendors and programs write bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Final

from hindcast.domain.errors import BarsError, InputError
from hindcast.engine.bars_layouts import DEFAULT_SYMBOL, PRICES, SPELLINGS, Fields, Long, plain, recognise
from hindcast.engine.column_table import ColumnTable, Name
from hindcast.infrastructure.files.rows.file_faults import DUPLICATED, FileFault

CLOSE_ONLY: Final = "only closes are known: open, high and low are the close"
YAHOO: Final = (
    "the adjusted closes are not used; prices beside them hold splits already, but no dividends, as Yahoo gives them"
)
UNUSED_ADJUSTED: Final = "the column of adjusted closes is not used: prices are taken as they were traded"
FULLY_ADJUSTED: Final = (
    "yfinance without adjusted closes: its prices hold splits and dividends (auto_adjust=True), so they count as "
    "adjusted; auto_adjust=False gives prices that a backtest can trade at"
)

_CURRENCY: Final = ("currency", "ccy")
_OPENING: Final = ("open time", "opentime", "kline open time", "start time", "bar time", "gmt time")
_KNOWN: Final = frozenset(spelling for spellings in SPELLINGS.values() for spelling in spellings)
_FIELDS: Final = (*PRICES, "volume", "split", "dividend")


@dataclass(frozen=True, slots=True, kw_only=True)
class RowLayout:
    """The columns that are read, by what they hold."""

    timestamp: Name
    time: Name | None  # the time of day, where it has a column of its own
    owner: Name | None  # the column of symbols; None where columns or the file are a symbol's
    symbols: Mapping[str, Fields]  # symbol → field → column; of a long table the one entry ""
    currency: Name | None
    splits_in_prices: bool  # whether prices may hold the splits of the column of splits already
    adjusted: bool  # whether prices hold corporate actions, by the form
    notes: tuple[str, ...]

    @property
    def wanted(self) -> tuple[Name, ...]:
        """All columns that are read."""
        named = [self.timestamp, self.time, self.owner, self.currency]
        fields = [name for owned in self.symbols.values() for name in owned.values()]
        return tuple(dict.fromkeys(name for name in [*named, *fields] if name is not None))


def renamed(names: tuple[Name, ...], columns: Mapping[str, str]) -> tuple[Name, ...]:
    """The columns' names by our words. Raises InputError where one is no column, or two become the same."""
    for theirs in columns:
        if theirs not in names:
            near = get_close_matches(str(theirs), [str(name) for name in names], n=1)
            hint = f"Did you mean {near[0]!r}?" if near else f"It has {', '.join(str(name) for name in names)}."
            raise InputError(f"columns= names {theirs!r}, which is no column. {hint}")
    found = tuple(columns.get(name, name) if isinstance(name, str) else name for name in names)
    if len(set(found)) < len(set(names)):
        raise InputError(f"columns={dict(columns)!r} gives two columns one name; rename the other one too")
    return found


def refuse_duplicates(names: Sequence[Name], origin: str) -> None:
    """Two columns of one name, or that mean the same, leave open which is right. Raises FileFault."""
    seen: dict[Name, Name] = {}
    for name in names:
        key = plain(name) if isinstance(name, str) else (plain(name[0]), name[1])
        key = key if key in _KNOWN or isinstance(name, tuple) else name
        if key in seen and key != "":
            both = (
                f"column {name!r} stands twice" if seen[key] == name else f"columns {seen[key]!r} and {name!r} are one"
            )
            raise FileFault(DUPLICATED, f"{origin}: {both}; leave one of them out")
        seen[key] = name


def layout_of(sample: ColumnTable, symbol: str, *, yfinance: bool = False) -> RowLayout:
    """The layout that a table's names tell; `symbol` is whose a table without symbols is (or "").

    `yfinance` says that the headings are its own. Raises BarsError where the names do not tell.
    """
    stamp, time = _stamp_columns(list(sample.columns))
    hidden: set[Name] = set() if time is None else {time}
    currency = _first_of(sample, _CURRENCY)
    if currency is not None:
        hidden.add(currency)
    shown = ColumnTable(columns={name: values for name, values in sample.columns.items() if name not in hidden})
    found = recognise(shown, timestamp=stamp, symbol=symbol, field=None)
    if isinstance(found, Long):
        owner, symbols = found.symbol, {"": found.fields}
    else:
        owner = None
        symbols = {name if symbol or name != DEFAULT_SYMBOL else "": fields for name, fields in found.symbols.items()}
    layout = RowLayout(
        timestamp=found.timestamp,
        time=time,
        owner=owner,
        symbols={symbol: _read_fields(fields) for symbol, fields in symbols.items()},
        currency=currency,
        splits_in_prices=False,
        adjusted=False,
        notes=(),
    )
    return _with_vendors_form(layout, next(iter(symbols.values())), yfinance=yfinance)


def _stamp_columns(names: list[Name]) -> tuple[str | None, str | None]:
    """The columns of dates and of times of day, where they are two, or the one that exchanges call the opening."""
    by_plain = {plain(name): name for name in names if isinstance(name, str)}
    whole = any(spelling in by_plain for spelling in ("timestamp", "datetime"))
    if not whole and {"date", "time"} <= set(by_plain):
        return by_plain["date"], by_plain["time"]
    if not set(by_plain) & set(SPELLINGS["timestamp"]):
        return next((by_plain[spelling] for spelling in _OPENING if spelling in by_plain), None), None
    return None, None


def _first_of(sample: ColumnTable, spellings: tuple[str, ...]) -> Name | None:
    """A column by its name, in a table that has a close: otherwise each column is a symbol."""
    by_plain = {plain(name): name for name in sample.columns if isinstance(name, str)}
    if not set(by_plain) & set(SPELLINGS["close"]):
        return None
    return next((by_plain[spelling] for spelling in spellings if spelling in by_plain), None)


def _read_fields(owned: Fields) -> Fields:
    """What of a symbol's columns is read: all four prices, or the close for all of them."""
    lacking = [name for name in PRICES if name not in owned]
    if lacking and "close" in lacking:
        raise BarsError(
            f"no column of closes beside {', '.join(map(str, owned.values()))}; expected {', '.join(PRICES)}"
        )
    if lacking and len(lacking) < 3:
        raise BarsError(
            f"no column of {' and '.join(lacking)} beside {', '.join(map(str, owned.values()))}; expected "
            f"{', '.join(PRICES)}, or the close alone"
        )
    return {field: owned[field] for field in _FIELDS if field in owned}


def _with_vendors_form(layout: RowLayout, owned: Fields, *, yfinance: bool) -> RowLayout:
    notes = [] if {"open", "high", "low"} <= set(owned) else [CLOSE_ONLY]
    split = owned.get("split", "")
    by_yfinance = yfinance or plain(split if isinstance(split, str) else split[0]) == "stock splits"
    if "adj close" in owned and "split" in owned:
        return replace(layout, splits_in_prices=by_yfinance, notes=(*notes, UNUSED_ADJUSTED))
    if "adj close" in owned:
        return replace(layout, notes=(*notes, YAHOO))
    if by_yfinance and {"open", "close"} <= set(owned):
        return replace(layout, adjusted=True, notes=(*notes, FULLY_ADJUSTED))
    return replace(layout, notes=tuple(notes))
