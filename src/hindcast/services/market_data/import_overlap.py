"""Where an import says something else than what is stored: told before it is published, as a warning."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import numpy as np

from hindcast.engine.stamps import day_text
from hindcast.services.market_data.sanity_rules import Issue
from hindcast.services.ports import BarStore, CleanSeries, PanelTable, StoredSeries

OVERLAP: Final = "overlap_differs"
_FIELDS: Final = ("open", "high", "low", "close", "volume")


def overlap_warnings(
    store: BarStore, provider: str, interval: str, series: Iterable[CleanSeries], known: Mapping[str, StoredSeries]
) -> Iterator[Issue]:
    """One warning per symbol whose stored bars the new ones contradict, with counts and the first case."""
    for new in series:
        stored = known.get(new.symbol)
        if stored is None or not stored.rows or not len(new.timestamps):
            continue
        first, last = max(stored.first, int(new.timestamps[0])), min(stored.last, int(new.timestamps[-1]))
        if first > last:
            continue
        own = slice(*np.searchsorted(new.timestamps, [first, last + 1]).tolist())
        words = _difference(new, own, store.read(provider, interval, [new.symbol], stored.first, stored.last))
        if words:
            yield Issue(rule=OVERLAP, severity="warning", symbol=new.symbol, timestamp=None, message=words)


def _difference(new: CleanSeries, own: slice, old: PanelTable) -> str:
    """In words what the stored bars of the same stretch say otherwise; empty where they agree."""
    stamps = new.timestamps[own]
    within = slice(*np.searchsorted(old.timestamps, [stamps[0], stamps[-1] + 1]).tolist()) if len(stamps) else slice(0)
    stored = old.timestamps[within]
    common, here, there = np.intersect1d(stamps, stored, assume_unique=True, return_indices=True)
    kept = () if new.kept is None else new.kept
    gone = np.setdiff1d(stored, np.union1d(stamps, kept), assume_unique=False)
    added = len(stamps) - len(common)
    changed, example = np.zeros(len(common), dtype=np.bool_), ""
    for name in _FIELDS:
        mine, theirs = getattr(new, name)[own][here], getattr(old, name)[within, 0][there]
        differs = ~((mine == theirs) | (np.isnan(mine) & np.isnan(theirs)))
        if differs.any() and not example:
            row = int(np.argmax(differs))
            example = f"; {name} of {day_text(common[row])} was {theirs[row]:.10g} and is now {mine[row]:.10g}"
        changed |= differs
    if not changed.any() and not len(gone):
        return ""
    parts = [f"{int(changed.sum()):,} of {len(common):,} bars that are stored already differ{example}"]
    if len(gone):
        parts.append(f"{len(gone):,} stored bars are gone, the first of {day_text(gone[0])}")
    if added:
        parts.append(f"{added:,} stand between stored ones")
    return f"{new.symbol}: {'; '.join(parts)}; the new version takes the new ones, the old version keeps the old"
