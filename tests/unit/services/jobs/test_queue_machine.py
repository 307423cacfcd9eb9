"""Any order of requests, workers, crashes, cancels, stale commits and lost answers: what must hold after each step."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.contracts.records import a_backtest
from tests.unit.services.jobs.queued_backtests import (
    CROSSING,
    FlakyDocuments,
    SetClock,
    claimed,
    result_ids,
    result_of,
    stored,
)

from hindcast.domain.backtest import Backtest, BacktestStatus
from hindcast.domain.errors import ConflictError, StoreUnavailableError
from hindcast.domain.jobs import FailureKind
from hindcast.services.documents.repositories import BacktestRepository
from hindcast.services.jobs.queue import Claim, JobQueue
from hindcast.services.jobs.transitions import ENDED, MOST_ATTEMPTS

NAMES = ("b1", "b2", "b3")
WAITING = (BacktestStatus.QUEUED, BacktestStatus.RUNNING)


class JobMachine(RuleBasedStateMachine):
    """Three backtests; workers keep each claim for ever, as a worker that was frozen does."""

    @initialize()
    def open(self) -> None:
        self.clock = SetClock()
        self.documents = FlakyDocuments(self.clock)
        self.queue = JobQueue(self.documents)
        for name in NAMES:
            BacktestRepository(self.documents).insert(a_backtest(name))
        self.claims: list[Claim] = []
        self.committed: dict[str, str] = {}  # backtest → the result that a worker was told counts
        self.seen = {name: stored(self.documents, name) for name in NAMES}

    @rule(seconds=st.floats(0, 40))
    def advance(self, seconds: float) -> None:
        self.clock.advance(seconds)

    @rule(name=st.sampled_from(NAMES), key=st.sampled_from(["", "one", "two"]))
    def execute(self, name: str, key: str) -> None:
        before = stored(self.documents, name)
        try:
            after = self.queue.enqueue(name, CROSSING, execute_key=key)
        except ConflictError:
            assert before.status in (*WAITING, BacktestStatus.COMPLETED)
            return
        assert after.job.execute_key == key
        if key and before.job.execute_key == key:
            assert after == before

    @rule(name=st.sampled_from(NAMES))
    def cancel(self, name: str) -> None:
        waits = stored(self.documents, name).status in WAITING
        try:
            assert self.queue.cancel(name).status is BacktestStatus.CANCELLED
            assert waits
        except ConflictError:
            assert not waits

    @rule(worker=st.sampled_from(["w1", "w2"]))
    def claim(self, worker: str) -> None:
        claim = self.queue.claim(worker)
        if claim is not None:
            assert not any(self.queue.holds(other) for other in self.claims if other.backtest.id == claim.backtest.id)
            self.claims.append(claim)

    @precondition(lambda self: self.claims)
    @rule(data=st.data(), act=st.sampled_from(["beat", "commit", "fail", "give back", "give back counted"]))
    def act(self, data: st.DataObject, act: str) -> None:
        claim = data.draw(st.sampled_from(self.claims))
        held = self.queue.holds(claim)
        before = stored(self.documents, claim.backtest.id)
        done = self._do(act, claim)
        if held:
            assert done
        elif done:  # only what this claim had done before is its own again
            assert stored(self.documents, claim.backtest.id) == before
            assert before.job.fence == claim.fence

    @precondition(lambda self: self.claims)
    @rule(
        data=st.data(),
        act=st.sampled_from(["commit", "fail", "give back"]),
        cut=st.sampled_from(["before", "after"]),
        write=st.integers(1, 3),
        again=st.booleans(),
    )
    def lose_the_line(self, data: st.DataObject, act: str, cut: str, write: int, again: bool) -> None:
        """Have the store vanish within an act; the worker dies with it, or tries again."""
        claim = data.draw(st.sampled_from(self.claims))
        held = self.queue.holds(claim)
        setattr(self.documents, "refuse" if cut == "before" else "lose_answer_of", write)
        try:
            self._do(act, claim)
        except StoreUnavailableError:
            if again:
                assert self._do(act, claim) or not held
        finally:
            self.documents.refuse = self.documents.lose_answer_of = None

    @rule()
    def sweep(self) -> None:
        self.queue.sweep()

    @invariant()
    def nothing_that_counts_is_lost_or_doubled(self) -> None:
        if not hasattr(self, "queue"):
            return
        kept = result_ids(self.documents)
        for name in NAMES:
            before, after = self.seen[name], stored(self.documents, name)
            assert after.job.fence >= before.job.fence
            assert after.job.attempt <= MOST_ATTEMPTS
            assert (after.status is BacktestStatus.COMPLETED) == bool(after.job.result_id)
            if after.job.result_id:
                assert after.job.result_id in kept
            if before.status is BacktestStatus.COMPLETED:
                assert after == before
            if name in self.committed:
                assert after.job.result_id == self.committed[name]
            self.seen[name] = after

    def teardown(self) -> None:
        """Whatever happened, what waits can be brought to its end, and one result each stays."""
        if not hasattr(self, "queue"):
            return
        for name in NAMES:
            self._bring_to_end(stored(self.documents, name))
        self.clock.advance(7_200)
        while self.queue.sweep():
            pass
        found = [stored(self.documents, name) for name in NAMES]
        assert result_ids(self.documents) == {each.job.result_id for each in found if each.job.result_id}
        self.nothing_that_counts_is_lost_or_doubled()

    def _bring_to_end(self, backtest: Backtest) -> None:
        if backtest.status not in WAITING:
            return
        self.clock.advance(31)
        self.queue.sweep()
        while stored(self.documents, backtest.id).status not in ENDED:
            self._do("commit", claimed(self.queue))

    def _do(self, act: str, claim: Claim) -> bool:
        if act == "beat":
            return self.queue.beat(claim)
        if act == "fail":
            return self.queue.fail(claim, FailureKind.STRATEGY, "it raised")
        if act != "commit":
            return self.queue.give_back(claim, counted=act == "give back counted")
        done = self.queue.commit(claim, result_of(claim))
        if done:
            assert self.committed.setdefault(claim.backtest.id, claim.result_id) == claim.result_id
        return done


JobMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=40)
TestJobs = JobMachine.TestCase
