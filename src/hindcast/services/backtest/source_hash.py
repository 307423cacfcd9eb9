"""Hashes of source code: a strategy with everything it imports, and the engine itself."""

from __future__ import annotations

import ast
import importlib.util
import inspect
import sys
import sysconfig
from functools import cache
from pathlib import Path
from types import ModuleType

from blake3 import blake3

_PACKAGE = Path(__file__).parents[2]


@cache
def engine_hash() -> str:
    """BLAKE3 of the package's own source that results depend on."""
    digest = blake3()
    for room in ("domain", "engine", "services", "strategies"):
        for path in sorted((_PACKAGE / room).rglob("*.py")):
            _add(digest, path.relative_to(_PACKAGE).as_posix(), path.read_bytes())
    return digest.hexdigest()


def strategy_hash(strategy_class: type) -> str:
    """BLAKE3 of the source of a strategy's module and, transitively, of the local modules that it imports.

    Where the files lie and what the modules are called is left out: a copy has the same hash. Installed packages and
    the standard library are left out: the manifest's environment names their versions. The engine's own modules are
    covered by `engine_hash`. A class without a file (a notebook, a console) is hashed by its own source, or where there
    is none by its byte code.
    """
    digest = blake3()
    _add(digest, "class", strategy_class.__qualname__.encode())
    module = sys.modules.get(strategy_class.__module__)
    path = _source_path(module)
    if module is None or path is None:
        _add(digest, "source", _loose_source(strategy_class))
        return digest.hexdigest()
    files = _closure(module, path)
    for found in sorted(files, key=lambda each: (each.name, files[each])):
        _add(digest, found.name, files[found])
    return digest.hexdigest()


def _closure(module: ModuleType, path: Path) -> dict[Path, bytes]:
    """The files of local modules that a module imports, directly or through others."""
    seen: dict[Path, bytes] = {}
    todo = [(module.__name__, module.__package__ or "", path)]
    while todo:
        name, package, file = todo.pop()
        if file in seen:
            continue
        seen[file] = file.read_bytes()
        for imported in _imports(seen[file], package or name.rpartition(".")[0]):
            found = _source_path(sys.modules.get(imported)) or _find(imported)
            if found is not None and _is_local(found):
                known = sys.modules.get(imported)
                parent = (known.__package__ if known is not None else imported.rpartition(".")[0]) or ""
                todo.append((imported, parent, found))
    return seen


def _imports(source: bytes, package: str) -> set[str]:
    """Names of the modules that a source imports, wherever in it."""
    names: set[str] = set()
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return names
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = package.split(".")
                parents = parts[: len(parts) - node.level + 1]
                base = ".".join([*parents, base] if base else parents)
            names.update(f"{base}.{alias.name}" for alias in node.names)
    # `import a.b.c` runs a and a.b too.
    return {".".join(parts[:end]) for name in names for parts in [name.split(".")] for end in range(1, len(parts) + 1)}


def _find(name: str) -> Path | None:
    """The file of a local module that has not been loaded (an import inside a function)."""
    try:
        top = importlib.util.find_spec(name.partition(".")[0])  # a dotted name would import its parents: look first
        if top is None or top.origin is None or not _is_local(Path(top.origin)):
            return None
        spec = importlib.util.find_spec(name)
    except (ImportError, AttributeError, ValueError):
        return None
    return Path(spec.origin) if spec and spec.origin and spec.origin.endswith(".py") else None


def _source_path(module: ModuleType | None) -> Path | None:
    file = getattr(module, "__file__", None)
    path = Path(file) if file else None
    return path if path and path.suffix == ".py" and path.is_file() else None


@cache
def _is_local(path: Path) -> bool:
    """Whether a file is the user's own: neither installed, nor the standard library, nor this package."""
    installed = [Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    if {"site-packages", "dist-packages"} & set(path.parts):
        return False
    return not any(path.is_relative_to(place) for place in (*installed, _PACKAGE))


def _loose_source(strategy_class: type) -> bytes:
    try:
        return inspect.getsource(strategy_class).encode()
    except (OSError, TypeError):
        codes = [
            (name, member.__code__.co_code, repr(member.__code__.co_consts))
            for name, member in sorted(vars(strategy_class).items())
            if inspect.isfunction(member)
        ]
        return repr(codes).encode()


def _add(digest: blake3, name: str, content: bytes) -> None:
    """Add a named part, with its length: no two sets of parts run together into the same bytes."""
    digest.update(f"{name}\0{len(content)}\0".encode())
    digest.update(content)
