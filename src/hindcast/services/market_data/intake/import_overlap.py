"""Where an import says something else than what is stored: told before it is published, as a warning."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from hindcast.domain.errors import CorruptDataError, DateRangeError
from hindcast.engine.stamps import day_text
from hindcast.services.market_data.quality.sanity_rules import Issue
from hindcast.services.ports import BarStore, CleanSeries, FloatArray, IntArray, PanelTable, StoredSeries

OVERLAP: Final = "overlap_differs"
_CELLS: Final = 2_000_000  # bars by symbols that are read at once
_FIELDS: Final = ("open", "high", "low", "close", "volume")


def overlap_warnings(
    store: BarStore, provider: str, interval: str, series: Iterable[CleanSeries], known: Mapping[str, StoredSeries]
) -> Iterator[Issue]:
    """One warning per symbol whose stored bars the new ones contradict, with counts and the first case."""
    shared = [new for new in series if len(new.timestamps) and _meet(new, known.get(new.symbol))]
    for group in _groups(shared, known):
        first, last = min(int(new.timestamps[0]) for new in group), max(int(new.timestamps[-1]) for new in group)
        for some, panel in _panels(store, provider, interval, group, (first, last)):
            for place, new in enumerate(some):
                if isinstance(panel, CorruptDataError):
                    yield damaged(new.symbol, panel)
                elif words := _difference(new, _Stored.of(panel, place)):
                    yield _warning(new.symbol, words)


def damaged(symbol: str, error: CorruptDataError) -> Issue:
    """That stored bars or actions can't be compared; the new ones take their place."""
    return _warning(symbol, f"{symbol}: what is stored is damaged, and not compared: {error}")


def _warning(symbol: str, words: str) -> Issue:
    return Issue(rule=OVERLAP, severity="warning", symbol=symbol, timestamp=None, message=words)


def _panels(
    store: BarStore, provider: str, interval: str, group: Sequence[CleanSeries], span: tuple[int, int] | tuple[()]
) -> Iterator[tuple[Sequence[CleanSeries], PanelTable | CorruptDataError]]:
    """The stored bars of a group; of each of it for itself where some are damaged."""
    try:
        yield group, store.read(provider, interval, [new.symbol for new in group], *span)
    except DateRangeError:  # a symbol has no bar in just this stretch
        yield from _panels(store, provider, interval, group, ())
    except CorruptDataError as error:
        if len(group) == 1:
            yield group, error
        else:
            for new in group:
                yield from _panels(store, provider, interval, [new], span)


def _meet(new: CleanSeries, stored: StoredSeries | None) -> bool:
    return (
        stored is not None
        and stored.rows > 0
        and stored.first <= int(new.timestamps[-1])
        and stored.last >= int(new.timestamps[0])
    )


def _groups(series: Sequence[CleanSeries], known: Mapping[str, StoredSeries]) -> Iterator[list[CleanSeries]]:
    """Series that are read at once: as many as memory has room for, adjusted ones apart from raw ones."""
    group: list[CleanSeries] = []
    longest = 0
    for new in sorted(series, key=lambda new: known[new.symbol].terms.adjusted):
        stored = known[new.symbol]
        longest = max(longest, stored.rows)
        if group and (
            (len(group) + 1) * longest > _CELLS or known[group[0].symbol].terms.adjusted != stored.terms.adjusted
        ):
            yield group
            group, longest = [], stored.rows
        group.append(new)
    if group:
        yield group


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Stored:
    """One symbol's stored bars."""

    timestamps: IntArray
    columns: Mapping[str, FloatArray]

    @classmethod
    def of(cls, panel: PanelTable, place: int) -> _Stored:
        missing = np.isnan(panel.close[:, place])
        own = ~missing if missing.any() else slice(None)  # nothing is copied of a panel of one symbol
        return cls(
            timestamps=panel.timestamps[own],
            columns={name: getattr(panel, name)[own, place] for name in _FIELDS},
        )


def _difference(new: CleanSeries, old: _Stored) -> str:
    """In words what the stored bars of the same stretch say otherwise; empty where they agree."""
    own = _between(new.timestamps, old.timestamps)
    within = _between(old.timestamps, new.timestamps)
    stamps, stored = new.timestamps[own], old.timestamps[within]
    if np.array_equal(stamps, stored) and all(
        np.array_equal(getattr(new, name)[own], old.columns[name][within], equal_nan=True) for name in _FIELDS
    ):
        return ""  # the same once more, told without the memory that a comparison takes
    common, here, there = np.intersect1d(stamps, stored, assume_unique=True, return_indices=True)
    kept = np.zeros(0, dtype=np.int64) if new.kept is None else new.kept
    gone = stored[~np.isin(stored, np.concatenate([stamps, kept]))]
    added = len(stamps) - len(common)
    changed, example = np.zeros(len(common), dtype=np.bool_), ""
    for name in _FIELDS:
        mine, theirs = getattr(new, name)[own][here], old.columns[name][within][there]
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


def _between(stamps: IntArray, others: IntArray) -> slice:
    """The stamps that lie between the first and the last of the others."""
    if not len(others):
        return slice(0)
    return slice(*np.searchsorted(stamps, [others[0], others[-1] + 1]).tolist())
