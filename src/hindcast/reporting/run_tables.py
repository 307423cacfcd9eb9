"""Typed reading of a run's tables; a table or column that a run does not have is empty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import repeat

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
StampArray = NDArray[np.datetime64]
TextArray = NDArray[np.object_]
Tables = Mapping[str, Mapping[str, NDArray[np.generic]]]


def _column(tables: Tables, table: str, column: str) -> NDArray[np.generic]:
    return np.asarray(tables.get(table, {}).get(column, np.empty(0)))


def floats(tables: Tables, table: str, column: str) -> FloatArray:
    """A column of numbers, shape (rows,)."""
    return _column(tables, table, column).astype(np.float64)


def stamps(tables: Tables, table: str, column: str = "timestamp") -> StampArray:
    """A column of UTC stamps as datetime64[ns], shape (rows,)."""
    return _column(tables, table, column).astype("datetime64[ns]")


def words(tables: Tables, table: str, column: str) -> TextArray:
    """A column of text as str objects, shape (rows,)."""
    return _column(tables, table, column).astype(object)


def rows_by_word(column: TextArray, chosen: Sequence[str]) -> dict[str, NDArray[np.intp]]:
    """The row numbers, in order, at which each chosen word stands: one pass over the column, however many words."""
    places = {word: place for place, word in enumerate(chosen)}
    codes = np.fromiter(map(places.get, column, repeat(-1)), dtype=np.int64, count=len(column))
    order = np.argsort(codes, kind="stable")
    bounds = np.searchsorted(codes[order], np.arange(len(chosen) + 1))
    return {word: order[bounds[place] : bounds[place + 1]] for place, word in enumerate(chosen)}


def benchmark_levels(tables: Tables) -> tuple[StampArray, FloatArray]:
    """The benchmark's stamps and values where it has a value; both empty where the run had no benchmark."""
    when, value = stamps(tables, "benchmark"), floats(tables, "benchmark", "value")
    known = np.isfinite(value) & (value > 0)
    return when[known], value[known]


def stamp_texts(when: StampArray) -> list[str]:
    """Stamps as a person and a plot read them: dates alone where all are midnight, else to the minute or second."""
    if not len(when):
        return []
    if (when == when.astype("datetime64[D]")).all():
        return [str(text) for text in np.datetime_as_string(when, unit="D")]
    minutes = when.astype("datetime64[m]")
    exact = minutes if (when == minutes).all() else when.astype("datetime64[s]")
    return [str(text).replace("T", " ") for text in exact.astype(str)]
