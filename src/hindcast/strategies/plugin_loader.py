"""StrategyPluginLoader: strategies from files in a folder, and from installed packages."""

from __future__ import annotations

import importlib.util
import inspect
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import blake2b
from pathlib import Path
from types import FrameType, ModuleType
from typing import Final

from hindcast.domain.errors import PluginError, StrategyError
from hindcast.strategies.events import can_trade
from hindcast.strategies.factory import StrategyFactory

ENTRY_POINTS: Final = "hindcast.strategies"
PACKAGE: Final = "hindcast_plugins"


class StrategyPluginLoader:
    """Loads each Python file of a folder, and each entry point of the group `hindcast.strategies`.

    A plugin's strategy classes carry their type's name in `STRATEGY_TYPE`, or register themselves with
    `StrategyFactory.register`. A plugin that can't be loaded stands in `broken_plugins` with its traceback; it never
    stops the others. Files whose names start with an underscore are left out: they are for plugins to share.
    """

    def __init__(self, plugin_dir: Path | str, *, entry_points: bool = True) -> None:
        self.plugin_dir = Path(plugin_dir)
        self.entry_points = entry_points
        self.loaded_plugins: dict[str, type] = {}  # strategy type → class
        self.broken_plugins: dict[Path | str, PluginError] = {}  # file, or entry point's name → what went wrong

    def load_all(self) -> dict[str, type]:
        """Load everything that can be; gives `loaded_plugins`. A folder that is not there holds no plugin."""
        for path in sorted(self.plugin_dir.glob("*.py")):
            if not path.name.startswith("_"):
                with suppress(PluginError):  # it stands in broken_plugins
                    self.load_plugin(path)
        if self.entry_points:
            self.load_entry_points()
        return self.loaded_plugins

    def load_entry_points(self) -> dict[str, str]:
        """Load what installed packages offer; gives the name of the entry point that each strategy type came from."""
        from importlib.metadata import entry_points

        names: dict[str, str] = {}
        for entry in sorted(entry_points(group=ENTRY_POINTS)):
            with suppress(PluginError):
                names |= dict.fromkeys(self._load_entry(entry.name, entry.load), entry.name)
        return names

    def load_plugin(self, path: Path | str) -> dict[str, type]:
        """Load one file; gives its strategy classes by type. Raises PluginError, with the traceback in its message."""
        file = Path(path)
        with self._noted(file):
            return self._register(str(file), self._classes_of_file(file))

    def unload(self) -> None:
        """Forget what was loaded: its types are unknown again."""
        for strategy_type in self.loaded_plugins:
            StrategyFactory.remove(strategy_type)
        self.loaded_plugins.clear()
        self.broken_plugins.clear()

    def _load_entry(self, name: str, load: Callable[[], object]) -> dict[str, type]:
        source = f"entry point {name}"
        with self._noted(name):
            with _fence(source):
                loaded = load()
            if not inspect.isclass(loaded):
                raise PluginError(f"{source} gives {loaded!r}; expected a strategy class")
            return self._register(source, {getattr(loaded, "STRATEGY_TYPE", "") or name: loaded})

    @contextmanager
    def _noted(self, plugin: Path | str) -> Iterator[None]:
        """Keep the books of one plugin: broken or not, and nothing registered by a broken one."""
        before = StrategyFactory.registered()
        self.broken_plugins.pop(plugin, None)
        try:
            yield
        except PluginError as error:
            self.broken_plugins[plugin] = error
            for strategy_type in StrategyFactory.registered().keys() - before.keys():
                StrategyFactory.remove(strategy_type)
            raise

    def _classes_of_file(self, file: Path) -> dict[str, type]:
        if not file.is_file():
            raise PluginError(f"no plugin file {file}; expected a Python file")
        before = StrategyFactory.registered()
        module = _import(file)
        found: dict[str, type] = {
            strategy_type: strategy_class
            for strategy_type, strategy_class in StrategyFactory.registered().items()
            if before.get(strategy_type) is not strategy_class
        }
        for _, strategy_class in inspect.getmembers(module, inspect.isclass):
            strategy_type = strategy_class.__dict__.get("STRATEGY_TYPE", "")
            if strategy_class.__module__ != module.__name__ or not strategy_type or strategy_class in found.values():
                continue
            if strategy_type in found:
                raise PluginError(
                    f"{file}: {found[strategy_type].__name__} and {strategy_class.__name__} have the same "
                    f"STRATEGY_TYPE '{strategy_type}'; expected a name for each"
                )
            found[strategy_type] = strategy_class
        if not found:
            raise PluginError(
                f"{file} holds no strategy; expected a class with a STRATEGY_TYPE and a method generate_signals(data) "
                "or on_bar(context)"
            )
        return found

    def _register(self, source: str, found: dict[str, type]) -> dict[str, type]:
        for strategy_type, strategy_class in found.items():
            if not can_trade(strategy_class):
                raise PluginError(
                    f"{source}: {strategy_class.__name__} has neither generate_signals(data) nor on_bar(context); a "
                    "strategy needs one"
                )
            try:
                StrategyFactory.add(strategy_type, strategy_class)
            except StrategyError as error:
                raise PluginError(f"{source}: {error}") from error
        self.loaded_plugins |= found
        return found


def _import(file: Path) -> ModuleType:
    """The module of a plugin's file, run anew, under a name that no other plugin has."""
    name = _module_name(file)
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise PluginError(f"{file} is not a file that Python can load; expected a .py file")
    module = importlib.util.module_from_spec(spec)
    if PACKAGE not in sys.modules:
        package = ModuleType(PACKAGE, "Strategies that were loaded from plugin files.")
        package.__path__ = []
        sys.modules[PACKAGE] = package
    earlier = sys.modules.get(name)
    sys.modules[name] = module
    try:
        with _fence(str(file)):
            spec.loader.exec_module(module)
    except PluginError:
        del sys.modules[name]
        if earlier is not None:
            sys.modules[name] = earlier
        raise
    return module


def _module_name(file: Path) -> str:
    name = f"{PACKAGE}.{file.stem}"
    taken = getattr(sys.modules.get(name), "__file__", None)
    if taken is None or Path(taken).resolve() == file.resolve():
        return name
    return f"{name}_{blake2b(str(file.resolve()).encode(), digest_size=4).hexdigest()}"


@contextmanager
def _fence(source: str) -> Iterator[None]:
    """Turn whatever a plugin's code raises into a PluginError; only an interrupt by the user passes."""
    with _interrupts() as interrupts:
        try:
            yield
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt) and interrupts:
                raise
            said = "".join(traceback.format_exception(error)).rstrip()
            raise PluginError(f"{source} can't be loaded: {type(error).__name__}: {error}\n{said}") from error


@contextmanager
def _interrupts() -> Iterator[list[int]]:
    """A list that fills when the user interrupts: a KeyboardInterrupt without one was raised by the code itself."""
    seen: list[int] = []
    handler = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(handler):
        yield seen
        return

    def note(number: int, frame: FrameType | None) -> None:
        seen.append(number)
        handler(number, frame)

    signal.signal(signal.SIGINT, note)
    try:
        yield seen
    finally:
        signal.signal(signal.SIGINT, handler)
