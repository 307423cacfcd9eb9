"""The catalogue of bad bars: each class by name, what it means, what becomes of it, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Fate = Literal["refuses the import", "quarantine", "reported"]

MAX_BAD_SHARE: Final = 0.001  # of all rows; above it the whole import, or answer, is refused


@dataclass(frozen=True, slots=True, kw_only=True)
class BadBar:
    """One class of bad bars."""

    name: str
    fate: Fate  # what becomes of it: of the whole import, or of its row
    meaning: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Oddity:
    """One class of what is only strange: a warning, and the bar stays."""

    name: str
    meaning: str


def _refuses(name: str, meaning: str, remedy: str) -> BadBar:
    return BadBar(name=name, fate="refuses the import", meaning=meaning, remedy=remedy)


def _quarantines(name: str, meaning: str, remedy: str) -> BadBar:
    return BadBar(name=name, fate="quarantine", meaning=meaning, remedy=remedy)


_AT_SOURCE: Final = "mend the value at its source, or leave the row out"

BAD_BARS: Final[tuple[BadBar, ...]] = (
    _refuses(
        "naive_time_zone",
        "intraday stamps without a time zone, and none was stated",
        "state the zone of the stamps, such as America/New_York",
    ),
    _refuses(
        "foreign_time_zone",
        "stamps that lie outside the sessions but for a shift of hours, or daily stamps that are not midnight",
        "state the zone of the stamps, such as America/New_York",
    ),
    _quarantines(
        "off_calendar",
        "a bar on a day or at a time when the calendar has no session",
        "check the calendar of the symbol; leave out holidays and bars outside the regular session",
    ),
    _quarantines(
        "after_early_close",
        "an intraday bar between an early close and the usual one",
        "leave it out: the exchange was closed",
    ),
    _quarantines(
        "dst_gap",
        "a local time that a change of clocks left out, or that it gave twice",
        "write the stamps in UTC, or with their offset",
    ),
    _quarantines("unsorted", "a row that stands among later or earlier ones", "sort the rows by time"),
    _quarantines("identical_duplicate", "the same bar once more; the first stays", "leave the repeats out"),
    _quarantines(
        "conflicting_duplicate",
        "several bars of one stamp that say different things; none of them stays",
        "find out which is right, and leave the others out",
    ),
    _quarantines("nan_price", "a price is missing", "fill it at its source, or leave the row out: a gap is no error"),
    _quarantines("positive_infinity", "a value is infinite", _AT_SOURCE),
    _quarantines("negative_infinity", "a value is minus infinity", _AT_SOURCE),
    _quarantines("zero_price", "a price is zero, and the terms do not allow it", _AT_SOURCE),
    _quarantines(
        "negative_price",
        "a price is below zero and the terms do not allow it, or a split or dividend is below zero",
        _AT_SOURCE,
    ),
    _quarantines("high_below_open", "high is below open", _AT_SOURCE),
    _quarantines("high_below_close", "high is below close", _AT_SOURCE),
    _quarantines("high_below_low", "high is below low", _AT_SOURCE),
    _quarantines("low_above_open", "low is above open", _AT_SOURCE),
    _quarantines("low_above_close", "low is above close", _AT_SOURCE),
    _quarantines("negative_volume", "volume is below zero", _AT_SOURCE),
    _quarantines("nan_volume", "volume is missing, while other bars of the symbol have one", _AT_SOURCE),
    _quarantines("future_bar", "the bar begins later than now", "check the date, and the clock of this machine"),
    _quarantines("unfinished_bar", "the bar has begun and has not ended", "import it again when it has ended"),
    _refuses("wrong_symbol", "rows of another symbol than was asked for", "check which file or symbol was meant"),
    _refuses("wrong_currency", "rows in another currency than was stated", "state the currency of the rows"),
    BadBar(
        name="missing_session",
        fate="reported",
        meaning="a session of the calendar, between the first and the last bar, without a row",
        remedy="look whether trading was halted; if not, fetch or import the days again",
    ),
    _refuses("truncated_payload", "the file or answer ends in the middle", "get it again: it was cut short"),
    _quarantines("text_in_number", "text where a number or a stamp should stand", _AT_SOURCE),
    _refuses("duplicated_columns", "two columns that mean the same", "leave one of them, or name the columns"),
)

ODDITIES: Final[tuple[Oddity, ...]] = (
    Oddity(name="jump", meaning="the close is more than 50 % from the close before, and no action says why"),
    Oddity(name="split_like", meaning="the price moved as after a split (2:1, 3:2, 1:10 …), and no split is known"),
    Oddity(name="action_without_jump", meaning="a split is known, and raw prices do not show it"),
    Oddity(name="flat_run", meaning="five or more identical bars in a row"),
    Oddity(name="range_without_volume", meaning="high and low differ, but nothing was traded"),
    Oddity(name="volume_missing", meaning="the symbol has no volume at all"),
    Oddity(name="missing_bars", meaning="intraday bars are missing within sessions that have others"),
    Oddity(
        name="end_stamps", meaning="intraday bars stand at closes and none at opens: stamps seem to be ends of bars"
    ),
    Oddity(name="sessions_not_checked", meaning="no calendar is stated, or it does not know these days"),
    Oddity(name="overlap_differs", meaning="stored bars of the same stamps say something else"),
)

CLASSES: Final = {bad.name: bad for bad in BAD_BARS}
STRUCTURAL: Final = frozenset(bad.name for bad in BAD_BARS if bad.fate == "refuses the import")
ROW_CLASSES: Final = tuple(bad.name for bad in BAD_BARS if bad.fate == "quarantine")
