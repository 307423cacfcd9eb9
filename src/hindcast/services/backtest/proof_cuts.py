"""Where the look-ahead proof cuts the bars, and what it does to those after each cut."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hindcast.domain.certificate import ReplayKind

IntArray = NDArray[np.int64]

TRUNCATED, NAN, SCALED, SHUFFLED = ReplayKind

SAMPLED_REACH: Final = 250  # bars after a cut that a sampled replay still shows
MOST_POISONED_BARS: Final = 10_000  # up to so many bars `full` poisons each cut in each way; beyond, in turn

# How the sampled cuts but the last alter the future; they lie more often early, where a replay is short.
_EARLIER: Final = (SCALED, NAN, SHUFFLED)


@dataclass(frozen=True, slots=True, order=True)
class Cut:
    """A bar after which the future is altered, and how."""

    bar: int
    kind: ReplayKind


def full_cuts(bars: int) -> Iterator[Cut]:
    """Every bar that has a future, ascending, so that the first difference found is the earliest there is.

    Truncation alone proves a bar: its decision is then the one that was possible without any later bar. The poisons
    are a second net; they carry the proof where a strategy raises on few bars.
    """
    for bar in range(bars - 1):
        yield Cut(bar, TRUNCATED)
        if bars <= MOST_POISONED_BARS:
            yield from (Cut(bar, kind) for kind in (NAN, SCALED, SHUFFLED))
        else:
            yield Cut(bar, (NAN, SCALED, SHUFFLED)[bar % 3])


def sampled_cuts(decision_bars: IntArray, bars: int, seed: int) -> list[Cut]:
    """The last decision, others drawn from the seed, and one bar of any kind, ascending; none without a future."""
    if bars < 2:
        return []
    draw = random.Random(seed)
    candidates = decision_bars[: np.searchsorted(decision_bars, bars - 1)]
    if len(candidates):
        cuts = [Cut(int(candidates[_early(draw, len(candidates))]), kind) for kind in _EARLIER]
        cuts += [Cut(int(candidates[-1]), TRUNCATED), Cut(_early(draw, bars - 1), TRUNCATED)]
    else:
        cuts = [Cut(_early(draw, bars - 1), kind) for kind in (*_EARLIER, TRUNCATED, TRUNCATED)]
    return sorted(set(cuts))


def _early(draw: random.Random, count: int) -> int:
    """A place below count, the earlier the more likely."""
    return int(draw.random() ** 2 * count)
