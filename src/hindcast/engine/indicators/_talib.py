"""TA-Lib's compiled functions, without what the package loads around them.

`import talib` imports pandas and polars, to take their columns too: half a second that a run on plain arrays would pay
for nothing. Here the extension module is loaded by itself while those two are out of its sight. It stands in
`sys.modules` under its own name, so a later `import talib` finds it; what it could not see is handed to it then.
"""

from __future__ import annotations

import atexit
import importlib.util
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.machinery import EXTENSION_SUFFIXES, ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Final

_NAME: Final = "talib._ta_lib"
_FRAME_LIBRARIES: Final = ("pandas", "polars")
_loading: Final = threading.Lock()


def extension() -> ModuleType:
    """The module of TA-Lib's functions, ready to be called. Raises ModuleNotFoundError where it is not installed."""
    with _loading:
        return _load()


@cache
def _load() -> ModuleType:
    loaded = sys.modules.get(_NAME)
    if loaded is not None:
        return loaded
    # No package in the module's name: compiled code would import the package first.
    spec = importlib.util.spec_from_file_location("_ta_lib", _file())
    if spec is None or spec.loader is None:
        raise ModuleNotFoundError(f"{_file()} is not a module that this Python can load", name=_NAME)
    with _out_of_sight([name for name in _FRAME_LIBRARIES if name not in sys.modules]):
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    initialize: Callable[[], None] = module._ta_initialize
    initialize()
    atexit.register(module._ta_shutdown, True)

    def initialize_for_the_package() -> None:
        """What `import talib` calls when it is done: now the module gets to see pandas and polars."""
        _show_frames(module)
        initialize()

    module.__dict__["_ta_initialize"] = initialize_for_the_package
    sys.modules[_NAME] = module
    return module


def _file() -> Path:
    package = importlib.util.find_spec("talib")
    for folder in [] if package is None else package.submodule_search_locations or []:
        for suffix in EXTENSION_SUFFIXES:
            if (file := Path(folder) / f"_ta_lib{suffix}").exists():
                return file
    raise ModuleNotFoundError("TA-Lib is not installed: `pip install ta-lib`", name="talib")


class _Hidden:
    """An import finder that knows nothing of some modules, and only in the thread that made it."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = names
        self.thread = threading.get_ident()

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        if name in self.names and threading.get_ident() == self.thread:
            raise ModuleNotFoundError(f"{name} is not needed here", name=name)
        return None


@contextmanager
def _out_of_sight(names: Sequence[str]) -> Iterator[None]:
    hidden = _Hidden(names)
    sys.meta_path.insert(0, hidden)
    try:
        yield
    finally:
        sys.meta_path.remove(hidden)


def _show_frames(module: ModuleType) -> None:
    """Give the module the frame types that it looks for when it is loaded in the usual way."""
    names = module.__dict__
    for library in _FRAME_LIBRARIES:
        known = f"_{library.upper()}_DATAFRAME"
        found = sys.modules.get(library)
        if found is None or names.get(known, found) is not None:
            continue
        names[known] = found.DataFrame
        names[f"_{library.upper()}_SERIES"] = found.Series
        names["_INPUT_ARRAYS_TYPES"] = (*names["_INPUT_ARRAYS_TYPES"], found.DataFrame)
        names["_ARRAY_TYPES"] = (*names["_ARRAY_TYPES"], found.Series)
