"""What children promise, held against small tasks, forked and fresh."""

from __future__ import annotations

import os
import resource
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.unit.infrastructure.processes.leftovers import (
    REPOSITORY,
    MarkedChildren,
    children_in,
    processes_with,
    wait_for_none,
)

from hindcast.domain.errors import (
    HindcastError,
    InputError,
    MemoryLimitError,
    QuotaError,
    StrategyError,
    StrategyExitError,
    SymbolError,
    TimeLimitError,
    WorkLostError,
    WorkNotBegunError,
    WorkStoppedError,
)
from hindcast.infrastructure.processes.forked_children import ForkedChildren
from hindcast.infrastructure.processes.linux import IS_LINUX
from hindcast.services.ports import ChildLimits

LIMITS = ChildLimits(seconds=20.0, memory_bytes=256 * 1024**2)
SHORT = ChildLimits(seconds=1.0, memory_bytes=256 * 1024**2)


@pytest.fixture(scope="module")
def forked(tmp_path_factory):
    with children_in(tmp_path_factory.mktemp("forked"), "fork") as children:
        yield children


@pytest.fixture(scope="module")
def spawned(tmp_path_factory):
    with children_in(tmp_path_factory.mktemp("spawned"), "spawn") as children:
        yield children


@pytest.fixture(params=["fork", "spawn"])
def children(request, forked, spawned):
    return forked if request.param == "fork" else spawned


def failure_of(children: ForkedChildren, task: str, limits: ChildLimits = LIMITS, **payload: Any) -> HindcastError:
    with pytest.raises(HindcastError) as raised:
        children.run(task, payload, limits=limits)
    return raised.value


def test_a_task_answers_with_a_json_value(children):
    asked = {"text": "zwölf 十二 🎲", "numbers": [1, 2.5, -3], "nothing": None, "nested": {"yes": True}}

    assert children.run("echo", asked, limits=LIMITS) == asked


def test_a_large_payload_and_answer_come_through(forked):
    text = "x" * 6_000_000

    assert forked.run("echo", {"text": text}, limits=LIMITS) == {"text": text}


def test_steps_are_told_in_their_order(children):
    told: list[tuple[str, float]] = []

    assert children.run("steps", {"count": 4}, limits=LIMITS, tell=lambda *step: told.append(step)) == 4
    assert told == [("step 0", 0.0), ("step 1", 0.25), ("step 2", 0.5), ("step 3", 0.75)]


def test_more_steps_than_anybody_reads_are_left_out(forked):
    told: list[tuple[str, float]] = []

    assert forked.run("steps", {"count": 6_000}, limits=LIMITS, tell=lambda *step: told.append(step)) == 6_000
    assert len(told) == 5_000


def test_an_error_keeps_its_class_and_its_words(children):
    failure = failure_of(children, "raise_symbol_error")

    assert type(failure) is SymbolError
    assert str(failure) == "no symbol 'X'"


def test_an_error_keeps_how_long_to_wait(forked):
    failure = failure_of(forked, "raise_quota_error")

    assert isinstance(failure, QuotaError)
    assert failure.retry_after == 12.5


def test_an_error_that_is_not_ours_says_where_it_was_raised(forked):
    failure = failure_of(forked, "raise_error", message="of its own")

    assert type(failure) is StrategyError
    assert "LookupError: of its own (small_tasks.py, line " in str(failure)


def test_a_long_message_loses_its_middle(forked):
    failure = failure_of(forked, "raise_error", message="a" * 60_000 + "the end")

    assert len(str(failure)) <= 20_000
    assert "the end (small_tasks.py" in str(failure)


def test_a_payload_that_is_no_json_is_refused(forked):
    with pytest.raises(InputError, match="can't be handed to another process"):
        forked.run("echo", {"number": float("nan")})


def test_an_answer_that_is_no_json_is_the_tasks_failure(forked):
    assert "is no JSON value" in str(failure_of(forked, "answer_nonsense"))


