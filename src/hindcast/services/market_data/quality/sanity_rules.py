"""The rules that a panel of prices is held against: one small function each, which yields what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from hindcast.engine.stamps import day_text
from hindcast.services.market_data.gap_rules import forward_filled, gaps
from hindcast.services.ports import PanelTable

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

JUMP: Final = 0.5  # change of the close from bar to bar, as a fraction
FLAT_BARS: Final = 5  # so many bars with the same prices and volume are no market

Severity = Literal["error", "warning", "gap"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """One finding: an error makes the data unusable, a warning is for a reader to judge, a gap is what is not there."""

    rule: str
    severity: Severity
    symbol: str
    timestamp: int | None  # UTC nanoseconds, None where it is about no single bar
    message: str

    def __str__(self) -> str:
        return self.message


Rule = Callable[[PanelTable], Iterator[Issue]]


def stamps_in_order(table: PanelTable) -> Iterator[Issue]:
    """Each stamp is later than the one before; a stamp that stands twice is a duplicate."""
    steps = np.diff(table.timestamps)
    for row in np.flatnonzero(steps <= 0).tolist():
        stamp, before = int(table.timestamps[row + 1]), int(table.timestamps[row])
        twice = stamp == before
        words = "stands twice" if twice else f"stands after {day_text(before)}"
        for symbol in table.symbols:
            yield Issue(
                rule="duplicate" if twice else "unsorted",
                severity="error",
                symbol=symbol,
                timestamp=stamp,
                message=f"{symbol}: date {day_text(stamp)} {words} (row {row + 2})",
            )


def symbols_have_bars(table: PanelTable) -> Iterator[Issue]:
    """Each symbol has at least one bar."""
    without = np.asarray(np.isnan(table.close).all(axis=0))
    yield from _symbols(table, without, "no_data", "error", "has no bar at all; expected at least one")


def rows_are_whole(table: PanelTable) -> Iterator[Issue]:
    """A row has all four prices or none."""
    missing = np.isnan(np.stack([table.open, table.high, table.low, table.close])).sum(axis=0)
    yield from _cells(table, (missing > 0) & (missing < 4), "partial_row", "error", "some prices are missing")


def prices_are_finite(table: PanelTable) -> Iterator[Issue]:
    """No price is infinite."""
    infinite = np.isinf(table.open) | np.isinf(table.high) | np.isinf(table.low) | np.isinf(table.close)
    yield from _cells(table, infinite, "infinite_price", "error", "a price is infinite")


def prices_are_positive(table: PanelTable) -> Iterator[Issue]:
    """Every price is above zero."""
    bad = (table.open <= 0) | (table.high <= 0) | (table.low <= 0) | (table.close <= 0)
    yield from _cells(table, bad, "price_not_positive", "error", "a price is not above zero")


def high_is_not_below_low(table: PanelTable) -> Iterator[Issue]:
    """High >= low."""
    yield from _cells(table, table.high < table.low, "high_below_low", "error", "high is below low")


def high_is_highest(table: PanelTable) -> Iterator[Issue]:
    """High >= open and close."""
    bad = (table.high < table.open) | (table.high < table.close)
    yield from _cells(table, bad, "high_below_body", "error", "high is below open or close")


def low_is_lowest(table: PanelTable) -> Iterator[Issue]:
    """Low <= open and close."""
    bad = (table.low > table.open) | (table.low > table.close)
    yield from _cells(table, bad, "low_above_body", "error", "low is above open or close")


def volume_is_possible(table: PanelTable) -> Iterator[Issue]:
    """Volume is finite and not negative."""
    bad = (table.volume < 0) | np.isinf(table.volume)
    yield from _cells(table, bad, "bad_volume", "error", "volume is negative or infinite")


def no_bar_is_missing(table: PanelTable) -> Iterator[Issue]:
    """Between its first and last bar a symbol has one wherever another has; the gap rule says what happens else."""
    yield from _cells(table, gaps(table.close), "missing_bar", "warning", "no bar, where the symbol has them around it")


def volume_is_known(table: PanelTable) -> Iterator[Issue]:
    """A bar has a volume; NaN counts as 0. A symbol without any volume is one finding."""
    present = ~np.isnan(table.close)
    unknown = np.isnan(table.volume) & present
    never = present.any(axis=0) & (unknown == present).all(axis=0)
    yield from _symbols(table, never, "volume_missing", "warning", "has no volume at all; each bar's counts as 0")
    yield from _cells(table, unknown & ~never, "volume_missing", "warning", "volume is missing, and counts as 0")


def range_has_volume(table: PanelTable) -> Iterator[Issue]:
    """Where high and low differ somebody traded; not asked of a symbol without any volume."""
    known = (table.volume > 0).any(axis=0)
    bad = (table.volume == 0) & (table.high > table.low) & known
    yield from _cells(table, bad, "range_without_volume", "warning", "high and low differ, but nothing was traded")


def closes_do_not_jump(table: PanelTable) -> Iterator[Issue]:
    """A close is within 50 % of the close before, unless a split says why."""
    before = forward_filled(table.close)[:-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        change = table.close[1:] / before - 1.0
    bad = np.zeros(table.close.shape, dtype=np.bool_)
    bad[1:] = np.abs(change) > JUMP
    if table.split is not None and not table.adjusted:
        bad &= ~((table.split != 1.0) & ~np.isnan(table.split))
    yield from _cells(
        table, bad, "jump", "warning", "the close is more than 50 % from the close before, without a split"
    )


def prices_move(table: PanelTable) -> Iterator[Issue]:
    """Prices and volume do not stand still over five bars; one finding per run, at its first bar."""
    values = np.stack([table.open, table.high, table.low, table.close, np.nan_to_num(table.volume)])
    same = np.asarray((values[:, 1:] == values[:, :-1]).all(axis=0))
    if len(same) < FLAT_BARS - 1:
        return
    runs = np.lib.stride_tricks.sliding_window_view(same, FLAT_BARS - 1, axis=0)
    still = np.asarray(runs.all(axis=-1))
    first = np.zeros(table.close.shape, dtype=np.bool_)
    first[: len(still)] = still
    first[1 : len(still)] &= ~still[:-1]
    yield from _cells(table, first, "flat_run", "warning", f"the first of {FLAT_BARS} or more identical bars")


RULES: Final[tuple[Rule, ...]] = (
    stamps_in_order,
    symbols_have_bars,
    rows_are_whole,
    prices_are_finite,
    prices_are_positive,
    high_is_not_below_low,
    high_is_highest,
    low_is_lowest,
    volume_is_possible,
    no_bar_is_missing,
    volume_is_known,
    range_has_volume,
    closes_do_not_jump,
    prices_move,
)


def _symbols(table: PanelTable, bad: BoolArray, rule: str, severity: Severity, words: str) -> Iterator[Issue]:
    for column in np.flatnonzero(bad).tolist():
        symbol = table.symbols[column]
        yield Issue(rule=rule, severity=severity, symbol=symbol, timestamp=None, message=f"{symbol} {words}")


def _cells(table: PanelTable, bad: BoolArray, rule: str, severity: Severity, words: str) -> Iterator[Issue]:
    for bar, column in np.argwhere(bad).tolist():
        stamp, symbol = int(table.timestamps[bar]), table.symbols[column]
        shown = ", ".join(
            f"{name} {getattr(table, name)[bar, column]:g}" for name in ("open", "high", "low", "close", "volume")
        )
        yield Issue(
            rule=rule,
            severity=severity,
            symbol=symbol,
            timestamp=stamp,
            message=f"{symbol} on {day_text(stamp)}: {words} ({shown})",
        )
