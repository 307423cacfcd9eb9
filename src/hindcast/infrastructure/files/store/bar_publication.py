"""A publication: new series over a stored version, as a new manifest and the files that it needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import numpy as np

from hindcast.domain.errors import CorruptDataError, DataError
from hindcast.domain.market_data import CorporateAction, SeriesTerms
from hindcast.infrastructure.files.store.action_files import ActionFiles, action_file_bytes, action_name
from hindcast.infrastructure.files.store.bar_files import BarFile, Rows, bar_file_bytes, joined_rows
from hindcast.infrastructure.files.store.blobs import Blobs, content_name, hash_of, verified
from hindcast.infrastructure.files.store.data_manifests import ActionRows, Entry, Manifest, Piece
from hindcast.infrastructure.files.store.series_merge import (
    actions_restated,
    merge_covered,
    merge_rows,
    merge_unavailable,
    new_rows,
    reach,
    same_unavailable,
)
from hindcast.services.market_data.exchange_days import bounds
from hindcast.services.ports import CleanSeries

SMALL_FILES: Final = 16  # files below a million rows that a version may name; one more, and they become one
SMALL_ROWS: Final = 1_000_000
LIVE_SHARE: Final = 0.5  # a file of which fewer rows are still in use is written anew
FILE_ROWS: Final = 4_000_000  # more rows than this are written to several files

Part = Piece | Rows  # what is stored already, or is still to be written


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A symbol after the publication, before its rows are written."""

    entry: Entry  # with its old pieces and its old place of actions
    parts: tuple[Part, ...]
    actions: tuple[CorporateAction, ...] | None  # None: as they were
    changed: bool
    restated: bool


class LoadedFiles:
    """Stored files of bars, each read and held against its hash once in the life of this object."""

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs
        self._files: dict[str, BarFile] = {}

    def file(self, digest: str) -> BarFile:
        """A file of bars. Raises CorruptDataError."""
        if digest not in self._files:
            self._files[digest] = load_bar_file(self._blobs, digest)
        return self._files[digest]

    def rows(self, pieces: Iterable[Piece]) -> Rows:
        """The rows of pieces, one after the other. Raises CorruptDataError."""
        return joined_rows(
            [self.file(piece.file).read(piece.row_start, piece.row_start + piece.rows) for piece in pieces]
        )


def bar_name(digest: str) -> str:
    """The blob of a file of bars."""
    return content_name("bars", digest, ".parquet")


def load_bar_file(blobs: Blobs, digest: str) -> BarFile:
    """A file of bars, its bytes held against their hash. Raises CorruptDataError."""
    name = bar_name(digest)
    return BarFile(blobs.location(name), verified(blobs, name, digest))


