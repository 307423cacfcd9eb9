"""FileBarStore: bars as immutable files, one manifest a version, one pointer a dataset.

Files land first, each under the hash of its bytes, then the manifest that names them, last the pointer, in one rename:
a reader follows the pointer once and sees one version whole, whatever is published meanwhile, and needs no lock.
Publishers of the same dataset wait for each other, and start from what the one before them left.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Final, Literal

from hindcast.domain.errors import CorruptDataError, DateRangeError, HindcastError, InputError, SymbolError
from hindcast.domain.intervals import interval_ns, is_intraday
from hindcast.domain.market_data import CorporateAction, DataVersion
from hindcast.engine.stamps import DAY_NS, day_text
from hindcast.infrastructure.files.store.action_files import ActionFiles, action_name
from hindcast.infrastructure.files.store.bar_panels import Assembled, PanelReader, SymbolStamps, panel_threads
from hindcast.infrastructure.files.store.bar_publication import Publication, bar_name, check_series, load_bar_file
from hindcast.infrastructure.files.store.blobs import Blobs, hash_of, market_blobs, pointed
from hindcast.infrastructure.files.store.data_manifests import (
    ActionRows,
    Entry,
    Manifest,
    Piece,
    find_manifest,
    load_manifest,
    manifest_name,
    stored_series,
    version_of,
    write_manifest,
)
from hindcast.infrastructure.files.store.datasets import Dataset, symbol_names
from hindcast.infrastructure.files.store.panel_actions import action_columns
from hindcast.services.market_data.stored_pieces import StoredPiece
from hindcast.services.ports import CleanSeries, PanelTable, StoredSeries

_IMMUTABLE: Final = ("bars", "actions", "manifests", "quarantine")


class FileBarStore:
    """The bars of a data folder."""

    def __init__(self, home: Path, *, blobs: Blobs | None = None) -> None:
        self._blobs = market_blobs(home) if blobs is None else blobs

    def datasets(self) -> tuple[tuple[str, str], ...]:
        """(provider, interval) of all that is stored, sorted."""
        pointers = (name.split("/") for name in self._blobs.names("datasets"))
        return tuple(sorted((parts[1], parts[2]) for parts in pointers if len(parts) == 4 and parts[3] == "current"))

    def versions(self, provider: str, interval: str) -> tuple[DataVersion, ...]:
        """All versions, newest first; none where nothing is stored. Raises CorruptDataError."""
        dataset = Dataset.of(provider, interval)
        found: list[DataVersion] = []
        digest = pointed(self._blobs, dataset.pointer)
        while digest is not None:
            found.append(version_of(digest, self._load(dataset, digest)))
            digest = found[-1].parent
        return tuple(found)

    def series(self, provider: str, interval: str, version: str | None = None) -> Mapping[str, StoredSeries]:
        """What a version (by default the newest) holds, by symbol; empty where nothing is stored.

        Raises NotFoundError for a version that is not there, CorruptDataError.
        """
        _, manifest = self._version(Dataset.of(provider, interval), version)
        return {symbol: stored_series(manifest, symbol) for symbol in manifest.series}

    def read(
        self,
        provider: str,
        interval: str,
        symbols: Sequence[str],
        start: int | None = None,
        end: int | None = None,
        *,
        version: str | None = None,
    ) -> PanelTable:
        """Raw bars with splits and dividends, start <= stamp <= end, on the union of the symbols' stamps.

        Parameters
        ----------
        provider, interval
            The dataset.
        symbols
            Each once, at least one; the panel's columns have their order.
        start, end
            UTC nanoseconds, both inclusive; None for an open end.
        version
            An id; by default the newest.

        Returns
        -------
        PanelTable
            T stamps by S symbols; NaN where a symbol has no bar. An action on a day without a bar stands on the
            symbol's next bar: splits of one gap multiplied, dividends added, each per share after the splits.

        Raises
        ------
        SymbolError
            A symbol that is not stored, none, or one twice.
        DateRangeError
            An inverted range, or a symbol without a bar in it.
        NotFoundError
            A version that is not there.
        CorruptDataError
            A file that is not what was written, or is gone.
        DataError
            Adjusted prices beside raw ones with actions.
        """
        dataset = Dataset.of(provider, interval)
        names = symbol_names(symbols)
        if start is not None and end is not None and start > end:
            raise DateRangeError(f"start {day_text(start)} is after end {day_text(end)}: swap them")
        digest, manifest = self._version(dataset, version)
        entries = [_entry(manifest, name) for name in names]
        panel = self._panel(dataset, names, entries, start, end)
        files = ActionFiles(self._blobs)
        actions = [files.of(entry.actions) for entry in entries]
        split, dividend = action_columns(panel, names, entries, actions, dataset.interval)
        return PanelTable(
            timestamps=panel.timestamps,
            symbols=names,
            open=panel.columns["open"],
            high=panel.columns["high"],
            low=panel.columns["low"],
            close=panel.columns["close"],
            volume=panel.columns["volume"],
            split=split,
            dividend=dividend,
            adjusted=all(entry.terms.adjusted for entry in entries),
            notes=tuple(
                f"{name}: {note}" for name, entry in zip(names, entries, strict=True) for note in entry.terms.notes
            ),
            version=digest,
        )

    def actions(
        self, provider: str, interval: str, symbol: str, version: str | None = None
    ) -> tuple[CorporateAction, ...]:
        """The corporate actions of a symbol, by day. Raises as `read` does."""
        _, manifest = self._version(Dataset.of(provider, interval), version)
        return ActionFiles(self._blobs).of(_entry(manifest, symbol).actions).records()

    def publish(
        self, provider: str, interval: str, series: Sequence[CleanSeries], *, reason: str, known_at: datetime
    ) -> DataVersion:
        """A new version with these series put over those that are stored, all in one step.

        Readers see the old version or the new one, whenever the process dies; publishers that work at once lose
        nothing of each other. Where nothing changes, the version stays.

        Raises
        ------
        InputError
            A provider's name or an interval that can't be, no series, a symbol twice, a `known_at` without a zone.
        DataError
            Rows that are not in order of time, or that mean something else (adjusted, currency) than those that stay.
        CorruptDataError
            A stored file that the publication needs is not what was written.
        StorageError
            The data folder can't be written, the disk is full.
        """
        dataset = Dataset.of(provider, interval)
        symbol_names([each.symbol for each in series])
        if known_at.tzinfo is None:
            raise InputError(f"known_at={known_at} has no time zone; give datetime.now(UTC)")
        for each in series:
            check_series(each)
        self._blobs.sweep()
        with self._blobs.lock(dataset.lock):
            parent = pointed(self._blobs, dataset.pointer)
            current = dataset.empty(known_at) if parent is None else self._load(dataset, parent)
            publication = Publication(self._blobs, current)
            new = publication.manifest(series, parent=parent, reason=reason, known_at=known_at.astimezone(UTC))
            if new is None and parent is not None:
                return version_of(parent, current)
            manifest = current if new is None else new
            digest = write_manifest(self._blobs, manifest)
            self._blobs.point(dataset.pointer, digest)
        return version_of(digest, manifest)

    def check(self) -> Iterator[tuple[str, HindcastError | None]]:
        """Every stored file by name, held against its hash: what is wrong with it, or None.

        A file that a version names and that is gone is told, too; what no version names is held against its own name.
        """
        present = {name for kind in _IMMUTABLE for name in self._blobs.names(kind)}
        for name in sorted(present):
            yield name, self._fault(name)
        for provider, interval in self.datasets():
            yield from self._lost(Dataset.of(provider, interval), present)

    def pieces(self) -> Iterator[StoredPiece]:
        """Where the bars and actions of all newest versions stand. Raises CorruptDataError."""
        for provider, interval in self.datasets():
            _, manifest = self._version(Dataset.of(provider, interval), None)
            for symbol, entry in manifest.series.items():
                for piece in entry.pieces:
                    yield self._piece("bars", manifest, symbol, piece)
                if entry.actions is not None and entry.actions.rows:
                    yield self._piece("actions", manifest, symbol, entry.actions)

    def _piece(
        self, kind: Literal["bars", "actions"], manifest: Manifest, symbol: str, place: Piece | ActionRows
    ) -> StoredPiece:
        return StoredPiece(
            kind=kind,
            provider=manifest.provider,
            interval=manifest.interval,
            symbol=symbol,
            path=self._blobs.location((bar_name if kind == "bars" else action_name)(place.file)),
            content_hash=place.file,
            row_start=place.row_start,
            rows=place.rows,
        )

    def _panel(
        self, dataset: Dataset, names: Sequence[str], entries: Sequence[Entry], start: int | None, end: int | None
    ) -> Assembled:
        grid = interval_ns(dataset.interval) if is_intraday(dataset.interval) else DAY_NS
        reader = PanelReader(lambda digest: load_bar_file(self._blobs, digest))
        with panel_threads() as pool:
            found = reader.stamps([entry.pieces for entry in entries], start, end, pool)
            for name, entry, stamps in zip(names, entries, found, strict=True):
                _check_range(name, entry, stamps, start, end)
            return reader.assemble(found, grid, pool)

    def _version(self, dataset: Dataset, version: str | None) -> tuple[str, Manifest]:
        """A version's id and manifest; an empty one where nothing is stored."""
        if version is not None:
            return version, find_manifest(self._blobs, version, dataset.provider, dataset.interval)
        digest = pointed(self._blobs, dataset.pointer)
        if digest is None:
            return "", dataset.empty(datetime.fromtimestamp(0, UTC))
        return digest, self._load(dataset, digest)

    def _load(self, dataset: Dataset, digest: str) -> Manifest:
        """A manifest that a pointer or a later version names."""
        manifest = load_manifest(self._blobs, digest)
        if (manifest.provider, manifest.interval) != (dataset.provider, dataset.interval):
            raise CorruptDataError(
                f"version {digest[:12]} is of {manifest.provider}/{manifest.interval}, and "
                f"{dataset.provider}/{dataset.interval} names it: put its folder back from a backup"
            )
        return manifest

    def _fault(self, name: str) -> HindcastError | None:
        content = self._blobs.get(name)
        expected = name.rpartition("/")[2].partition(".")[0]
        if content is not None and hash_of(content) != expected:
            return CorruptDataError(f"{self._blobs.location(name)} is not what was written: it has another hash")
        return None

    def _lost(self, dataset: Dataset, present: set[str]) -> Iterator[tuple[str, HindcastError | None]]:
        """The pointer of a dataset, and what its versions name without its being there."""
        told: set[str] = set()
        try:
            digest = pointed(self._blobs, dataset.pointer)
            while digest is not None:
                told.add(manifest_name(digest))
                manifest = self._load(dataset, digest)
                told |= {bar_name(file) for file in manifest.files}
                told |= {action for entry in manifest.series.values() for action in _action_names(entry)}
                digest = manifest.parent
            yield dataset.pointer, None
        except HindcastError as error:
            yield dataset.pointer, error
        for name in sorted(told - present):
            yield name, CorruptDataError(f"{self._blobs.location(name)} is gone, and a version of the bars names it")


