"""The plug-in that holds a strategy type, found without running the others."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from hindcast.domain.errors import PluginError
from hindcast.strategies.builtin import BUILTIN_STRATEGIES
from hindcast.strategies.factory import StrategyFactory
from hindcast.strategies.plugin_loader import StrategyPluginLoader


def load_type(strategy_type: str, plugin_dir: Path) -> StrategyPluginLoader | None:
    """Make a strategy type known; gives the loader that knows its plug-in, None for a built-in type.

    Files that name the type are read first, then installed packages, then the other files: a plug-in that loops or ends
    the process when it is read is the matter of its own strategies only. Raises PluginError, with the tracebacks of
    what could not be read, where the type stays unknown and something could not be read.
    """
    if strategy_type in BUILTIN_STRATEGIES:
        return None
    loader = StrategyPluginLoader(plugin_dir)
    files = [path for path in sorted(plugin_dir.glob("*.py")) if not path.name.startswith("_")]
    likely = [path for path in files if _names(path, strategy_type)]
    _load(loader, likely, strategy_type)
    if _is_known(strategy_type):
        return loader
    if not likely:
        loader.load_entry_points()
        _load(loader, files, strategy_type)
    if not _is_known(strategy_type) and loader.broken_plugins:
        errors = list(loader.broken_plugins.values())
        told = "\n".join(map(str, errors))
        raise PluginError(f"no strategy of type '{strategy_type}' could be loaded: {told}") from errors[0]
    return loader


def _load(loader: StrategyPluginLoader, files: list[Path], strategy_type: str) -> None:
    for file in files:
        if not _is_known(strategy_type):
            with suppress(PluginError):  # it stands in broken_plugins
                loader.load_plugin(file)


def _is_known(strategy_type: str) -> bool:
    return strategy_type in StrategyFactory.types()


def _names(file: Path, strategy_type: str) -> bool:
    """Whether the type's name stands in a file, in quotes."""
    try:
        text = file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return f'"{strategy_type}"' in text or f"'{strategy_type}'" in text
