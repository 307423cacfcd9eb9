"""The plug-in folder as it lies there: which files, and whether anything has changed. No code of theirs is run."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from hindcast.domain.errors import StorageError
from hindcast.strategies.plugin_loader import ENTRY_POINTS

Mark = tuple[object, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginFile:
    """A file that should hold a strategy; the mark changes with it, and with the files that plug-ins share."""

    path: str
    mark: Mark


class PluginFolder:
    """Looks at the files of the folder, and at what installed packages offer."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._packages: tuple[Mark, tuple[str, ...]] | None = None

    def fingerprint(self) -> object:
        """Another value whenever a file or an entry point has come, gone, or changed."""
        return (self._entries(), self.entry_points())

    def files(self) -> list[PluginFile]:
        """The files that should hold strategies, by name; those that begin with `_` are for plug-ins to share."""
        entries = self._entries()
        shared = tuple(entry for entry in entries if str(entry[0]).startswith("_"))
        return [
            PluginFile(path=str(self._folder / str(entry[0])), mark=(entry, shared))
            for entry in entries
            if not str(entry[0]).startswith("_")
        ]

    def entry_points(self) -> tuple[str, ...]:
        """What installed packages offer, as `name = module:class`; looked up again when a package comes or goes."""
        places = tuple(_time_of(place) for place in sys.path)
        if self._packages is None or self._packages[0] != places:
            from importlib.metadata import entry_points

            found = sorted(f"{entry.name} = {entry.value}" for entry in entry_points(group=ENTRY_POINTS))
            self._packages = (places, tuple(found))
        return self._packages[1]

    def _entries(self) -> tuple[Mark, ...]:
        """Name, size and time of each Python file, by name."""
        try:
            with os.scandir(self._folder) as entries:
                found = [_entry(entry) for entry in entries if entry.name.endswith(".py")]
        except (FileNotFoundError, NotADirectoryError):
            return ()
        except OSError as error:
            raise StorageError(f"the plug-in folder {self._folder} can't be read: {error.strerror or error}") from error
        return tuple(sorted(found, key=lambda entry: str(entry[0])))


def _entry(entry: os.DirEntry[str]) -> Mark:
    try:
        seen = entry.stat()
    except OSError:  # it went meanwhile, or is a link to nothing: the loader tells
        return (entry.name, -1, -1)
    return (entry.name, seen.st_size, seen.st_mtime_ns)


def _time_of(place: str) -> Mark:
    try:
        return (place, Path(place or ".").stat().st_mtime_ns)
    except OSError:
        return (place, 0)
