"""Plug-ins that end, crash, kill or stall whoever loads them: each costs itself, once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.unit.services.strategy.plugins import write_plugin

from hindcast.infrastructure.processes.forked_children import ForkedChildren
from hindcast.services.backtest.source_hash import strategy_hash
from hindcast.services.ports import ChildLimits, ChildProcesses
from hindcast.services.strategy.catalogue import StrategyCatalogue
from hindcast.services.strategy.validation import StrategyValidator

LEAVES = {
    "exits": "import os\nos._exit(0)\n",
    "crashes": "import ctypes\nctypes.string_at(0)\n",
    "kills": "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n",
    "leaves": "import sys\nsys.exit(3)\n",
}
STALLS = "while True:\n    try:\n        while True:\n            pass\n    except BaseException:\n        pass\n"


@pytest.fixture(scope="module")
def children(shared_children: ForkedChildren) -> ForkedChildren:
    return shared_children


class Recording:
    """Children whose payloads are kept."""

    def __init__(self, children: ForkedChildren) -> None:
        self._children = children
        self.payloads: list[Mapping[str, Any]] = []

    def run(self, task: str, payload: Mapping[str, Any], **rest: Any) -> Any:
        """The task's answer."""
        self.payloads.append(payload)
        return self._children.run(task, payload, **rest)

    def close(self) -> None:
        """The children belong to the fixture."""


def catalogue_of(folder: Path, children: ChildProcesses, seconds: float = 20.0) -> StrategyCatalogue:
    limits = ChildLimits(seconds=seconds, memory_bytes=1024**3)
    return StrategyCatalogue(children, folder, code_hash=strategy_hash, limits=limits)


def test_files_that_end_their_process_hide_no_other(tmp_path: Path, children: ForkedChildren) -> None:
    write_plugin(tmp_path, "a_fine")
    write_plugin(tmp_path, "z_fine")
    for name, body in LEAVES.items():
        (tmp_path / f"{name}.py").write_text(body)
    catalogue = catalogue_of(tmp_path, children)
    found = {each.strategy_type for each in catalogue.templates()}
    assert {"a_fine", "z_fine"} <= found
    assert {Path(file).stem for file in catalogue.broken()} == set(LEAVES)
    assert "SystemExit: 3" in catalogue.broken()[str(tmp_path / "leaves.py")]


def test_a_file_that_no_alarm_ends_costs_its_limit_once(tmp_path: Path, children: ForkedChildren) -> None:
    write_plugin(tmp_path, "fine")
    stalls = tmp_path / "stalls.py"
    stalls.write_text(STALLS)
    recording = Recording(children)
    catalogue = catalogue_of(tmp_path, recording, seconds=1.0)
    assert catalogue.template("fine").source == str(tmp_path / "fine.py")
    assert list(catalogue.broken()) == [str(stalls)]
    write_plugin(tmp_path, "later")
    recording.payloads.clear()
    for _ in range(5):
        assert catalogue.template("later").strategy_type == "later"
        catalogue.check("fine", {"window": 3})
    assert len(recording.payloads) == 6, "one look at what is new, and the builds"
    assert not any("stalls.py" in str(payload) for payload in recording.payloads)
    assert list(catalogue.broken()) == [str(stalls)]


def test_a_strategy_that_stalls_in_its_check_is_a_finding(tmp_path: Path, children: ForkedChildren) -> None:
    write_plugin(tmp_path, "stalls", generate="while True:\n    pass")
    limits = ChildLimits(seconds=1.0, memory_bytes=1024**3)
    report = StrategyValidator(children, catalogue_of(tmp_path, children), limits=limits).validate("stalls")
    assert [(finding.code, finding.severity) for finding in report.findings] == [("time_limit", "error")]


def test_a_strategy_that_eats_memory_in_its_check_is_a_finding(tmp_path: Path, children: ForkedChildren) -> None:
    write_plugin(tmp_path, "eats", generate="return bytearray(64 << 30)")
    report = StrategyValidator(children, catalogue_of(tmp_path, children)).validate("eats")
    assert not report.valid
    assert report.findings[0].code in ("memory_limit", "strategy_failed")
    assert "emory" in report.findings[0].message