class Publication:
    """Puts series over what a manifest holds. Files are written as they are needed; nothing names them yet."""

    def __init__(self, blobs: Blobs, current: Manifest) -> None:
        self._blobs = blobs
        self._current = current
        self._loaded = LoadedFiles(blobs)
        self._actions = ActionFiles(blobs)

    def manifest(
        self, series: Sequence[CleanSeries], *, parent: str | None, reason: str, known_at: datetime
    ) -> Manifest | None:
        """The manifest of the new version; None where nothing changes. Raises DataError, StorageError."""
        proposals = {each.symbol: self._propose(each) for each in series}
        changed = {symbol: proposal for symbol, proposal in proposals.items() if proposal.changed}
        if not changed:
            return None
        entries = self._with_bars(changed)
        entries = self._with_actions(entries, {symbol: each.actions for symbol, each in changed.items()})
        used = {piece.file for entry in entries.values() for piece in entry.pieces}
        return replace(
            self._current,
            parent=parent,
            known_at=known_at,
            reason=reason,
            changed=tuple(sorted(changed)),
            restated=tuple(sorted(symbol for symbol, each in changed.items() if each.restated)),
            files={digest: rows for digest, rows in self._rows_by_file.items() if digest in used},
            series=entries,
        )

    def _propose(self, series: CleanSeries) -> Proposal:
        known = self._current.series.get(series.symbol)
        entry = Entry(terms=series.terms) if known is None else known
        parts, restated, kept = self._merged_parts(entry, series)
        if kept:
            _check_terms(series, entry)
        covered = merge_covered(entry.covered, series.covered)
        unavailable = merge_unavailable(entry.unavailable, series.unavailable, covered)
        actions, rewritten = self._new_actions(entry, series)
        restated |= rewritten or bool(entry.pieces and _other_meaning(series.terms, entry.terms))
        return Proposal(
            entry=replace(entry, terms=series.terms, covered=covered, unavailable=unavailable),
            parts=parts,
            actions=actions,
            restated=restated,
            changed=(
                known is None
                or parts != entry.pieces
                or actions is not None
                or (series.terms, covered) != (entry.terms, entry.covered)
                or not same_unavailable(unavailable, entry.unavailable)
            ),
        )

    def _new_actions(self, entry: Entry, series: CleanSeries) -> tuple[tuple[CorporateAction, ...] | None, bool]:
        """The symbol's actions where they are others than are stored, and whether the past is among what changed."""
        if series.actions is None:
            return None, False
        actions = tuple(sorted(series.actions))
        try:
            known = self._actions.of(entry.actions).records()
        except CorruptDataError:
            return actions, bool(entry.pieces)  # mended by what takes its place; what it was, nobody knows
        if entry.actions is not None and actions == known:
            return None, False
        last = entry.pieces[-1].last if entry.pieces else None
        return actions, last is not None and actions_restated(
            known, actions, last, self._current.interval, series.terms.calendar
        )

    def _merged_parts(self, entry: Entry, series: CleanSeries) -> tuple[tuple[Part, ...], bool, bool]:
        """The symbol's parts by time, whether its past changed, and whether rows that were stored stay.

        Only the pieces that the publication can speak of are read; what it adds beside them becomes a piece of its own.
        """
        span = reach(series, self._current.interval)
        if span is None:
            return entry.pieces, False, bool(entry.pieces)
        before = tuple(piece for piece in entry.pieces if piece.last < span[0])
        after = tuple(piece for piece in entry.pieces if piece.first >= span[1])
        between = entry.pieces[len(before) : len(entry.pieces) - len(after)]
        others = bool(before or after)
        if not between:
            rows = new_rows(series)
            return (*before, *([rows] if len(rows) else ()), *after), False, others
        try:
            stored = self._loaded.rows(between)
        except CorruptDataError:
            if others or not _speaks_for_all(series, between, self._current.interval):
                raise
            rows = new_rows(series)  # the damage is mended by what takes its place; what it was, nobody knows
            return ((rows,) if len(rows) else ()), True, False
        merged = merge_rows(stored, series, self._current.interval)
        if merged.same:
            tail = merged.rows.take(slice(merged.same, None))
            middle: tuple[Part, ...] = (*between, *([tail] if len(tail) else ()))
        else:
            middle = (merged.rows,) if len(merged.rows) else ()
        return (*before, *middle, *after), merged.restated, others or bool(merged.survivors)

    def _with_bars(self, changed: Mapping[str, Proposal]) -> dict[str, Entry]:
        """All entries of the version, the rows that are new written to files."""
        parts: dict[str, tuple[Part, ...]] = {
            symbol: entry.pieces for symbol, entry in self._current.series.items() if symbol not in changed
        }
        parts |= {symbol: proposal.parts for symbol, proposal in changed.items()}
        parts = self._gathered(parts)
        pending = [(symbol, part) for symbol in sorted(parts) for part in parts[symbol] if isinstance(part, Rows)]
        written = iter(self._write(pending))
        entries = {}
        for symbol in sorted(parts):
            pieces: list[Piece] = []
            for part in parts[symbol]:
                pieces += next(written) if isinstance(part, Rows) else [part]
            base = changed[symbol].entry if symbol in changed else self._current.series[symbol]
            entries[symbol] = replace(base, pieces=tuple(pieces))
        return entries

    def _gathered(self, parts: Mapping[str, tuple[Part, ...]]) -> dict[str, tuple[Part, ...]]:
        """The parts, with the rows of files that are too small, or mostly out of use, taken out to be written anew."""
        live: dict[str, int] = {}
        for each in parts.values():
            for part in each:
                if isinstance(part, Piece):
                    live[part.file] = live.get(part.file, 0) + part.rows
        files = self._current.files
        small = sorted((digest for digest in live if files[digest] < SMALL_ROWS), key=lambda digest: live[digest])
        emptied = {digest for digest, rows in live.items() if rows < LIVE_SHARE * files[digest]}
        adds = any(isinstance(part, Rows) for each in parts.values() for part in each)
        total = np.cumsum([live[digest] for digest in small])
        merged = small[: max(2, int(np.searchsorted(total, FILE_ROWS)))] if len(small) + adds > SMALL_FILES else []
        doomed = {digest for digest in {*merged, *emptied} if self._is_whole(digest)}
        return {symbol: self._taken_out(each, doomed) for symbol, each in parts.items()}

    def _is_whole(self, digest: str) -> bool:
        """Whether a file can be read; a damaged one is no reason to refuse other symbols' rows."""
        try:
            self._loaded.file(digest)
        except CorruptDataError:
            return False
        return True

    def _taken_out(self, parts: tuple[Part, ...], doomed: set[str]) -> tuple[Part, ...]:
        """The parts with those of doomed files as rows; rows that follow each other are joined."""
        if not any(isinstance(part, Piece) and part.file in doomed for part in parts):
            return parts
        result: list[Part] = []
        for part in parts:
            found = self._loaded.rows([part]) if isinstance(part, Piece) and part.file in doomed else part
            if isinstance(found, Rows) and result and isinstance(result[-1], Rows):
                result[-1] = joined_rows([result[-1], found])
            else:
                result.append(found)
        return tuple(result)

    def _write(self, pending: Sequence[tuple[str, Rows]]) -> list[list[Piece]]:
        """The pieces of each symbol's new rows, written to as few files as hold them."""
        pieces: list[list[Piece]] = [[] for _ in pending]
        self._rows_by_file = dict(self._current.files)
        batch: list[tuple[int, str, Rows]] = []
        room = FILE_ROWS
        for place, (symbol, rows) in enumerate(pending):
            start = 0
            while start < len(rows):
                part = rows.take(slice(start, start + room))
                batch.append((place, symbol, part))
                start += len(part)
                room -= len(part)
                if not room:
                    self._write_file(batch, pieces)
                    batch, room = [], FILE_ROWS
        self._write_file(batch, pieces)
        return pieces

    def _write_file(self, batch: Sequence[tuple[int, str, Rows]], pieces: list[list[Piece]]) -> None:
        if not batch:
            return
        content = bar_file_bytes([(symbol, rows) for _, symbol, rows in batch])
        digest = hash_of(content)
        self._blobs.put(bar_name(digest), content)
        start = 0
        for place, _, rows in batch:
            first, last = int(rows.timestamps[0]), int(rows.timestamps[-1])
            pieces[place].append(Piece(file=digest, row_start=start, rows=len(rows), first=first, last=last))
            start += len(rows)
        self._rows_by_file[digest] = start

    def _with_actions(
        self, entries: dict[str, Entry], changed: Mapping[str, tuple[CorporateAction, ...] | None]
    ) -> dict[str, Entry]:
        """The entries, new corporate actions written to a file, with all others where there are too many files."""
        new = {symbol: actions for symbol, actions in changed.items() if actions is not None}
        if not new:
            return entries
        places = {symbol: entry.actions for symbol, entry in entries.items() if symbol not in new and entry.actions}
        if len({place.file for place in places.values() if place.rows}) >= SMALL_FILES:
            with suppress(CorruptDataError):  # a damaged file is no reason to refuse other symbols' actions
                new |= {symbol: self._actions.of(place).records() for symbol, place in places.items()}
        listed = [(symbol, new[symbol]) for symbol in sorted(new)]
        digest = ""
        if any(actions for _, actions in listed):
            content = action_file_bytes(listed)
            digest = hash_of(content)
            self._blobs.put(action_name(digest), content)
        start = 0
        for symbol, actions in listed:
            place = ActionRows(file=digest, row_start=start, rows=len(actions)) if actions else ActionRows(file="")
            entries[symbol] = replace(entries[symbol], actions=place)
            start += len(actions)
        return entries


