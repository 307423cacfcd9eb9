"""The rows of an import, gathered by symbol, before any rule is applied to them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from hindcast.services.market_data.intake.source_rows import SourceRows, UnusableFile
from hindcast.services.market_data.intake.vendor_prices import with_later_splits
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
            parts = in_time(self.parts.pop(symbol))
            yield joined_rows(parts), RowPlaces.of(parts)

    def of_two_kinds(self, stated: Callable[[str], bool]) -> Iterator[UnusableFile]:
        """Symbols with adjusted and raw prices in different files; `stated` says which are adjusted all the same."""
        for symbol, parts in self.parts.items():
            adjusted = [part for part in parts if isinstance(part, SourceRows) and part.adjusted]
            raw = next((part for part in parts if part not in adjusted), None)
            if adjusted and raw is not None and not stated(symbol):
                words = (
                    f"{symbol}: {adjusted[0].origin} holds adjusted prices by its form, {raw.origin} raw ones; a "
                    "series is one or the other: import files of one kind, or say adjusted=True where all are adjusted"
                )
                yield UnusableFile(origin=adjusted[0].origin, rule="unknown_layout", message=words)


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


def in_time(parts: Sequence[BarRows]) -> list[BarRows]:
    """Parts by their first stamp, and those that stand newest first turned round, each for itself."""
    if len(parts) == 1:
        return [*parts]
    return with_later_splits(sorted((_turned(part) for part in parts), key=_begin))


def _turned(part: BarRows) -> BarRows:
    steps = np.diff(part.timestamps[part.timestamps != 0])
    if (steps < 0).sum() <= (steps > 0).sum():
        return part
    count = len(part.timestamps)
    columns = {name: getattr(part, name)[::-1] for name in ("timestamps", "open", "high", "low", "close", "volume")}
    numbers = np.arange(1, count + 1) if part.numbers is None else part.numbers
    return replace(
        part,
        **columns,
        split=None if part.split is None else part.split[::-1],
        dividend=None if part.dividend is None else part.dividend[::-1],
        numbers=numbers[::-1],
        faults=None if part.faults is None else {rule: count - 1 - at[::-1] for rule, at in part.faults.items()},
    )


def _begin(part: BarRows) -> int:
    stamps = part.timestamps[part.timestamps != 0]
    return int(stamps.min()) if len(stamps) else 0


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
    faults = _joined_faults(parts)
    currency = _one_currency(sources, parts, faults, details)
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
        faults=faults or None,
        notes=tuple(dict.fromkeys(note for part in parts for note in part.notes)),
        currency=currency,
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


def _one_currency(
    sources: Sequence[SourceRows],
    parts: Sequence[BarRows],
    faults: dict[str, IntArray],
    details: dict[str, tuple[str, ...]],
) -> str:
    """The currency of the first file that says one; rows of files that say another are marked as of the wrong one."""
    right = next((part for part in sources if part.currency), None)
    if right is None:
        return ""
    start = 0
    for part in parts:
        said = part.currency if isinstance(part, SourceRows) else ""
        if said and said != right.currency:
            rows = np.arange(start, start + len(part.timestamps))
            faults["wrong_currency"] = np.union1d(faults.get("wrong_currency", rows), rows)
            words = f"{part.origin}, row 1: currency {said!r}, where {right.currency!r} stands in {right.origin}"
            details["wrong_currency"] = (*details.get("wrong_currency", ()), words)
        start += len(part.timestamps)
    return right.currency


def _joined_faults(parts: Sequence[BarRows]) -> dict[str, IntArray]:
    found: dict[str, list[IntArray]] = {}
    start = 0
    for part in parts:
        for rule, places in (part.faults or {}).items():
            found.setdefault(rule, []).append(places + start)
        start += len(part.timestamps)
    return {rule: np.concatenate(places) for rule, places in found.items()}
