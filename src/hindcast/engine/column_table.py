"""ColumnTable: named columns in plain arrays, the one form that every frame and file is brought to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import tzinfo

import numpy as np
from numpy.typing import NDArray

from hindcast.domain.errors import BarsError

IntArray = NDArray[np.int64]
AnyArray = NDArray[np.generic]

Name = str | tuple[str, str]  # a pair where a frame has two rows of headings


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Labels:
    """A column of text, each different text kept once."""

    codes: IntArray  # (n,), place in `names`; -1 = missing
    names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.codes)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ColumnTable:
    """Columns by name, each of n rows: numbers, datetime64 or text (an object array or `Labels`); an index is a column.

    Stamps of an aware column are UTC, and `zones` holds the time zone that it had.
    """

    columns: Mapping[Name, AnyArray | Labels]
    zones: Mapping[Name, tzinfo] = field(default_factory=dict)

    def __post_init__(self) -> None:
        lengths = {name: len(values) for name, values in self.columns.items()}
        if len(set(lengths.values())) > 1:
            shown = ", ".join(f"{name} {length}" for name, length in lengths.items())
            raise BarsError(f"columns have different numbers of rows ({shown}); expected as many in each")

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))


def unique_names(names: list[Name]) -> list[Name]:
    """The names, none twice. Raises BarsError."""
    seen: set[Name] = set()
    for name in names:
        if name in seen:
            raise BarsError(f"column {name!r} stands twice; each may be named once")
        seen.add(name)
    return names


def labels_of(values: AnyArray) -> Labels | None:
    """Text values as labels in order of appearance, None where a value is neither text nor missing."""
    items = values.tolist()
    names = [name for name in dict.fromkeys(items) if not _missing(name)]
    if not all(isinstance(name, str) for name in names):
        return None
    places = {name: place for place, name in enumerate(names)}
    codes = np.fromiter((places.get(item, -1) for item in items), dtype=np.int64, count=len(items))
    return Labels(codes=codes, names=tuple(names))


def _missing(value: object) -> bool:
    """None, NaN, NaT and pandas' NA: what does not equal itself."""
    return value is None or type(value).__name__ == "NAType" or value != value  # noqa: PLR0124  # NaN's mark
