"""Strategies that misbehave harm their own run and nothing else: neighbours run on, and nothing is left behind."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.faults.strategy_attacks import ATTACKS, FORGERIES, GOOD, LONG, Attack
from tests.unit.infrastructure.processes.leftovers import MarkedChildren, processes_with, wait_for_none

from hindcast.domain.backtest import Backtest
from hindcast.domain.errors import HindcastError, TimeLimitError, WorkLostError
from hindcast.domain.strategy import StrategySnapshot
from hindcast.services.ports import ChildLimits

MEMORY = 256 * 1024**2
AT_ONCE = 4
ENTRY = "hindcast.bootstrap.child_tasks"
SLOW_MACHINE = 5.0  # seconds above a limit: 2 are promised, of a machine that is not busy with other attacks


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of an attack, and of a good run right after it."""

    answer: Any
    error: HindcastError | None
    seconds: float
    neighbour: str


class Arena:
    """A data folder, a folder with all attacks and one good plug-in, and children to run them in."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.plugins = folder / "plugins"
        self.temporary = folder / "temporary"
        for each in (self.home, self.plugins, self.temporary):
            each.mkdir()
        for attack in (*ATTACKS, *FORGERIES, GOOD):
            (self.plugins / f"{attack.name}.py").write_text(attack.source, encoding="utf-8")
        self.children = MarkedChildren(ENTRY, self.temporary)

    def run(self, strategy_type: str, seconds: float = LONG) -> Any:
        backtest = Backtest(
            id=strategy_type,
            name=strategy_type,
            strategy_id="one",
            symbols=("SPX",),
            start_date=date(2014, 1, 1),
            strategy=StrategySnapshot(strategy_type=strategy_type),
        )
        payload = {
            "backtest": json.loads(backtest.model_dump_json()),
            "home": str(self.home),
            "plugin_dir": str(self.plugins),
            "result_id": f"{strategy_type}.1",
        }
        limits = ChildLimits(seconds=seconds, memory_bytes=MEMORY)
        return self.children.run("run_backtest", payload, limits=limits)

    def good_run(self) -> str:
        """What must be the same of each good run: all but the time that it was made at."""
        result: dict[str, Any] = self.run(GOOD.name)["result"]
        return json.dumps({name: value for name, value in result.items() if name != "created_at"}, sort_keys=True)

    def attack(self, attack: Attack) -> Outcome:
        started = time.monotonic()
        answer, error = None, None
        try:
            answer = self.run(attack.name, attack.seconds)
        except HindcastError as raised:
            error = raised
        return Outcome(answer=answer, error=error, seconds=time.monotonic() - started, neighbour=self.good_run())


@pytest.fixture(scope="module")
def secrets() -> Iterator[None]:
    """What this process knows, and its children must not."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HINDCAST_MONGODB_URL", "mongodb://user:hunter2@host")
        patch.setenv("HINDCAST_ALPHA_VANTAGE_KEY", "hunter2")
        yield


@pytest.fixture(scope="module")
def arena(tmp_path_factory: pytest.TempPathFactory, secrets: None) -> Iterator[Arena]:
    with pytest.MonkeyPatch.context() as patch:
        arena = Arena(tmp_path_factory.mktemp("arena"))
        patch.setattr("tempfile.tempdir", str(arena.temporary))
        yield arena
        arena.children.close()
        assert wait_for_none(arena.children.mark) == []


@pytest.fixture(scope="module")
def quiet(arena: Arena) -> str:
    """The good run, before anybody attacks."""
    return arena.good_run()


@pytest.fixture(scope="module")
def outcomes(arena: Arena, quiet: str) -> Iterator[Mapping[str, Future[Outcome]]]:
    """All attacks, some at once; each test waits for its own."""
    with ThreadPoolExecutor(AT_ONCE) as threads:
        yield {attack.name: threads.submit(arena.attack, attack) for attack in ATTACKS}


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_an_attack_harms_its_own_run_only(attack, outcomes, quiet):
    outcome = outcomes[attack.name].result(timeout=120)

    if outcome.error is None:
        assert attack.may_succeed or not attack.errors, f"it ran: {str(outcome.answer)[:300]}"
        assert outcome.answer["result"]["id"] == f"{attack.name}.1"
    else:
        assert attack.errors, f"it failed: {outcome.error}"
        assert type(outcome.error) in attack.errors or attack.may_succeed
        assert isinstance(outcome.error, attack.errors)
        assert attack.words in str(outcome.error)
        assert 10 < len(str(outcome.error)) <= 20_000
    if attack.errors == (TimeLimitError,):
        assert attack.seconds <= outcome.seconds <= attack.seconds + SLOW_MACHINE
    assert outcome.neighbour == quiet


def test_nothing_is_left_of_all_attacks(arena, outcomes):
    for outcome in outcomes.values():
        outcome.result(timeout=120)

    assert wait_for_none(arena.children.mark, but=1) == []  # the warm parent
    assert list(arena.temporary.glob("hindcast-run-*")) == []


def test_a_forged_answer_is_that_runs_own(arena, quiet):
    assert arena.run(FORGERIES[0].name) == {"result": "forged"}
    assert arena.good_run() == quiet


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_who_attacks_the_warm_parent_is_survived(arena, outcomes, quiet, number):
    for outcome in outcomes.values():
        outcome.result(timeout=120)
    code = f"os.kill(os.getppid(), {int(number)})\ntime.sleep(3600)"
    patricide = Attack(name=f"attacks_its_parent_{number.name.lower()}", where="signals", code=code)
    (arena.plugins / f"{patricide.name}.py").write_text(patricide.source, encoding="utf-8")

    with pytest.raises((WorkLostError, TimeLimitError)):
        arena.run(patricide.name, 1.0)

    assert arena.good_run() == quiet
    assert len(processes_with(arena.children.mark)) == 1


def test_a_fresh_process_gives_the_same_bytes(arena, quiet, tmp_path):
    forked = arena.children
    arena.children = MarkedChildren(ENTRY, tmp_path, "spawn", PYTHONHASHSEED="7")
    try:
        assert arena.good_run() == quiet
    finally:
        arena.children = forked