def test_an_answer_that_is_too_large_is_the_tasks_failure(forked):
    failure = failure_of(forked, "answer_much", bytes=9_000_000)

    assert type(failure) is StrategyError
    assert "at most 8,388,608 are allowed" in str(failure)


def test_a_task_finds_no_more_than_it_needs(children, monkeypatch):
    monkeypatch.setenv("HINDCAST_MONGODB_URL", "mongodb://user:secret@host")
    found: Any = children.run("surroundings", {}, limits=LIMITS)

    assert found["files"][:4] == [0, 1, 2, 3]
    assert len(found["files"]) == 5  # the last one is the folder that lists them
    assert Path(found["folder"]).name.startswith("hindcast-run-")
    assert found["temporary"] == found["folder"]
    assert found["umask"] == 0o077
    assert found["is_leader"]
    assert found["threads"] == 1
    assert not Path(found["folder"]).exists()


def test_children_see_no_secret(tmp_path, monkeypatch):
    monkeypatch.setenv("HINDCAST_MONGODB_URL", "mongodb://user:hunter2@host")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hunter2")
    with children_in(tmp_path, "fork") as children:
        found: Any = children.run("surroundings", {}, limits=LIMITS)

    assert found["warm_ups"] == 1
    assert "hunter2" not in str(found["environ"]) + str(found["parent_environ"])
    assert found["environ"]["PYTHONHASHSEED"] == "0"


def test_chance_begins_the_same_in_every_child(forked):
    first, second = (forked.run("surroundings", {}, limits=LIMITS) for _ in range(2))

    assert first["chance"] == second["chance"]
    assert first["hash"] == second["hash"]


def test_chance_of_numpy_begins_the_same_where_the_task_is_what_loads_it(children):
    drawn = {children.run("draw", {}, limits=LIMITS) for _ in range(2)}

    assert drawn == {np.random.RandomState(0).random_sample()}


def test_a_folder_without_rights_is_removed(forked):
    folder: Any = forked.run("leave_things", {}, limits=LIMITS)

    assert not Path(folder).exists()


def test_what_takes_too_long_is_ended(children):
    started = time.monotonic()
    failure = failure_of(children, "sleep", SHORT, seconds=60)

    assert type(failure) is TimeLimitError
    assert "after 1 s" in str(failure)
    assert time.monotonic() - started < 1.0 + 2.0


def test_nothing_holds_off_the_limit(forked):
    with ThreadPoolExecutor(3) as threads:
        started = time.monotonic()
        failures = threads.map(lambda task: failure_of(forked, task, SHORT), ["ignore_signals", "stop_itself", "spin"])

        assert [type(failure) for failure in failures] == [TimeLimitError] * 3
        assert time.monotonic() - started < 1.0 + 2.0


def test_who_is_no_longer_wanted_is_ended(children):
    told = threading.Event()
    started = time.monotonic()

    with pytest.raises(WorkStoppedError):
        children.run("sleep", {"seconds": 60}, limits=LIMITS, tell=lambda *_: told.set(), stopped=told.is_set)

    assert time.monotonic() - started < 10.0
    assert wait_for_none(children.mark, but=1) == []


def test_an_exit_is_told_with_its_last_words(children):
    failure = failure_of(children, "leave", code=0)

    assert type(failure) is StrategyExitError
    assert "exit code 0" in str(failure)
    assert "last words" in str(failure)


@pytest.mark.parametrize("number", [signal.SIGUSR1, signal.SIGABRT, signal.SIGSEGV, signal.SIGALRM])
def test_a_crash_is_told_by_its_signal(forked, number):
    failure = failure_of(forked, "send_itself", signal=int(number))

    assert type(failure) is StrategyExitError
    assert number.name in str(failure)


def test_a_bad_address_is_a_crash(forked):
    assert "SIGSEGV" in str(failure_of(forked, "crash"))


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_who_is_killed_from_outside_is_lost(forked, number):
    failure = failure_of(forked, "send_itself", signal=int(number))

    assert type(failure) is WorkLostError
    assert number.name in str(failure)


