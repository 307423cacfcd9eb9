"""What is strange about good bars: jumps, splits that prices deny, bars that stand still. Warnings only."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hindcast.domain.market_data import CorporateAction
from hindcast.engine.stamps import day_text, to_nanoseconds
from hindcast.services.market_data.quality.sanity_rules import FLAT_BARS, JUMP, Issue
from hindcast.services.ports import BarRows

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

LISTED: Final = 20  # findings of one kind that are told one by one; the others are counted
AT_OPEN: Final = 0.02  # how near the open must be to the price after a split, as a fraction
FAR_OPEN: Final = 0.05  # the same from 3:1 on: no other ratio is near, and few moves are as large
AT_CLOSE: Final = 0.2  # and the close
TOLD: Final = 1.25  # a split of less (5 new for 4 old) is not told from a day's move
BLOCK: Final = 65_536  # rows that are looked at together: what is held beside them stays small
RATIOS: Final = tuple(
    sorted({*((new, 1) for new in (*range(2, 11), 15, 20, 25, 30, 40, 50, 100)), (3, 2)})
)  # new shares for old ones, and the other way round

_NONE: Final = np.empty(0, dtype=np.int8)


def warnings_of(
    bars: BarRows, days: IntArray, actions: Sequence[CorporateAction] | None, *, adjusted: bool
) -> Iterator[Issue]:
    """What a reader should judge.

    Parameters
    ----------
    bars : BarRows
        Good rows, in order.
    days : array
        The session's date of each row, 00:00 UTC, shape (n,).
    actions : sequence of CorporateAction, optional
        What is known of the symbol; None: the source says nothing of them.
    adjusted : bool
        The prices hold corporate actions already.
    """
    if len(bars.close):
        yield from jumps(bars, days, () if actions is None else actions, adjusted=adjusted)
        yield from _standing_still(bars)
        yield from _volume(bars)


def jumps(bars: BarRows, days: IntArray, actions: Sequence[CorporateAction], *, adjusted: bool) -> Iterator[Issue]:
    """Moves that no known action explains, and splits that the prices do not show; as `warnings_of`, n >= 1 rows."""
    split: dict[int, float] = {}  # by row, as dividends
    dividend: dict[int, float] = {}
    if actions and not adjusted:
        first_rows = np.searchsorted(days, to_nanoseconds([action.day for action in actions]))
        for action, row in zip(actions, first_rows.tolist(), strict=True):
            if 0 < row < len(days) and action.kind == "split":
                split[row] = split.get(row, 1.0) * action.value
            elif 0 < row < len(days):
                dividend[row] = dividend.get(row, 0.0) + action.value
    yield from _too_large(bars, dividend)
    moves = [_moves(bars, range(first, min(first + BLOCK, len(days))), split, dividend) for first in _blocks(days)]
    unseen, ratio, jump = (np.concatenate(found) for found in zip(*moves, strict=True)) if moves else (_NONE,) * 3
    old, new = bars.close[:-1], bars.close[1:]
    yield from _listed(
        bars,
        np.flatnonzero(unseen) + 1,
        "action_without_jump",
        lambda row: (
            f"a split of {split[row]:g} new for 1 old, but the price opened at {bars.open[row]:g} after a close of "
            f"{bars.close[row - 1]:g}; check the split's date, or say that the prices are adjusted"
        ),
    )
    yield from _listed(
        bars,
        np.flatnonzero(ratio) + 1,
        "split_like",
        lambda row: (
            f"opened at {bars.open[row]:g} after a close of {bars.close[row - 1]:g}, as after a split of "
            f"{_ratio_words(int(ratio[row - 1]))}, and no split is known; give the split, or adjusted prices"
        ),
    )
    yield from _listed(
        bars,
        np.flatnonzero(jump) + 1,
        "jump",
        lambda row: (
            f"close {new[row - 1]:g} after {old[row - 1]:g} ({new[row - 1] / old[row - 1] - 1:+.0%}), "
            f"and no split or dividend says why"
        ),
    )


def _too_large(bars: BarRows, dividends: Mapping[int, float]) -> Iterator[Issue]:
    """Dividends that no price can have paid."""
    rows = sorted(row for row, cash in dividends.items() if not cash < bars.close[row - 1] > 0)
    yield from _listed(
        bars,
        np.array(rows, dtype=np.int64),
        "action_without_jump",
        lambda row: (
            f"a dividend of {dividends[row]:g} per share after a close of {bars.close[row - 1]:g}; is it in another "
            "currency, or per another number of shares?"
        ),
    )


def _blocks(days: IntArray) -> range:
    """Where each block of rows begins, but for the first row, which has none before it."""
    return range(1, len(days), BLOCK)


def _moves(
    bars: BarRows, rows: range, splits: Mapping[int, float], dividends: Mapping[int, float]
) -> tuple[NDArray[np.int8], NDArray[np.int8], NDArray[np.int8]]:
    """Of each of these rows: a split that does not show, the split that it looks like (see `_ratio_of`), a jump."""
    here, back = slice(rows.start, rows.stop), slice(rows.start - 1, rows.stop - 1)
    before, split = bars.close[back].copy(), np.ones(len(rows))
    for row in (row for row in dividends if row in rows):
        before[row - rows.start] -= dividends[row]
    for row in (row for row in splits if row in rows):
        split[row - rows.start] = splits[row]
    with np.errstate(divide="ignore", invalid="ignore"):
        base = np.where((before > 0) & (bars.open[here] > 0) & (bars.close[here] > 0), before, np.nan)
        opened, closed = bars.open[here] / base, bars.close[here] / base
        large = (split >= TOLD) | (split <= 1 / TOLD)
        unseen = large & (np.abs(np.log(opened)) < np.abs(np.log(opened * split)))
        opened, closed = opened * split, closed * split
        ratio = np.where(unseen | (np.abs(closed - 1) < 0.2), 0, _ratio_of(opened, closed))
        jump = (np.abs(closed - 1) > JUMP) & (ratio == 0) & ~unseen
    return unseen.astype(np.int8), ratio.astype(np.int8), jump.astype(np.int8)


def _ratio_of(opened: FloatArray, closed: FloatArray) -> IntArray:
    """Which split would give these moves: 1 + its place in RATIOS, negative where old and new change places; or 0."""
    found = np.zeros(len(opened), dtype=np.int64)
    rows = np.flatnonzero(np.abs(opened - 1) > 0.2)
    for place, (new, old) in enumerate(RATIOS):
        for sign, factor in ((1, new / old), (-1, old / new)):
            near = np.abs(opened[rows] * factor - 1) <= (FAR_OPEN if new >= 3 * old else AT_OPEN)
            found[rows[near & (np.abs(closed[rows] * factor - 1) <= AT_CLOSE)]] = sign * (place + 1)
    return found


def _ratio_words(code: int) -> str:
    new, old = RATIOS[abs(code) - 1][:: 1 if code > 0 else -1]
    return f"{new}:{old} ({new} new for {old} old)"


def _standing_still(bars: BarRows) -> Iterator[Issue]:
    same = np.ones(len(bars.close) - 1, dtype=np.bool_)
    for values in (bars.open, bars.high, bars.low, bars.close, np.nan_to_num(bars.volume)):
        same &= values[1:] == values[:-1]
    edges = np.flatnonzero(np.diff(np.concatenate(([False], same, [False])).astype(np.int8)))
    runs = [(first, last - first + 1) for first, last in edges.reshape(-1, 2).tolist()]
    lengths = {first: length for first, length in runs if length >= FLAT_BARS}
    yield from _listed(
        bars,
        np.array(list(lengths), dtype=np.int64),
        "flat_run",
        lambda row: f"the first of {lengths[row]} identical bars, at {bars.close[row]:g}",
    )


def _volume(bars: BarRows) -> Iterator[Issue]:
    if np.isnan(bars.volume).all():
        words = f"{bars.symbol} has no volume at all; each bar's counts as 0"
        yield Issue(rule="volume_missing", severity="warning", symbol=bars.symbol, timestamp=None, message=words)
    elif (bars.volume > 0).any():
        yield from _listed(
            bars,
            np.flatnonzero((bars.volume == 0) & (bars.high > bars.low)),
            "range_without_volume",
            lambda row: f"high {bars.high[row]:g} and low {bars.low[row]:g} differ, but nothing was traded",
        )


def _listed(bars: BarRows, places: IntArray, rule: str, words: Callable[[int], str]) -> Iterator[Issue]:
    for row in places[:LISTED].tolist():
        stamp = int(bars.timestamps[row])
        text = f"{bars.symbol} on {day_text(stamp)}: {words(row)}"
        yield Issue(rule=rule, severity="warning", symbol=bars.symbol, timestamp=stamp, message=text)
    if len(places) > LISTED:
        last = day_text(bars.timestamps[places[-1]])
        text = f"{bars.symbol}: {len(places) - LISTED} more of '{rule}', the last on {last}"
        yield Issue(rule=rule, severity="warning", symbol=bars.symbol, timestamp=None, message=text)
