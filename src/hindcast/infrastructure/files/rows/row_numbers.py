"""A column of prices or volumes as float64: what is no number is marked, not raised."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hindcast.engine.column_table import AnyArray, Labels

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_MISSING: Final = frozenset({"", "na", "n/a", "#n/a", "nan", "null", "none", "nat", "<na>", "-nan", "1.#qnan"})
_PLAIN: Final = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[+-]?(?:inf|infinity)", flags=re.IGNORECASE)
_BEYOND_PLAIN: Final = re.compile(r"[^0-9.eE+\-]")
_THOUSANDS: Final = {
    ".": re.compile(r"[+-]?\d{1,3}(?:[, '\u00a0\u202f_]\d{3})+(?:\.\d*)?"),
    ",": re.compile(r"[+-]?\d{1,3}(?:[. '\u00a0\u202f_]\d{3})+(?:,\d*)?"),
}
_OTHER_MARK: Final = {".": ",", ",": "."}
_GROUP_MARKS: Final = re.compile(r"[ '\u00a0\u202f_]")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NumberColumn:
    """Values, NaN where one is missing or no number, and which are no numbers."""

    values: FloatArray  # (n,)
    bad: IntArray  # rows that hold text, increasing
    texts: tuple[str, ...]  # the text of the first of them


def number_column(values: AnyArray | Labels, decimal: str = ".", *, shown: int = 3) -> NumberColumn:
    """The numbers of a column; thousands may be grouped by threes."""
    if not isinstance(values, Labels) and values.dtype.kind in "iuf":
        return _good(values.astype(np.float64, copy=False))
    if not isinstance(values, Labels):
        return _from_objects(values, decimal, shown)
    read = [_number(name, decimal) for name in values.names]
    table = np.array([np.nan if number is None else number for number in read] + [np.nan])
    wrong = np.array([number is None for number in read] + [False], dtype=np.bool_)
    bad = np.flatnonzero(wrong[values.codes])
    texts = tuple(values.names[values.codes[row]] for row in bad[:shown])
    return NumberColumn(values=table[values.codes], bad=bad, texts=texts)


def _good(values: FloatArray) -> NumberColumn:
    return NumberColumn(values=values, bad=np.zeros(0, dtype=np.int64), texts=())


def _from_objects(values: AnyArray, decimal: str, shown: int) -> NumberColumn:
    found = np.full(len(values), np.nan)
    bad: list[int] = []
    texts: list[str] = []
    for row, value in enumerate(values.tolist()):
        if value is None or type(value).__name__ in ("NAType", "NaTType"):
            continue
        number = _number(value, decimal) if isinstance(value, str) else _as_float(value)
        if number is None:
            bad.append(row)
            texts.append(repr(value))
        else:
            found[row] = number
    return NumberColumn(values=found, bad=np.array(bad, dtype=np.int64), texts=tuple(texts[:shown]))


def _as_float(value: object) -> float | None:
    """A number of Python or of a library, None for what is none."""
    if isinstance(value, bool):
        return None
    try:
        return float(value)  # type: ignore[arg-type]  # whatever it is, it says itself whether it is a number
    except (TypeError, ValueError):
        return None


def _number(text: str, decimal: str) -> float | None:
    """The number of a text, NaN where it says that it misses, None where it is no number."""
    if decimal == "." and not _BEYOND_PLAIN.search(text):
        try:
            return float(text)  # most texts, in a tenth of the time
        except ValueError:
            pass
    bare = text.strip()
    if bare.casefold() in _MISSING:
        return float("nan")
    if _THOUSANDS[decimal].fullmatch(bare):
        bare = _GROUP_MARKS.sub("", bare).replace(_OTHER_MARK[decimal], "")
    if decimal == ",":
        if "." in bare:
            return None
        bare = bare.replace(",", ".")
    return float(bare) if _PLAIN.fullmatch(bare) else None