def _speaks_for_all(series: CleanSeries, pieces: Sequence[Piece], interval: str) -> bool:
    """Whether every stored bar lies in days that the publication covers, and none where it keeps what is stored.

    A damaged bar between its own ones is given up even where it would be kept: nobody can read it.
    """
    first, last = pieces[0].first, pieces[-1].last
    spans = bounds(merge_covered([], series.covered), interval, series.terms.calendar)
    kept = np.empty(0, dtype=np.int64) if series.kept is None else series.kept
    own = (int(series.timestamps[0]), int(series.timestamps[-1])) if len(series.timestamps) else (first, last)
    outside = kept[(kept < own[0]) | (kept > own[1])]
    return not ((outside >= first) & (outside <= last)).any() and any(
        start <= first and last < end for start, end in spans
    )


def _check_terms(series: CleanSeries, entry: Entry) -> None:
    """Bars that stay must mean the same as those that come."""
    old, new = entry.terms, series.terms
    if old.adjusted != new.adjusted:
        words = [("adjusted" if terms.adjusted else "raw") for terms in (old, new)]
        raise DataError(
            f"{series.symbol}: the stored bars are {words[0]}, the new ones {words[1]}; a series is one or the other: "
            "import all of its days anew, or under another provider's name"
        )
    if new.currency and old.currency and old.currency != new.currency:
        raise DataError(
            f"{series.symbol}: the stored bars are in {old.currency}, the new ones in {new.currency}; import all "
            "of its days anew, or under another provider's name"
        )


def _other_meaning(new: SeriesTerms, old: SeriesTerms) -> bool:
    return old.adjusted != new.adjusted or bool(old.currency and old.currency != new.currency)


def check_series(series: CleanSeries) -> None:
    """Raise DataError for rows that no reader could make sense of: of unequal length, or not in order of time."""
    rows = new_rows(series)
    lengths = {len(getattr(rows, name)) for name in ("timestamps", "open", "high", "low", "close", "volume")}
    if len(lengths) != 1:
        raise DataError(f"{series.symbol}: columns of {sorted(lengths)} rows; expected as many of each")
    steps = np.diff(rows.timestamps)
    if (steps <= 0).any():
        raise DataError(f"{series.symbol}: row {int(np.argmax(steps <= 0)) + 2} is not after the row before it")