def _entry(manifest: Manifest, symbol: str) -> Entry:
    found = manifest.series.get(symbol)
    if found is None:
        near = get_close_matches(symbol, manifest.series, n=1, cutoff=0.6)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise SymbolError(
            f"{manifest.provider} has no {manifest.interval} bars of {symbol!r}.{hint} `hindcast data list` shows what "
            "is stored; `hindcast data import` and `hindcast data fetch` add to it"
        )
    return found


def _action_names(entry: Entry) -> list[str]:
    return [action_name(entry.actions.file)] if entry.actions is not None and entry.actions.rows else []


def _check_range(name: str, entry: Entry, found: SymbolStamps, start: int | None, end: int | None) -> None:
    if len(found.stamps):
        return
    if not entry.pieces:
        raise DateRangeError(f"{name} has no bar at all: its source was asked, and gave none")
    asked = " ".join(
        word
        for word, stamp in (
            (f"from {day_text(start)}" if start is not None else "", start),
            (f"to {day_text(end)}" if end is not None else "", end),
        )
        if stamp is not None
    )
    raise DateRangeError(
        f"{name} has no bar {asked}; it is stored from {day_text(entry.pieces[0].first)} to "
        f"{day_text(entry.pieces[-1].last)}: choose dates inside, or import or fetch more"
    )
