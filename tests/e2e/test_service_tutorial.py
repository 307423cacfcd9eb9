"""What the tutorial of the service shows runs as it stands, against a real `hindcast serve`."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.architecture.source_tree import ROOT
from tests.e2e.serving import serving
from tests.faults.service_processes import TOKEN

PAGE = (ROOT / "docs/tutorial/service.md").read_text(encoding="utf-8")
pytestmark = pytest.mark.slow


def run(command: list[str], folder: Path, **variables: str) -> str:
    done = subprocess.run(
        command,
        cwd=folder,
        env=os.environ | {"HINDCAST_TOKEN": TOKEN} | variables,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_commands_and_the_program_give_a_result(tmp_path: Path):
    if shutil.which("curl") is None or shutil.which("bash") is None:
        pytest.skip("curl and bash are what the tutorial uses")
    _start, *blocks = re.findall(r"```console\n(.*?)```", PAGE, flags=re.DOTALL)
    script = re.sub(r"^\$ ", "", "set -e\n" + "".join(blocks), flags=re.MULTILINE)
    (program,) = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
    with serving(tmp_path / "home", "--workers", "1") as client:
        address = str(client.base_url).rstrip("/")
        script = script.replace("http://127.0.0.1:8000", address)
        said = run(["bash", "-c", script], tmp_path)
        printed = run([sys.executable, "-c", program], tmp_path, HINDCAST_URL=address)
    assert '"status": "COMPLETED"' in said
    assert '"final_portfolio_value"' in said
    assert (tmp_path / "trades.csv").read_text(encoding="utf-8").startswith("symbol,side,")
    assert "<script>" in (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "COMPLETED 100%" in printed
    assert printed.rstrip().endswith("passed")
