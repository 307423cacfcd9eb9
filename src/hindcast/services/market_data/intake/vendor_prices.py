"""Prices as they were traded, from prices that a vendor has divided by later splits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from hindcast.services.market_data.intake.source_rows import SourceRows
from hindcast.services.ports import BarRows, FloatArray, IntArray

UNDONE: Final = "splits were taken out of the prices again: {count} by the file's own column of splits"
UNDONE_LATER: Final = "splits of later files were taken out of the prices of earlier ones"
IN_DOUBT: Final = (
    "the prices do not jump at the {count} splits of the file's own column: they may hold them already; adjusted=True "
    "says so, and keeps them from being applied twice"
)
_TELLING: Final = np.log(1.2)  # a smaller split can't be told from a day's move


def later_splits(stamps: IntArray, split: FloatArray) -> FloatArray:
    """What each row's price was divided by, shape (n,): the product of the splits that came after it.

    `split` is new shares per old at the start of a row's day; NaN, 0 and 1 are none.
    """
    ratio = np.where(np.isfinite(split) & (split > 0), split, 1.0)
    order = np.argsort(stamps, kind="stable")
    after = np.cumprod(ratio[order][::-1])[::-1]
    factors = np.empty(len(stamps))
    factors[order] = np.r_[after[1:], 1.0] if len(after) else after
    return factors


def hold_splits(stamps: IntArray, close: FloatArray, split: FloatArray) -> bool | None:
    """Whether closes move on at splits as if there were none; None where no split tells.

    Each split's move is compared with no move, and with the one that the split alone would make.
    """
    order = np.argsort(stamps, kind="stable")
    closes, ratios = close[order], split[order]
    held = traded = 0.0
    for row in np.flatnonzero(np.isfinite(ratios) & (ratios > 0) & (ratios != 1.0)).tolist():
        ratio = float(np.log(ratios[row]))
        before = closes[row - 1] if row else np.nan
        if abs(ratio) < _TELLING or not (before > 0 and closes[row] > 0 and np.isfinite(closes[row] / before)):
            continue
        move = float(np.log(closes[row] / before))
        held += abs(move)
        traded += abs(move + ratio)
    return None if held == traded else held < traded


def with_later_splits(parts: Sequence[BarRows]) -> list[BarRows]:
    """Files of one symbol by time; prices that hold the splits of a later file become those that were traded.

    A file can only tell of its own splits. Where the price moves on from one file to the next as if the later splits
    were in the earlier one, they are.
    """
    found: list[BarRows] = list(parts)
    factor = 1.0
    for place in range(len(found) - 2, -1, -1):
        part, following = found[place], found[place + 1]
        if following.split is not None:
            factor *= float(np.prod(_ratios(following.split)))
        if isinstance(part, SourceRows) and part.splits_in_prices and _move_holds(part, following, factor):
            found[place] = replace(
                part,
                open=part.open * factor,
                high=part.high * factor,
                low=part.low * factor,
                close=part.close * factor,
                volume=part.volume / factor,
                dividend=None if part.dividend is None else part.dividend * factor,
                notes=(*part.notes, UNDONE_LATER),
            )
    return found


def _ratios(split: FloatArray) -> FloatArray:
    return np.where(np.isfinite(split) & (split > 0), split, 1.0)


def _move_holds(part: BarRows, following: BarRows, factor: float) -> bool:
    """Whether the move between two files is the one of later splits that the first holds, not that of a usual day."""
    last, first = int(part.timestamps.max()), int(following.timestamps.min())
    if factor == 1.0 or not 0 < last < first:
        return False
    before, after = int(np.argmax(part.timestamps)), int(np.argmin(following.timestamps))
    split = 1.0 if following.split is None else float(_ratios(following.split)[after])
    old, new = float(part.close[before]), float(following.close[after]) * split
    if not (0 < old < np.inf and 0 < new < np.inf):
        return False
    move, held = float(np.log(new / old)), float(np.log(factor))
    return abs(held) < _TELLING or abs(move - held) < abs(move)
