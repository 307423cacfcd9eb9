"""A worker's first and last moments, over parts that do as a test says."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, cast

import pytest

from hindcast.bootstrap import ServiceFactory
from hindcast.bootstrap.working import work
from hindcast.domain.errors import StoreUnavailableError, WorkLostError, WorkStoppedError


class LoneChildren:
    """The processes of backtests that were lost before."""

    def __init__(self, happened: list[str]) -> None:
        self.happened = happened

    def close(self) -> None:
        self.happened.append("close alone")


class Parts:
    """Settings, store, children and worker in one, with what happened in order."""

    home = "/the/data"
    slots = 3

    def __init__(self, *, silent: int = 0, warm: Exception | None = None) -> None:
        self.happened: list[str] = []
        self._silent = silent
        self._warm = warm
        self.settings = self.databases = self.documents = self.children = self
        self.lone_children = LoneChildren(self.happened)

    def open(self) -> None:
        self.happened.append("open")

    def ping(self) -> None:
        if self._silent:
            self._silent -= 1
            raise StoreUnavailableError("nobody listens")
        self.happened.append("ping")

    def warm_up(self, stopped: Callable[[], bool]) -> None:
        if self._warm is not None:
            raise self._warm

    def worker(self, *, slots: int) -> Parts:
        return self

    def run(self, stop: threading.Event, *, at_once: threading.Event | None) -> None:
        self.happened.append("run")

    def close(self) -> None:
        self.happened.append("close")


def said_by(parts: Parts, stop: threading.Event | None = None) -> list[str]:
    said: list[str] = []
    work(cast("ServiceFactory", cast("Any", parts)), stop or threading.Event(), say=said.append)
    return said


def test_a_worker_says_once_that_it_is_ready_and_closes_its_processes_at_the_end():
    parts = Parts()
    assert said_by(parts) == ["worker ready: 3 at a time, data folder /the/data"]
    assert parts.happened == ["open", "ping", "run", "close", "close alone"]


def test_a_store_that_does_not_answer_yet_is_waited_for_and_it_is_said():
    parts = Parts(silent=1)
    first, second = said_by(parts)
    assert "nobody listens" in first
    assert second.startswith("worker ready")
    assert parts.happened[-3:] == ["run", "close", "close alone"]


def test_a_worker_that_is_told_to_end_before_the_store_answers_ends():
    parts, stop = Parts(silent=1_000), threading.Event()
    said: list[str] = []

    def say(line: str) -> None:
        said.append(line)
        stop.set()

    work(cast("ServiceFactory", cast("Any", parts)), stop, say=say)
    assert len(said) == 1
    assert parts.happened == ["open", "close", "close alone"]


def test_a_worker_that_is_told_to_end_while_its_processes_warm_up_ends():
    parts = Parts(warm=WorkStoppedError("told to end"))
    assert said_by(parts) == []
    assert parts.happened == ["open", "close", "close alone"]


def test_a_worker_that_can_start_no_process_says_so():
    parts = Parts(warm=WorkLostError("no process can be started"))
    with pytest.raises(WorkLostError):
        said_by(parts)
    assert parts.happened == ["open", "close", "close alone"]
