"""`hindcast worker` as a process of its own: it says when it is ready, works, and ends with its standard input."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.contracts.records import a_backtest
from tests.contracts.stores import stored_documents
from tests.unit.services.jobs.queued_backtests import CROSSING, result_ids, stored

from hindcast.domain.backtest import BacktestStatus
from hindcast.services.documents.repositories import BacktestRepository
from hindcast.services.jobs.queue import JobQueue


@pytest.mark.skipif(sys.platform == "win32", reason="standard input is a pipe of POSIX")
def test_a_worker_runs_what_is_queued_and_ends_when_its_standard_input_is_closed(tmp_path: Path):
    command = [sys.executable, "-m", "hindcast", "--home", str(tmp_path), "worker", "--slots", "1", "--until-closed"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdin is not None
            assert process.stdout.readline() == f"worker ready: 1 at a time, data folder {tmp_path}\n"
            documents = stored_documents(tmp_path)
            BacktestRepository(documents).insert(a_backtest("b1"))
            JobQueue(documents).enqueue("b1", CROSSING)
            until = time.monotonic() + 60.0
            while stored(documents, "b1").end_time is None and time.monotonic() < until:
                time.sleep(0.02)
            process.stdin.close()
            assert process.wait(60.0) == 0
        finally:
            process.kill()
    found = stored(documents, "b1")
    assert (found.status, found.error_message) == (BacktestStatus.COMPLETED, None)
    assert result_ids(documents) == {"b1.1"}
    documents.close()
