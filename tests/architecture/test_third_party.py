"""What import contracts can't say: which third-party packages a layer may use, and which only when they are needed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tests.architecture.source_tree import PACKAGE, Import, runtime_imports

OWN = {"hindcast"}
# Each costs a tenth of a second or more to import: a new process pays only for what it uses.
HEAVY = {"duckdb", "jinja2", "pandas", "plotly", "polars", "pyarrow", "scipy"}
SERVER = {
    "argon2",
    "beanie",
    "distributed",
    "fastapi",
    "httpx",
    "prometheus_client",
    "pymongo",
    "redis",
    "structlog",
    "uvicorn",
}


def third_party(folder: Path) -> list[Import]:
    """The imports below a folder that are neither the standard library's nor Hindcast's own."""
    return [found for found in runtime_imports(folder) if found.package not in OWN | set(sys.stdlib_module_names)]


def test_the_domain_needs_only_the_standard_library_and_pydantic():
    strangers = [str(found) for found in third_party(PACKAGE / "domain") if found.package != "pydantic"]
    assert strangers == []


def test_the_engine_needs_only_numbers_and_hashes_and_meets_pandas_in_the_faces_of_bars():
    allowed = {"blake3", "llvmlite", "numba", "numpy", "talib"}
    strangers = [found for found in third_party(PACKAGE / "engine") if found.package not in allowed]
    faces = [found for found in strangers if found.package == "pandas" and found.file.name == "bars.py"]
    assert [str(found) for found in strangers if found not in faces] == []


def test_only_the_indicators_import_ta_lib():
    elsewhere = [found for found in third_party(PACKAGE) if found.package == "talib"]
    assert [str(found) for found in elsewhere if found.file.parent != PACKAGE / "engine" / "indicators"] == []


def test_nothing_heavy_is_imported_before_it_is_needed():
    early = [str(found) for found in third_party(PACKAGE) if found.at_module_level and found.package in HEAVY]
    assert early == []


@pytest.mark.parametrize("statement", ["import hindcast", "import hindcast.cli.main"])
def test_starting_loads_nothing_heavy_and_no_server_library(statement: str):
    program = f"import sys; {statement}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert set(run.stdout.split()) & (HEAVY | SERVER) == set()
