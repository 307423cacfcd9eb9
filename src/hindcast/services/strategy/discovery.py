"""Discovery of plug-ins: their code runs here, so this is called in a child process only."""

from __future__ import annotations

import signal
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Final

from pydantic import Field

from hindcast.domain.errors import PluginError
from hindcast.domain.records import CheckedRecord
from hindcast.services.ports import Tell
from hindcast.services.strategy.templates import StrategyTemplate, template_of
from hindcast.strategies.plugin_loader import StrategyPluginLoader

SECONDS_A_FILE: Final = 6.0
_LONGEST_TRACEBACK: Final = 20_000  # characters


class _StillAtWorkError(BaseException):
    """A file is not done in time. No `except Exception` of its code holds it up."""


class Discovered(CheckedRecord):
    """The strategies that plug-ins hold, and why the broken ones could not be loaded."""

    templates: tuple[StrategyTemplate, ...] = ()
    broken: dict[str, str] = Field(default_factory=dict)  # file, or entry point's name → what went wrong
    stalled: tuple[str, ...] = ()  # those of the broken files that were not done in time


def discover(
    files: Sequence[str],
    *,
    entry_points: bool,
    code_hash: Callable[[type], str],
    tell: Tell = lambda step, share: None,
    seconds: float = SECONDS_A_FILE,
) -> Discovered:
    """Load these files, and the entry points where they are wanted; what can't be loaded or described is told.

    A file whose Python code is not done after `seconds` is told with the line that it was at. Where that does not
    reach it (it is in code that is not Python's, or goes on all the same), the limit of the child's life does.
    """
    loader = StrategyPluginLoader(Path(), entry_points=entry_points)
    found: list[StrategyTemplate] = []
    broken: dict[str, str] = {}
    stalled: list[str] = []
    for place, file in enumerate(files):
        tell(file, place / (len(files) + 1))
        try:
            with _alarm(seconds):
                classes = loader.load_plugin(file)
            found += [_described(each, name, file, code_hash) for name, each in classes.items()]
        except PluginError as error:
            broken[file] = str(error)
            if isinstance(error.__cause__, _StillAtWorkError):
                stalled.append(file)
    if entry_points:
        tell("entry points", len(files) / (len(files) + 1))
        for name, entry in loader.load_entry_points().items():
            try:
                found.append(_described(loader.loaded_plugins[name], name, f"entry point {entry}", code_hash))
            except PluginError as error:
                broken[entry] = str(error)
    broken |= {str(plugin): str(error) for plugin, error in loader.broken_plugins.items()}
    return Discovered(
        templates=tuple(found),
        broken={name: said[-_LONGEST_TRACEBACK:] for name, said in broken.items()},
        stalled=tuple(stalled),
    )


@contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    """Raise _StillAtWorkError in this thread after so many seconds, where the platform has such alarms."""
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield
        return

    def ring(number: int, frame: FrameType | None) -> None:
        raise _StillAtWorkError(f"it was still being loaded after {seconds:g} s, at this line")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _described(
    strategy_class: type, strategy_type: str, source: str, code_hash: Callable[[type], str]
) -> StrategyTemplate:
    try:
        return template_of(strategy_class, strategy_type, source=source, code_hash=code_hash(strategy_class))
    except Exception as error:  # the strategy fence: a schema may need what only the plug-in's author knows
        said = "".join(traceback.format_exception(error)).rstrip()
        raise PluginError(
            f"{source}: {strategy_class.__name__} can't be described: {type(error).__name__}: {error}\n{said}"
        ) from error