def test_memory_has_a_limit(children):
    assert children.run("eat", {"bytes": 128 * 1024**2}, limits=LIMITS) == 128 * 1024**2
    assert type(failure_of(children, "eat", bytes=512 * 1024**2)) is MemoryLimitError


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (b"\xff\xff\xff\xff", "a frame of 4,294,967,295 bytes"),
        (struct.pack(">I", 5) + b"{nope", "Expecting property name"),
        (struct.pack(">I", 2) + b"[]", "neither a step nor an answer"),
        (struct.pack(">I", 13) + b'{"answer":NaN', "NaN is no JSON"),
        (struct.pack(">I", 19) + b'{"answer":"\\ud800"}', "surrogates not allowed"),
        (struct.pack(">I", 100_000) + b"[" * 100_000, "nested too deeply"),
        (struct.pack(">I", 14) + b'{"tell":["a"]}', "neither a step nor an answer"),
        (struct.pack(">I", 16) + b'{"tell":["a",2]}', "no number from 0 to 1"),
        (struct.pack(">I", 11) + b'{"error":1}', "an error without class and message"),
    ],
)
def test_nonsense_on_the_channel_ends_the_run(forked, said, told):
    failure = failure_of(forked, "say", hex=said.hex())

    assert type(failure) is StrategyExitError
    assert told in str(failure)


def test_a_flood_of_steps_ends_the_run(forked):
    step = struct.pack(">I", 16) + b'{"tell":["a",0]}'
    failure = failure_of(forked, "say", hex=step.hex(), times=6_000)

    assert "more than 5,000 steps" in str(failure)


def test_lost_work_can_not_be_claimed(forked):
    said = b'{"error":{"class":"WorkLostError","message":"again"}}'
    failure = failure_of(forked, "say", hex=(struct.pack(">I", len(said)) + said).hex())

    assert type(failure) is StrategyError
    assert str(failure) == "again"


def test_who_closes_the_channel_is_ended(forked):
    failure = failure_of(forked, "close_all")

    assert type(failure) is StrategyExitError
    assert "closed the connection" in str(failure)


def test_what_a_task_has_started_ends_with_it(children):
    before = len(processes_with(children.mark))

    started: Any = children.run("leave_daemon", {}, limits=LIMITS)

    assert len(started) == 2
    assert wait_for_none(children.mark, but=before) == []


def test_too_many_processes_end_the_run(forked):
    failure = failure_of(forked, "fork_many", count=80)

    assert type(failure) is StrategyExitError
    assert "more than 64 processes" in str(failure)
    assert wait_for_none(forked.mark, but=1) == []


def test_a_killed_warm_parent_loses_the_runs_and_is_replaced(tmp_path):
    with children_in(tmp_path, "fork") as children:
        children.warm_up()
        runs = threading.Event()
        with ThreadPoolExecutor(1) as threads:
            neighbour = threads.submit(
                children.run, "sleep", {"seconds": 60}, limits=LIMITS, tell=lambda *_: runs.set()
            )
            assert runs.wait(20.0)
            own = failure_of(children, "kill_parent", signal=int(signal.SIGKILL))

            assert type(own) is WorkLostError
            assert type(neighbour.exception()) is WorkLostError
        assert wait_for_none(children.mark) == []
        assert children.run("echo", {"again": 1}, limits=LIMITS) == {"again": 1}


def test_a_stopped_warm_parent_goes_on(tmp_path):
    with children_in(tmp_path, "fork") as children:
        answer = children.run("kill_parent", {"signal": int(signal.SIGSTOP), "seconds": 0.1}, limits=LIMITS)

        assert answer == "still here"
        assert children.run("echo", {"again": 1}, limits=LIMITS) == {"again": 1}


def test_many_tasks_at_once_get_their_own_answers(forked):
    with ThreadPoolExecutor(8) as threads:
        asked = [{"number": number} for number in range(60)]
        answers = threads.map(lambda payload: forked.run("echo", payload, limits=LIMITS), asked)

        assert list(answers) == asked


