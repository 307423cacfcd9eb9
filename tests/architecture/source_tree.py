"""The project's Python files and what they import, read without importing them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "hindcast"
FOLDERS = ("src", "tests", "bench", "examples", "plugins", "tools", "docs")


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """One import statement's target, and where it stands."""

    file: Path
    line: int
    module: str
    at_module_level: bool

    @property
    def package(self) -> str:
        """The top-level package that is imported."""
        return self.module.partition(".")[0]

    def __str__(self) -> str:
        return f"{self.file.relative_to(ROOT)}:{self.line} imports {self.module}"


def python_files() -> list[Path]:
    """All Python files of the project, tests and scripts included."""
    return sorted(file for folder in FOLDERS for file in (ROOT / folder).rglob("*.py"))


def runtime_imports(folder: Path) -> Iterator[Import]:
    """Every import below a folder that runs, inside functions too; those for the type checker alone are left out."""
    for file in sorted(folder.rglob("*.py")):
        yield from _imports_of(file, ast.parse(file.read_text(encoding="utf-8")), at_module_level=True)


def _imports_of(file: Path, node: ast.AST, *, at_module_level: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test) in {"TYPE_CHECKING", "typing.TYPE_CHECKING"}:
            for statement in child.orelse:
                yield from _imports_of(file, statement, at_module_level=at_module_level)
        elif isinstance(child, ast.Import):
            for name in child.names:
                yield Import(file=file, line=child.lineno, module=name.name, at_module_level=at_module_level)
        elif isinstance(child, ast.ImportFrom) and child.module:
            yield Import(file=file, line=child.lineno, module=child.module, at_module_level=at_module_level)
        else:
            in_function = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            yield from _imports_of(file, child, at_module_level=at_module_level and not in_function)
