"""From files of bars to a panel: the symbols' stamps first, then every price into its cell.

Row groups are decoded side by side by a few threads, and each goes into the panel at once, so that beside the panel
and the files' bytes there are never more than a few row groups of decoded numbers.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hindcast.domain.errors import CorruptDataError
from hindcast.infrastructure.files.store.bar_files import FIELDS, BarFile
from hindcast.infrastructure.files.store.data_manifests import Piece

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Cells = slice | NDArray[np.intp]

_THREADS: Final = min(os.cpu_count() or 1, 8)
_CELLS_PER_STAMP: Final = 8  # a bitmap of all possible stamps pays up to here; beyond it, stamps are sorted


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SymbolStamps:
    """A symbol's stamps within the range that was asked for, and the files' rows that they stand in."""

    stamps: IntArray  # (n,), increasing
    rows: tuple[tuple[str, int, int], ...]  # file, first row, row behind the last; together n rows
    before: int | None  # the symbol's stamp before them


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Assembled:
    """A panel and what it was made of."""

    timestamps: IntArray  # (T,)
    columns: Mapping[str, FloatArray]  # open … volume, each (T, S)
    symbols: tuple[SymbolStamps, ...]
    cells: tuple[Cells, ...]  # of each symbol the rows of the panel that hold its bars


class PanelReader:
    """Reads panels out of files of bars; each file is read and held against its hash once."""

    def __init__(self, load: Callable[[str], BarFile]) -> None:
        self._load = load
        self._files: dict[str, BarFile] = {}

    def stamps(
        self, symbols: Sequence[Sequence[Piece]], start: int | None, end: int | None, pool: ThreadPoolExecutor
    ) -> tuple[SymbolStamps, ...]:
        """Each symbol's stamps with start <= stamp <= end; `symbols` are their pieces, by time."""
        low = np.iinfo(np.int64).min if start is None else start
        high = np.iinfo(np.int64).max if end is None else end
        chosen = [[piece for piece in pieces if piece.last >= low and piece.first <= high] for pieces in symbols]
        for digest in dict.fromkeys(piece.file for pieces in chosen for piece in pieces):
            self._files.setdefault(digest, self._load(digest))
        decoded = self._decode_stamps([piece for pieces in chosen for piece in pieces], pool)
        found: list[SymbolStamps] = []
        shared: IntArray = np.zeros(0, dtype=np.int64)
        for every, pieces in zip(symbols, chosen, strict=True):
            rows = [(piece, _rows_of(self._files[piece.file], decoded, piece)) for piece in pieces]
            found.append(_cut(every, rows, low, high, shared))
            shared = found[-1].stamps
        return tuple(found)

    def assemble(self, symbols: tuple[SymbolStamps, ...], interval_ns: int, pool: ThreadPoolExecutor) -> Assembled:
        """The panel on the union of the symbols' stamps; at least one has stamps."""
        union = union_of([symbol.stamps for symbol in symbols], interval_ns)
        cells = tuple(_all_cells([symbol.stamps for symbol in symbols], union))
        shape = (len(union), len(symbols))
        full = sum(len(symbol.stamps) for symbol in symbols) == shape[0] * shape[1]
        columns = {name: np.empty(shape) if full else np.full(shape, np.nan) for name in FIELDS}

        def fill(job: tuple[str, int]) -> None:
            digest, group = job
            for name in FIELDS:  # one panel at a time: its lines stay in the processor's cache
                decoded, out = self._files[digest].decode(group, [name])[0], columns[name]
                for first, last, column, where in jobs[job]:
                    out[where, column] = decoded[first:last]

        jobs = self._jobs(symbols, cells)
        list(pool.map(fill, jobs))
        return Assembled(timestamps=union, columns=columns, symbols=symbols, cells=cells)

    def _decode_stamps(self, pieces: Sequence[Piece], pool: ThreadPoolExecutor) -> dict[tuple[str, int], IntArray]:
        wanted = dict.fromkeys(
            (piece.file, group)
            for piece in pieces
            for group in self._files[piece.file].groups(piece.row_start, piece.row_start + piece.rows)
        )

        def decode(job: tuple[str, int]) -> IntArray:
            return self._files[job[0]].decode(job[1], ["timestamp"])[0].view(np.int64)

        return dict(zip(wanted, pool.map(decode, wanted), strict=True))

    def _jobs(
        self, symbols: Sequence[SymbolStamps], cells: Sequence[Cells]
    ) -> dict[tuple[str, int], list[tuple[int, int, int, Cells]]]:
        """What of each row group goes where: its rows, the column, the cells."""
        jobs: dict[tuple[str, int], list[tuple[int, int, int, Cells]]] = {}
        for column, (symbol, where) in enumerate(zip(symbols, cells, strict=True)):
            done = 0
            for digest, start, stop in symbol.rows:
                file = self._files[digest]
                for group in file.groups(start, stop):
                    offset = file.starts[group]
                    first, last = max(start, offset), min(stop, file.starts[group + 1])
                    part = _part(where, done, done + last - first)
                    jobs.setdefault((digest, group), []).append((first - offset, last - offset, column, part))
                    done += last - first
        return jobs


