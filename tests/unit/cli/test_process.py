from __future__ import annotations

import gc
import os
import subprocess
import sys

import pytest

from hindcast.cli import process


class Ended(BaseException):
    """Stands for the end of the process."""


@pytest.fixture
def ends(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    codes: list[int] = []

    def end(code: int) -> None:
        codes.append(code)
        raise Ended

    monkeypatch.setattr(os, "_exit", end)
    monkeypatch.setattr(gc, "set_threshold", lambda threshold: None)
    return codes


@pytest.mark.parametrize(("raised", "code"), [(None, 0), (SystemExit(), 0), (SystemExit(2), 2), (SystemExit(130), 130)])
def test_the_process_ends_with_the_programs_code(
    raised: SystemExit | None, code: int, ends: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def main() -> None:
        if raised is not None:
            raise raised

    monkeypatch.setattr(process, "main", main)
    with pytest.raises(Ended):
        process.run()
    assert ends == [code]


def test_an_error_that_the_program_lets_out_is_python_s_to_tell(
    ends: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def main() -> None:
        raise RuntimeError("a defect")

    monkeypatch.setattr(process, "main", main)
    with pytest.raises(RuntimeError):
        process.run()
    assert ends == []


def test_a_reader_that_goes_away_makes_a_failure_without_a_traceback() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "hindcast", "data", "list", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.close()
        assert b"Traceback" not in running.stderr.read()
        assert running.wait() != 0


def test_all_output_arrives_before_the_process_ends() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "hindcast", "data", "list", "--json"], capture_output=True, text=True, check=True
    )
    assert done.stdout.rstrip().endswith(("]", "}"))
