"""The nouns of market data: what a series is, which days of it are known, what happened to the share, which version."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, Self

from hindcast.domain.errors import DataError, DateRangeError

Kind = Literal["equity", "etf", "index", "fx", "crypto", "future", "other"]


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class DateRange:
    """Days from the first to the last, both included. Raises DateRangeError where they are inverted."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.first > self.last:
            raise DateRangeError(f"start {self.first} is after end {self.last}: swap them")

    def __str__(self) -> str:
        return f"{self.first} to {self.last}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesTerms:
    """What the numbers of one symbol mean."""

    currency: str = ""  # ISO 4217; empty where nobody said
    calendar: str = ""  # a name of exchange_calendars, such as "XNYS" or "24/7"; empty: sessions are not checked
    kind: Kind = "equity"
    name: str = ""
    adjusted: bool = False  # prices hold corporate actions already
    negative_prices: bool = False  # whether a price of zero or below is possible
    notes: tuple[str, ...] = ()  # what a reader of a result must know of these prices


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class CorporateAction:
    """A split or a dividend, effective at the start of its day. Raises DataError for a value that can't be."""

    day: date  # ex-date or effective date, in the exchange's time zone
    kind: Literal["dividend", "split"]
    value: float  # cash per share (> 0), or new shares per old (> 0, not 1)

    def __post_init__(self) -> None:
        if not 0 < self.value < float("inf") or (self.kind == "split" and self.value == 1.0):
            raise DataError(f"{self.kind} of {self.value} on {self.day}; expected a finite number above zero")


@dataclass(frozen=True, slots=True, kw_only=True)
class Unavailable:
    """Days that a source was asked for and did not give: why, what to do, and when it was asked."""

    days: DateRange
    reason: str
    remedy: str
    asked_at: datetime

    def __str__(self) -> str:
        return f"{self.days}: {self.reason}; {self.remedy}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Which days of one symbol a source has answered for: bars, or the knowledge that there are none."""

    provider: str
    interval: str
    symbol: str
    covered: tuple[DateRange, ...] = ()  # sorted, apart
    unavailable: tuple[Unavailable, ...] = ()

    @classmethod
    def nothing(cls, provider: str, interval: str, symbol: str) -> Self:
        """No day is known."""
        return cls(provider=provider, interval=interval, symbol=symbol)


@dataclass(frozen=True, slots=True, kw_only=True)
class DataVersion:
    """One state of a provider's bars of one interval; it never changes, and results name it."""

    id: str  # BLAKE3 of its manifest, hexadecimal
    provider: str
    interval: str
    known_at: datetime  # when it was published here
    parent: str | None  # the version before
    reason: str  # "import", "fetch", …: what made it
    changed: tuple[str, ...] = ()  # symbols that it adds to or alters
    restated: tuple[str, ...] = ()  # of these, those whose known bars or actions now say something else
    symbols: int = 0  # how many it holds
    rows: int = 0
