"""The worker beside the service: started again when it dies, ended when the service ends."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.waiting import wait_for

from hindcast.cli.serving.companion import WorkerProcess, worker_command, worker_environment

READS_TO_THE_END = (
    "import sys; open(sys.argv[1], 'a').write('began\\n'); sys.stdin.read(); open(sys.argv[1], 'a').write('ended\\n')"
)
DIES = "import sys; open(sys.argv[1], 'a').write('began\\n'); sys.exit(3)"


def command(program: str, file: Path) -> list[str]:
    return [sys.executable, "-S", "-c", program, str(file)]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "said.txt"
    file.touch()
    return file


def test_a_worker_ends_by_itself_when_it_is_told_to_by_the_end_of_its_input(file):
    worker = WorkerProcess(command(READS_TO_THE_END, file))
    worker.start()
    wait_for(lambda: file.read_text() == "began\n")
    assert worker.pid is not None
    worker.stop()
    assert file.read_text() == "began\nended\n"


def test_a_worker_that_never_began_has_nothing_to_end(file):
    WorkerProcess(command(DIES, file)).stop()
    assert file.read_text() == ""


def test_a_worker_that_dies_is_started_again_after_a_pause_that_grows(file):
    worker = WorkerProcess(command(DIES, file), first_pause=0.05)
    worker.start()
    wait_for(lambda: file.read_text().count("began") >= 3)
    worker.stop()
    began = file.read_text().count("began")
    assert began < 20
    time.sleep(0.3)
    assert file.read_text().count("began") == began


def test_a_worker_whose_service_was_killed_ends_by_itself(file):
    program = (
        "import sys, time\n"
        "from hindcast.cli.serving.companion import WorkerProcess\n"
        "WorkerProcess(sys.argv[1:]).start()\n"
        "time.sleep(600)\n"
    )
    service = subprocess.Popen([sys.executable, "-c", program, *command(READS_TO_THE_END, file)])
    try:
        wait_for(lambda: file.read_text() == "began\n")
    finally:
        service.kill()
        service.wait()
    wait_for(lambda: file.read_text() == "began\nended\n")


def test_the_worker_gets_the_data_folder_and_no_token():
    assert worker_command(home="/data", slots=0)[1:] == [
        "-m",
        "hindcast",
        "--home",
        "/data",
        "worker",
        "--until-closed",
    ]
    assert worker_command(home="/data", slots=3)[-2:] == ["--slots", "3"]
    assert worker_environment({"HINDCAST_TOKEN": "x", "HINDCAST_MONGODB_URL": "y"}) == {"HINDCAST_MONGODB_URL": "y"}
