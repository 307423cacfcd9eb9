"""StrategyCatalogue: every type of strategy there is, plug-ins among them, without running a plug-in's code here."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Final

from pydantic import JsonValue

from hindcast.domain.errors import (
    HindcastError,
    RateLimitError,
    StrategyError,
    UnknownStrategyError,
    WorkLostError,
    WorkStoppedError,
)
from hindcast.services.child_answers import record_of
from hindcast.services.ports import ChildLimits, ChildProcesses
from hindcast.services.strategy.bounded_children import BoundedChildren
from hindcast.services.strategy.discovery import Discovered
from hindcast.services.strategy.plugin_folder import Mark, PluginFile, PluginFolder
from hindcast.services.strategy.templates import BUILT_IN, StrategyTemplate, template_of
from hindcast.strategies.builtin import BUILTIN_STRATEGIES
from hindcast.strategies.factory import StrategyFactory

DISCOVER_TASK: Final = "discover_strategies"
BUILD_TASK: Final = "check_strategy"
DISCOVERY_LIMITS: Final = ChildLimits(seconds=15.0, memory_bytes=1024**3)
_AT_ONCE: Final = 4  # children that look at one file each


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """What a folder held when it was looked at."""

    fingerprint: object
    templates: Mapping[str, StrategyTemplate]
    broken: Mapping[str, str]


class StrategyCatalogue:
    """Templates of all types: the built-in ones are known, plug-ins are loaded in a child process.

    What was found is kept until a file of the folder or an installed package changes. A file that ends or stalls its
    process costs that once, and hides no other.
    """

    def __init__(
        self,
        children: ChildProcesses,
        plugin_dir: Path,
        *,
        code_hash: Callable[[type], str],
        limits: ChildLimits = DISCOVERY_LIMITS,
    ) -> None:
        self.plugin_dir = plugin_dir.absolute()
        self._children = children
        self._builders = BoundedChildren(children, at_once=_AT_ONCE, wait_seconds=5.0, doing="builds of strategies")
        self._code_hash = code_hash
        self._limits = limits
        self._folder = PluginFolder(self.plugin_dir)
        self._lock = threading.Lock()
        self._seen: _Seen | None = None
        self._ended: dict[Mark, str] = {}  # a file's mark → how it ended or stalled its process

    def templates(self) -> tuple[StrategyTemplate, ...]:
        """Every type that can be used, by name."""
        found = {**self._plugins().templates, **self._built_in}
        return tuple(found[name] for name in sorted(found))

    def template(self, strategy_type: str) -> StrategyTemplate:
        """One type. Raises UnknownStrategyError, with a near name."""
        if strategy_type in self._built_in:
            return self._built_in[strategy_type]
        plugins = self._plugins()
        if strategy_type in plugins.templates:
            return plugins.templates[strategy_type]
        raise UnknownStrategyError(self._unknown(strategy_type, plugins))

    def broken(self) -> Mapping[str, str]:
        """Plug-ins that can't be loaded, each with its traceback, by file or by the entry point's name."""
        return self._plugins().broken

    def file_of(self, strategy_type: str) -> str | None:
        """The file of a plug-in's type; None for built-in types and entry points. Raises UnknownStrategyError."""
        source = self.template(strategy_type).source
        return None if source == BUILT_IN or source.startswith("entry point ") else source

    def check(self, strategy_type: str, parameters: Mapping[str, JsonValue] | None = None) -> None:
        """Build a strategy and forget it: a plug-in's in a child.

        Raises
        ------
        UnknownStrategyError, ParameterError
        StrategyError
            It can't be built, or took too much.
        RateLimitError
            Too many are being built.
        """
        file = self.file_of(strategy_type)
        if strategy_type in self._built_in:
            StrategyFactory.create(strategy_type, parameters)
            return
        payload: dict[str, JsonValue] = {
            "strategy_type": strategy_type,
            "parameters": dict(parameters or {}),
            "plugin_dir": str(self.plugin_dir),
            "file": file,
            "build_only": True,
        }
        self._builders.run(BUILD_TASK, payload, limits=self._limits)

    def look_at(self, file: Path) -> Discovered:
        """What one file holds, wherever it lies."""
        return self._apart(str(file.absolute()))

    @cached_property
    def _built_in(self) -> Mapping[str, StrategyTemplate]:
        classes = {name: StrategyFactory.get(name) for name in BUILTIN_STRATEGIES}
        return {
            name: template_of(each, name, source=BUILT_IN, code_hash=self._code_hash(each))
            for name, each in classes.items()
        }

    def _plugins(self) -> _Seen:
        if not self._lock.acquire(timeout=2 * self._limits.seconds):
            raise RateLimitError("the plug-in folder is being looked at: try again when that is done", retry_after=5.0)
        try:
            fingerprint = self._folder.fingerprint()
            if self._seen is None or self._seen.fingerprint != fingerprint:
                self._seen = self._look(fingerprint)
            return self._seen
        finally:
            self._lock.release()

    def _look(self, fingerprint: object) -> _Seen:
        """All files in one child; where that does not end well, each in its own."""
        files, entry_points = self._folder.files(), self._folder.entry_points()
        known = {file.mark: self._ended[file.mark] for file in files if file.mark in self._ended}
        self._ended = known
        todo = [file for file in files if file.mark not in known]
        try:
            parts = [self._found([file.path for file in todo], entry_points=bool(entry_points))]
        except (StrategyError, WorkLostError) as error:
            if isinstance(error, WorkStoppedError):
                raise
            parts = self._one_by_one(todo)
            if entry_points:
                parts.append(self._apart(None))
        for part in parts:
            self._ended |= {file.mark: part.broken[file.path] for file in todo if file.path in part.stalled}
        parts.append(Discovered(broken={file.path: known[file.mark] for file in files if file.mark in known}))
        return _merged(fingerprint, parts)

    def _one_by_one(self, files: list[PluginFile]) -> list[Discovered]:
        with ThreadPoolExecutor(max_workers=_AT_ONCE, thread_name_prefix="discovery") as pool:
            return list(pool.map(self._apart, [file.path for file in files]))

    def _apart(self, file: str | None, *, tries: int = 2) -> Discovered:
        """One file, or (None) the entry points, in a child of their own."""
        name = file or "entry points"
        try:
            return self._found([] if file is None else [file], entry_points=file is None)
        except StrategyError as error:
            return _ended(name, error)
        except WorkLostError as error:
            if isinstance(error, WorkStoppedError):
                raise
            if tries > 1:
                return self._apart(file, tries=tries - 1)
            return _ended(name, error)

    def _found(self, files: list[str], *, entry_points: bool) -> Discovered:
        if not files and not entry_points:
            return Discovered()
        payload: dict[str, JsonValue] = {
            "plugin_dir": str(self.plugin_dir),
            "files": list(files),
            "entry_points": entry_points,
        }
        return record_of(Discovered, self._children.run(DISCOVER_TASK, payload, limits=self._limits))

    def _unknown(self, strategy_type: str, plugins: _Seen) -> str:
        known = sorted({*self._built_in, *plugins.templates})
        near = get_close_matches(strategy_type, known, n=1)
        hint = f"Did you mean '{near[0]}'?" if near else f"Known: {', '.join(known)}."
        if plugins.broken:
            names = ", ".join(sorted(Path(plugin).name for plugin in plugins.broken))
            hint += f" Plug-ins that can't be loaded: {names}."
        return f"no strategy of type '{strategy_type}'. {hint}"


def _ended(name: str, error: HindcastError) -> Discovered:
    """A file that ended or stalled the process that loaded it."""
    said = f"{name} can't be loaded: the process that loaded it did not come to its end: {error}"
    return Discovered(broken={name: said}, stalled=(name,))


def _merged(fingerprint: object, parts: list[Discovered]) -> _Seen:
    """All parts together; of two plug-ins with one type the first counts, and the other is broken."""
    templates: dict[str, StrategyTemplate] = {}
    broken: dict[str, str] = {}
    for part in parts:
        broken |= part.broken
        for template in part.templates:
            first = templates.setdefault(template.strategy_type, template)
            if first is not template:
                broken[template.source] = (
                    f"strategy type {template.strategy_type!r} of {template.source} is already taken by "
                    f"{first.source}; choose another STRATEGY_TYPE"
                )
    return _Seen(fingerprint=fingerprint, templates=MappingProxyType(templates), broken=MappingProxyType(broken))
