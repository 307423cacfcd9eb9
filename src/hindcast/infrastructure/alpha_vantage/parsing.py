"""From the text of a series to columns: every value is text there, the newest row comes first, nothing is trusted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
from numpy.typing import NDArray

from hindcast.domain.errors import ProviderResponseError, UnknownSymbolError
from hindcast.domain.intervals import is_intraday
from hindcast.infrastructure.alpha_vantage.answers import Answer
from hindcast.infrastructure.alpha_vantage.questions import SeriesQuestion
from hindcast.infrastructure.alpha_vantage.symbols import Instrument

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

PRICES: Final = ("open", "high", "low", "close")
_COLUMNS: Final = (*PRICES, "volume", "adjusted close")
# "5. adjusted close", "1a. open (USD)"; the "b" ones are the same in US dollars.
_FIELD: Final = re.compile(r"\d+(a?)\. ([a-z ]+?)(?: \([A-Za-z]+\))?")
_META: Final = re.compile(r"\d+\.\s*(.+)")
_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[+-]?(nan|inf|infinity)", re.IGNORECASE)
_MISSING: Final = frozenset({"", "none", "null", "-", "n/a"})
_ZONES: Final = {"us/eastern": "America/New_York", "eastern": "America/New_York", "gmt": "UTC"}
_DAY_SECONDS: Final = 86_400


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ParsedSeries:
    """A series in the order of time; rows whose stamp can't be read stand first."""

    stamps: IntArray  # (n,), UTC nanoseconds; 0 where it can't be read
    days: IntArray  # (n,), the exchange's day, days since 1970; -1 where it can't be read
    columns: Mapping[str, FloatArray]  # open, high, low, close, volume, adjusted close; each (n,)
    text: NDArray[np.bool_]  # (n,), rows with text in a number, or a stamp that can't be read
    gap: NDArray[np.bool_]  # (n,), stamps that the clock change skips or has twice
    refreshed: datetime | None  # aware; None where only the day is said, or nothing
    whole: bool  # whether the vendor says, or does not deny, that this is the full size

    def newest(self) -> date | None:
        """The day of the last row; None without any that can be read."""
        return None if not len(self.days) or self.days[-1] < 0 else day_of(int(self.days[-1]))

    def oldest(self) -> date | None:
        """The day of the first row that can be read."""
        known = self.days[self.days >= 0]
        return day_of(int(known[0])) if len(known) else None

    def where(self, keep: NDArray[np.bool_]) -> ParsedSeries:
        """Some of the rows."""
        return ParsedSeries(
            stamps=self.stamps[keep],
            days=self.days[keep],
            columns={name: values[keep] for name, values in self.columns.items()},
            text=self.text[keep],
            gap=self.gap[keep],
            refreshed=self.refreshed,
            whole=self.whole,
        )


def parse_series(answer: Answer, asked: SeriesQuestion, instrument: Instrument) -> ParsedSeries:
    """The columns of a series.

    Raises
    ------
    ProviderResponseError
        The answer is of another symbol, lacks what the vendor promises, or has it in another form.
    UnknownSymbolError
        The answer is empty.
    """
    label = asked.question.label
    if not answer:
        raise UnknownSymbolError(f"{label}: Alpha Vantage gives an empty answer, as it does for unknown symbols")
    if asked.key not in answer:
        raise ProviderResponseError(f"{label}: the answer has no '{asked.key}'; it has {_names(answer)}")
    meta = _meta(answer, label)
    _check_symbol(meta, instrument, label)
    rows = answer[asked.key]
    if not isinstance(rows, dict):
        raise ProviderResponseError(f"{label}: '{asked.key}' is a {type(rows).__name__}; expected rows by date")
    if not rows:
        raise UnknownSymbolError(f"{label}: Alpha Vantage has no bars of it")
    zone = _zone(meta.get("time zone", ""), label)
    columns, text = _columns(rows, label)
    _check_complete(columns, instrument, label)
    intraday = is_intraday(asked.interval)
    moments = [_moment(stamp, intraday=intraday, zone=zone) for stamp in rows]
    stamps = np.array([moment.stamp for moment in moments], dtype=np.int64)
    days = np.array([moment.day for moment in moments], dtype=np.int64)
    order = np.argsort(stamps, kind="stable")
    return ParsedSeries(
        stamps=stamps[order],
        days=days[order],
        columns={name: values[order] for name, values in columns.items()},
        text=(text | (days < 0))[order],
        gap=np.array([moment.gap for moment in moments], dtype=np.bool_)[order],
        refreshed=_refreshed(meta.get("last refreshed", ""), zone),
        whole=asked.size == "full" and not meta.get("output size", "").casefold().startswith("compact"),
    )