def test_a_warm_parent_ends_with_its_supervisor(tmp_path):
    children = MarkedChildren("tests.unit.infrastructure.processes.small_tasks", tmp_path, "fork")
    children.warm_up()
    assert len(processes_with(children.mark)) == 1

    mark = children.mark
    del children

    assert wait_for_none(mark) == []


def test_a_killed_supervisor_leaves_nothing_behind(tmp_path):
    code = """
import os
from pathlib import Path
from tests.unit.infrastructure.processes.leftovers import MarkedChildren
folder = Path(os.environ["TMPDIR"])
children = MarkedChildren("tests.unit.infrastructure.processes.small_tasks", folder)
children.run("leave_daemon_and_sleep", {}, tell=lambda *_: print(children.mark, flush=True))
"""
    environment = {**os.environ, "TMPDIR": str(tmp_path), "PYTHONPATH": str(REPOSITORY)}
    with subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        mark = process.stdout.readline().strip()
        running = len(processes_with(mark))
        process.kill()

    assert running >= 4  # the warm parent, its child, and what that one started
    assert wait_for_none(mark) == []
    assert list(tmp_path.iterdir()) == []


def test_a_warm_parent_with_threads_is_not_forked(tmp_path):
    entry = "tests.unit.infrastructure.processes.threaded_tasks"
    with children_in(tmp_path, "fork", entry) as children:
        with pytest.warns(RuntimeWarning, match="has threads of its own"):
            children.warm_up()
        assert children.run("answer", {}, limits=LIMITS) == "fresh"


def test_a_copy_of_the_supervisor_has_children_of_its_own(tmp_path):
    code = """
import os
from tests.unit.infrastructure.processes.leftovers import MarkedChildren
children = MarkedChildren("tests.unit.infrastructure.processes.small_tasks", os.environ["TMPDIR"])
first = children.run("echo", {"who": 1})
copy = os.fork()
if copy == 0:
    os._exit(0 if children.run("echo", {"who": 2}) == {"who": 2} and children.close() is None else 1)
assert os.waitpid(copy, 0)[1] == 0
assert children.run("echo", {"who": 3}) == {"who": 3}
children.close()
"""
    environment = {**os.environ, "TMPDIR": str(tmp_path), "PYTHONPATH": str(REPOSITORY), "OPENBLAS_NUM_THREADS": "1"}
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], env=environment, capture_output=True, text=True, check=False
    )

    assert (ran.returncode, ran.stderr) == (0, "")


def test_the_same_step_is_told_now_and_then(forked):
    told: list[tuple[str, float]] = []
    forked.run("count_up", {"times": 1_000}, limits=LIMITS, tell=lambda *step: told.append(step))

    assert 1 <= len(told) < 100


def test_an_entry_that_can_not_be_imported_says_why(tmp_path):
    with children_in(tmp_path, "fork", "no.such.module") as children:
        failure = failure_of(children, "echo")

    assert type(failure) is WorkNotBegunError
    assert "No module named 'no'" in str(failure)


def test_a_machine_without_room_for_a_folder_is_told_apart_from_work_that_was_lost(forked, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    failure = failure_of(forked, "echo")

    assert type(failure) is WorkNotBegunError
    assert "no folder for a run can be made" in str(failure)


@pytest.mark.skipif(not IS_LINUX, reason="limits as Linux has them")
def test_a_process_without_file_handles_left_is_told_apart_from_work_that_was_lost_and_ends_nobody_else(forked):
    parent = forked.run("surroundings", {}, limits=LIMITS)["parent_environ"]  # with a mark of its own
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    lowest_free = os.dup(0)
    os.close(lowest_free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest_free, hard))  # every number below it is taken
    try:
        failure = failure_of(forked, "echo")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    assert type(failure) is WorkNotBegunError
    assert forked.run("surroundings", {}, limits=LIMITS)["parent_environ"] == parent


def test_a_failure_leaves_no_working_folder(children):
    told: list[str] = []
    with pytest.raises(StrategyExitError):
        children.run("leave", {"code": 3}, limits=LIMITS, tell=lambda step, _: told.append(step))

    assert "hindcast-run-" in told[0]
    assert not Path(told[0]).exists()
