"""Python programs in processes of their own, over a data folder that the test chooses."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def start(program: str, home: Path, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", program],
        env=os.environ | {"HINDCAST_HOME": str(home), "PYTHONPATH": str(ROOT)} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(program: str, home: Path, *, code: int = 0, **environment: str) -> str:
    """What a program prints; it must end with this code."""
    process = start(program, home, **environment)
    out, err = process.communicate(timeout=120)
    assert process.returncode == code, f"ended with {process.returncode}\n{out}\n{err}"
    return out