def read_number(value: object) -> tuple[float, bool]:
    """A value, and whether it is text where a number is to be; NaN where it is missing or text."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return float(value), False
        except OverflowError:
            return float("inf"), False
    if isinstance(value, str):
        plain = value.strip()
        if _NUMBER.fullmatch(plain):
            return float(plain), False
        if plain.casefold() in _MISSING:
            return float("nan"), False
    return float("nan"), value is not None


def day_number(day: date) -> int:
    """Days since 1970."""
    return day.toordinal() - date(1970, 1, 1).toordinal()


def day_of(number: int) -> date:
    """The day of a number of days since 1970."""
    return date.fromordinal(number + date(1970, 1, 1).toordinal())


@dataclass(frozen=True, slots=True)
class _Moment:
    stamp: int
    day: int
    gap: bool = False


_UNREADABLE: Final = _Moment(0, -1)


def _moment(text: str, *, intraday: bool, zone: ZoneInfo) -> _Moment:
    try:
        local = datetime.fromisoformat(text)
    except ValueError:
        return _UNREADABLE
    if not 1900 <= local.year <= 2200:
        return _UNREADABLE
    day = day_number(local.date())
    if not intraday:
        return _Moment(day * _DAY_SECONDS * 1_000_000_000, day)
    if local.tzinfo is not None:
        return _Moment(_nanoseconds(local), day_number(local.astimezone(zone).date()))
    local = local.replace(tzinfo=zone)
    doubtful = local.utcoffset() != local.replace(fold=1).utcoffset()
    return _Moment(_nanoseconds(local), day, doubtful)


def _nanoseconds(moment: datetime) -> int:
    return round(moment.timestamp()) * 1_000_000_000


def _columns(rows: Mapping[str, object], label: str) -> tuple[dict[str, FloatArray], NDArray[np.bool_]]:
    columns = {name: np.full(len(rows), np.nan) for name in _COLUMNS}
    text = np.zeros(len(rows), dtype=np.bool_)
    found: dict[str, str] = {}
    seen: set[str] = set()
    for place, (stamp, row) in enumerate(rows.items()):
        if not isinstance(row, dict):
            raise ProviderResponseError(f"{label}: row {stamp[:30]!r} is a {type(row).__name__}; expected its fields")
        for key, value in row.items():
            name = found.get(key)
            if name is None:
                name = found[key] = _field(key)
            if name in columns:
                seen.add(name)
                columns[name][place], is_text = read_number(value)
                text[place] |= is_text
    return {name: values for name, values in columns.items() if name in seen}, text


def _field(key: str) -> str:
    match = _FIELD.fullmatch(key)
    return match[2] if match else ""


def _check_complete(columns: dict[str, FloatArray], instrument: Instrument, label: str) -> None:
    needed = PRICES if instrument.kind == "fx" else (*PRICES, "volume")
    missing = [name for name in needed if name not in columns]
    if missing:
        raise ProviderResponseError(f"{label}: no row has a field {', '.join(repr(name) for name in missing)}")
    if "volume" not in columns:
        columns["volume"] = np.full(len(columns["close"]), np.nan)


def _meta(answer: Answer, label: str) -> dict[str, str]:
    meta = answer.get("Meta Data")
    if not isinstance(meta, dict):
        raise ProviderResponseError(f"{label}: the answer has no 'Meta Data'; it has {_names(answer)}")
    named = ((_META.fullmatch(str(key)), value) for key, value in meta.items())
    return {match[1].strip().casefold(): str(value).strip() for match, value in named if match}


def _check_symbol(meta: Mapping[str, str], instrument: Instrument, label: str) -> None:
    """Whether the answer is of what was asked: a mixed-up one would poison the store."""
    match instrument.kind:
        case "equity":
            wanted = {"symbol": instrument.symbol}
        case "fx":
            wanted = {"from symbol": instrument.base, "to symbol": instrument.quote}
        case _:
            wanted = {"digital currency code": instrument.base, "market code": instrument.quote}
    for name, value in wanted.items():
        given = meta.get(name)
        if given is None or given.casefold() != value.casefold():
            shown = "missing" if given is None else repr(given[:40])
            raise ProviderResponseError(f"{label}: the answer's {name} is {shown}; expected {value!r}")


def _zone(name: str, label: str) -> ZoneInfo:
    known = _ZONES.get(name.casefold(), name or "America/New_York")
    try:
        return ZoneInfo(known)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ProviderResponseError(f"{label}: unknown time zone {name[:40]!r} in 'Meta Data'") from None


def _refreshed(text: str, zone: ZoneInfo) -> datetime | None:
    """The moment of the vendor's last update; None where it tells a day only, or nothing that can be read."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    if found.time() == time():
        return None
    return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)


def _names(answer: Answer) -> str:
    return ", ".join(repr(str(key)[:40]) for key in list(answer)[:5]) or "nothing"
