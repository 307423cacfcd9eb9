"""Prices as they were traded, from prices that a vendor has divided by later splits."""

from __future__ import annotations

from typing import Final

import numpy as np

from hindcast.services.ports import FloatArray, IntArray

UNDONE: Final = "splits were taken out of the prices again: {count} by the file's own column of splits"
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
