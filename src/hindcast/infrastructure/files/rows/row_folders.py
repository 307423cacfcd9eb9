"""Bars of files, folders and frames, one symbol's rows after the other; files are read side by side, told in order."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Final

from hindcast.domain.errors import InputError, StorageError
from hindcast.infrastructure.files.rows.file_symbols import ENDINGS
from hindcast.infrastructure.files.rows.row_reader import RowOptions, read_file, read_frame
from hindcast.services.market_data.intake.source_rows import SourceRows, UnusableFile

Found = SourceRows | UnusableFile
Progress = Callable[[str, float], None]

_AHEAD: Final = 4  # files that are read before they are asked for
_THREADS: Final = min(os.cpu_count() or 1, 4)
_LARGE: Final = 64 << 20  # bytes; such files are read one at a time, so that memory stays bounded


def read_source(source: object, options: RowOptions, progress: Progress | None = None) -> Iterator[Found]:
    """The rows of a path, of several paths, of a frame, or of a mapping from symbols to frames.

    Raises InputError for what is none of these, or no file; StorageError where a file can't be read.
    """
    if isinstance(source, str | os.PathLike):
        return read_files(files_of([source]), options, progress)
    if isinstance(source, Mapping):
        return _of_frames(source, options)
    if isinstance(source, Sequence) and all(isinstance(path, str | os.PathLike) for path in source):
        return read_files(files_of(source), options, progress)
    return read_frame(source, options)


def files_of(paths: Iterable[str | os.PathLike[str]]) -> tuple[Path, ...]:
    """The files of bars among the paths, those of folders sorted by name, each once.

    Raises InputError for a path that is not there, or where no file of bars is.
    """
    found: dict[Path, None] = {}
    given = [Path(path) for path in paths]
    for path in given:
        if path.is_dir():
            found.update(dict.fromkeys(_in_folder(path)))
        elif path.is_file():
            found[path] = None
        else:
            raise InputError(f"no file or folder {path} (looked in {path.absolute().parent}); check the path")
    if not found:
        where = ", ".join(str(path) for path in given) or "no path"
        raise InputError(f"no file of bars in {where}; expected names that end in {', '.join(ENDINGS)}")
    return tuple(found)


def read_files(files: Sequence[Path], options: RowOptions, progress: Progress | None = None) -> Iterator[Found]:
    """The rows of each file, in the order of the files. Raises StorageError, InputError."""
    pending: deque[Future[list[Found]]] = deque()
    with ThreadPoolExecutor(_THREADS if _all_small(files) else 1) as threads:
        try:
            waiting = iter(files)
            ahead = _THREADS * _AHEAD if _all_small(files) else 1
            pending.extend(threads.submit(_read, file, options) for file in islice(waiting, ahead))
            for done, file in enumerate(files, start=1):
                rows = pending.popleft().result()
                pending.extend(threads.submit(_read, following, options) for following in islice(waiting, 1))
                if progress is not None:
                    progress(f"reading {file.name}", done / len(files))
                yield from _handed_over(rows)
        finally:
            for future in pending:
                future.cancel()


def _read(file: Path, options: RowOptions) -> list[Found]:
    return list(read_file(file, options))


def _handed_over(rows: list[Found]) -> Iterator[Found]:
    """Each of the rows, none of them kept."""
    rows.reverse()
    while rows:
        yield rows.pop()


def _of_frames(frames: Mapping[object, object], options: RowOptions) -> Iterator[Found]:
    for symbol, frame in frames.items():
        if not isinstance(symbol, str):
            raise InputError(f"the mapping of frames has the key {symbol!r}; expected symbols such as 'AAPL'")
        yield from read_frame(frame, replace(options, symbol=symbol))


def _in_folder(folder: Path) -> list[Path]:
    """All files of bars below a folder, but for hidden ones. Raises StorageError."""
    try:
        return sorted(
            path
            for path in folder.rglob("*")
            if path.name.casefold().endswith(ENDINGS)
            and not any(part.startswith((".", "_")) for part in path.relative_to(folder).parts)
            and path.is_file()
        )
    except OSError as error:
        raise StorageError(f"{folder} can't be read: {error}; check the folder and its permissions") from None


def _all_small(files: Sequence[Path]) -> bool:
    try:
        return len(files) > 1 and max(file.stat().st_size for file in files) < _LARGE
    except OSError as error:
        raise StorageError(f"a file can't be read: {error}; check the files and their permissions") from None