def panel_threads() -> ThreadPoolExecutor:
    """The threads that decode row groups."""
    return ThreadPoolExecutor(_THREADS, thread_name_prefix="bars")


def union_of(series: Sequence[IntArray], interval_ns: int) -> IntArray:
    """All stamps of these increasing series, each once, increasing; none of the decoded arrays, which others share."""
    distinct: list[IntArray] = []
    for stamps in series:
        if len(stamps) and not (distinct and stamps is distinct[-1]):
            distinct.append(stamps)
    if len(distinct) == 1:
        only = distinct[0]
        return only if only.base is None and only.flags.writeable else only.copy()
    first = min(int(stamps[0]) for stamps in distinct)
    cells = (max(int(stamps[-1]) for stamps in distinct) - first) // interval_ns + 1
    total = sum(len(stamps) for stamps in distinct)
    if cells <= _CELLS_PER_STAMP * total:
        found = _union_on_grid(distinct, first, cells, interval_ns)
        if found is not None:
            return found
    every = np.concatenate(distinct)
    every.sort()
    return every[np.r_[True, every[1:] != every[:-1]]]


def _union_on_grid(series: Sequence[IntArray], first: int, cells: int, grid: int) -> IntArray | None:
    """The union of stamps that all lie whole steps of the grid apart; None where they do not."""
    taken = np.zeros(cells, dtype=np.bool_)
    for stamps in series:
        places, remainder = np.divmod(stamps - first, grid)
        if remainder.any():
            return None
        taken[places] = True
    return np.flatnonzero(taken) * grid + first


def cells_of(stamps: IntArray, union: IntArray) -> Cells:
    """Where the stamps are in the union that holds them: a slice where they stand side by side."""
    if not len(stamps):
        return slice(0, 0)
    first = int(np.searchsorted(union, stamps[0]))
    run = slice(first, first + len(stamps))
    return run if np.array_equal(union[run], stamps) else np.searchsorted(union, stamps)


def _all_cells(series: Sequence[IntArray], union: IntArray) -> Iterator[Cells]:
    """The cells of each series; what is one array with the series before it is looked for once."""
    last: IntArray | None = None
    cells: Cells = slice(0, 0)
    for stamps in series:
        if stamps is not last:
            last, cells = stamps, cells_of(stamps, union)
        yield cells


def _part(where: Cells, first: int, last: int) -> Cells:
    return slice(where.start + first, where.start + last) if isinstance(where, slice) else where[first:last]


def _rows_of(file: BarFile, decoded: Mapping[tuple[str, int], IntArray], piece: Piece) -> IntArray:
    """The stamps of a piece, which must be those that its manifest names."""
    stop = piece.row_start + piece.rows
    file.check_rows(piece.row_start, stop)
    groups = file.groups(piece.row_start, stop)
    parts = [decoded[piece.file, group] for group in groups]
    offset = file.starts[groups.start]
    whole = parts[0] if len(parts) == 1 else np.concatenate(parts)
    return whole[piece.row_start - offset : stop - offset]


def _cut(
    every: Sequence[Piece], pieces: Sequence[tuple[Piece, IntArray]], low: int, high: int, shared: IntArray
) -> SymbolStamps:
    """The stamps from low to high; where they are those of the symbol before, `shared`, it is the same array."""
    before = max((piece.last for piece in every if piece.last < low), default=None)
    parts: list[IntArray] = []
    rows: list[tuple[str, int, int]] = []
    for piece, stamps in pieces:
        first, last = 0, piece.rows
        if piece.first < low:
            first = int(np.searchsorted(stamps, low))
            before = int(stamps[first - 1])
        if piece.last > high:
            last = int(np.searchsorted(stamps, high, "right"))
        if first < last:
            parts.append(stamps[first:last])
            rows.append((piece.file, piece.row_start + first, piece.row_start + last))
    stamps = parts[0] if len(parts) == 1 else np.concatenate([np.zeros(0, dtype=np.int64), *parts])
    if np.array_equal(stamps, shared):
        stamps = shared
    elif (stamps[1:] <= stamps[:-1]).any():
        files = ", ".join(sorted({digest for digest, _, _ in rows}))
        raise CorruptDataError(f"bars in {files} are not in order of time: import or fetch them again")
    return SymbolStamps(stamps=stamps, rows=tuple(rows), before=before)
