"""The kernels are Python, too: their tests and the cases worked by hand hold with the compiler off."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[2]


def test_the_kernels_and_the_cases_worked_by_hand_hold_with_the_compiler_off():
    files = [HERE / "kernels", HERE / "test_fill_cases.py", *sorted(HERE.glob("test_order_cases_*.py"))]
    told = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "-p",
            "no:cov",
            "-W",
            "ignore::RuntimeWarning",
            *map(str, files),
        ],
        cwd=ROOT,
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert told.returncode == 0, told.stdout[-2_000:]
    assert int(told.stdout.split(" passed")[0].split()[-1]) > 1_000
