"""Discovery of plug-ins: their code runs here, so this is called in a child process only."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from pydantic import Field

from hindcast.domain.errors import PluginError
from hindcast.domain.records import CheckedRecord
from hindcast.services.strategy.templates import StrategyTemplate, template_of
from hindcast.strategies.plugin_loader import StrategyPluginLoader

_LONGEST_TRACEBACK: Final = 20_000  # characters


class Discovered(CheckedRecord):
    """The strategies that plug-ins hold, and why the broken ones could not be loaded."""

    templates: tuple[StrategyTemplate, ...] = ()
    broken: dict[str, str] = Field(default_factory=dict)  # file, or entry point's name → what went wrong


def discover(
    files: Sequence[str],
    *,
    entry_points: bool,
    code_hash: Callable[[type], str],
    tell: Callable[[str, float], None] = lambda step, share: None,
) -> Discovered:
    """Load these files, and the entry points where they are wanted; what can't be loaded or described is told."""
    loader = StrategyPluginLoader(Path(), entry_points=entry_points)
    found: list[StrategyTemplate] = []
    broken: dict[str, str] = {}
    for place, file in enumerate(files):
        tell(file, place / (len(files) + 1))
        try:
            classes = loader.load_plugin(file)
            found += [_described(each, name, file, code_hash) for name, each in classes.items()]
        except PluginError as error:
            broken[file] = str(error)
    if entry_points:
        tell("entry points", len(files) / (len(files) + 1))
        for name, entry in loader.load_entry_points().items():
            try:
                found.append(_described(loader.loaded_plugins[name], name, f"entry point {entry}", code_hash))
            except PluginError as error:
                broken[entry] = str(error)
    broken |= {str(plugin): str(error) for plugin, error in loader.broken_plugins.items()}
    return Discovered(
        templates=tuple(found), broken={name: said[-_LONGEST_TRACEBACK:] for name, said in broken.items()}
    )


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
