"""The rows of an import, gathered by symbol, before any rule is applied to them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from hindcast.services.market_data.intake.source_rows import SourceRows, UnusableFile
from hindcast.services.ports import BarRows, FloatArray, IntArray


@dataclass(slots=True)
class GatheredRows:
    """All rows of a source by symbol, in order of appearance, and the files that hold none."""

    parts: dict[str, list[BarRows]] = field(default_factory=dict)
    unusable: list[UnusableFile] = field(default_factory=list)
    origins: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, source: Iterable[BarRows | UnusableFile]) -> GatheredRows:
        """Read a source to its end."""
        found = cls()
        for entry in source:
            found.origins.add(entry.origin)
            if isinstance(entry, UnusableFile):
                found.unusable.append(entry)
            else:
                found.parts.setdefault(entry.symbol, []).append(entry)
        return found

    @property
    def rows(self) -> int:
        """How many rows were read."""
        return sum(len(part.timestamps) for parts in self.parts.values() for part in parts)

    def series(self) -> Iterator[BarRows]:
        """Every part, as it was read."""
        for parts in self.parts.values():
            yield from parts

    def take(self) -> Iterator[tuple[BarRows, RowPlaces]]:
        """Each symbol's rows as one, with where they came from; they are given away, so that memory is freed."""
        for symbol in list(self.parts):
            parts = self.parts.pop(symbol)
            yield joined_rows(parts), RowPlaces.of(parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class RowPlaces:
    """Which file, and which row of it, each row of a symbol came from."""

    origins: tuple[str, ...]
    starts: IntArray  # (parts,), the place of each part's first row
    numbers: tuple[IntArray | None, ...]

    @classmethod
    def of(cls, parts: Sequence[BarRows]) -> RowPlaces:
        """The places of parts that were joined in this order."""
        lengths = [len(part.timestamps) for part in parts]
        return cls(
            origins=tuple(part.origin for part in parts),
            starts=np.cumsum([0, *lengths[:-1]]),
            numbers=tuple(part.numbers for part in parts),
        )

    def of_number(self, number: int) -> tuple[str, int]:
        """The file and the row in it (from 1) of a row's number in the joined rows."""
        if len(self.origins) == 1:
            return self.origins[0], number
        part = int(np.searchsorted(self.starts, number - 1, side="right")) - 1
        place = number - 1 - int(self.starts[part])
        numbers = self.numbers[part]
        return self.origins[part], place + 1 if numbers is None else int(numbers[place])


def joined_rows(parts: Sequence[BarRows]) -> BarRows:
    """The rows of one symbol from several files as one; one part is handed through."""
    if len(parts) == 1:
        return parts[0]
    more = len(parts) - 1
    sources = [part for part in parts if isinstance(part, SourceRows)]
    details: dict[str, tuple[str, ...]] = {}
    for part in sources:
        for rule, words in part.details.items():
            details[rule] = (*details.get(rule, ()), *(f"{part.origin}, {said}" for said in words))
    return SourceRows(
        symbol=parts[0].symbol,
        timestamps=np.concatenate([part.timestamps for part in parts]),
        open=_joined([part.open for part in parts]),
        high=_joined([part.high for part in parts]),
        low=_joined([part.low for part in parts]),
        close=_joined([part.close for part in parts]),
        volume=_joined([part.volume for part in parts]),
        split=_joined_actions(parts, [part.split for part in parts]),
        dividend=_joined_actions(parts, [part.dividend for part in parts]),
        origin=f"{parts[0].origin} and {more} more file{'s' if more > 1 else ''}",
        faults=_joined_faults(parts) or None,
        notes=tuple(dict.fromkeys(note for part in parts for note in part.notes)),
        currency=next((part.currency for part in sources if part.currency), ""),
        adjusted=any(part.adjusted for part in sources),
        details=details,
    )


def _joined(arrays: Sequence[FloatArray]) -> FloatArray:
    return np.concatenate(arrays)


def _joined_actions(parts: Sequence[BarRows], arrays: Sequence[FloatArray | None]) -> FloatArray | None:
    """A file without such a column says nothing of actions: NaN."""
    if all(array is None for array in arrays):
        return None
    return np.concatenate(
        [
            np.full(len(part.timestamps), np.nan) if array is None else array
            for part, array in zip(parts, arrays, strict=True)
        ]
    )


def _joined_faults(parts: Sequence[BarRows]) -> Mapping[str, IntArray]:
    found: dict[str, list[IntArray]] = {}
    start = 0
    for part in parts:
        for rule, places in (part.faults or {}).items():
            found.setdefault(rule, []).append(places + start)
        start += len(part.timestamps)
    return {rule: np.concatenate(places) for rule, places in found.items()}
