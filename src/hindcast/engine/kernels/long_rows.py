"""One pass over the rows of a long table: whether each symbol's time increases, and where each symbol begins."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hindcast.engine._jit import kernel

IntArray = NDArray[np.int64]

NEVER = np.iinfo(np.int64).min  # the last stamp of a symbol that no row has named yet


@kernel
def first_disorder(codes: IntArray, stamps: IntArray, last: IntArray, first_row: IntArray) -> int:
    """The first row whose stamp is not after its symbol's stamp before, or -1.

    `codes` and `stamps` are (n,); `last` is (S,), filled with NEVER, and holds each symbol's latest stamp before that
    row afterwards; `first_row` is (S,), filled with -1, and holds each symbol's first row.
    """
    for row in range(len(codes)):
        symbol = codes[row]
        if first_row[symbol] < 0:
            first_row[symbol] = row
        elif stamps[row] <= last[symbol]:
            return row
        last[symbol] = stamps[row]
    return -1
