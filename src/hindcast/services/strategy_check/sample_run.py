"""One strategy run on sample bars, twice, and proven not to look ahead."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter, thread_time
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from hindcast.domain.backtest_config import BacktestConfig
from hindcast.domain.certificate import Certificate
from hindcast.domain.errors import StrategyError
from hindcast.engine.history import PortfolioHistory
from hindcast.engine.trade_engine import TradeEngine
from hindcast.services.backtest.executor import EventExecution, Execution, execute, simulate
from hindcast.services.backtest.proof_commands import CommandDecisions
from hindcast.services.backtest.proof_comparison import Place, SignalDecisions
from hindcast.services.backtest.proof_replays import LookAheadProof
from hindcast.services.market_data.data_processor import ProcessedData
from hindcast.services.strategy_check.sample import ONE_SYMBOL, SEVERAL_SYMBOLS, Sample

IntArray = NDArray[np.int64]
Make = Callable[[], Any]

FULL_PROOF_SECONDS: Final = 12.0  # what a full proof may take; one that would take longer gives way to a sampled one
_REPLAYS_PER_BAR: Final = 3.5  # four ways to alter the future; those that cut it off are shorter
_SURELY_QUICK: Final = 0.005
_BUSY: Final = 2.5  # a full proof may take so many times what is expected, and the check still ends in its time
_SEED: Final = 20_181_231


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleRun:
    """What a strategy did on the sample."""

    data: ProcessedData
    warm_up: int
    execution: Execution | EventExecution
    history: PortfolioHistory
    decided: IntArray  # bars on which something was decided that counts
    seconds: float  # of one run
    again: Place | None  # the first decision that a second instance made otherwise
    certificate: Certificate
    needs_several: bool = False  # on one symbol it failed, or decided nothing


def run_on_sample(make: Make, sample: Sample) -> SampleRun:
    """Run a strategy on an index, or where it does nothing with one symbol, on three companies.

    Raises StrategyError.
    """
    try:
        alone = _attempt(make, sample.of(ONE_SYMBOL))
    except StrategyError:
        try:
            return _proven(make, _attempt(make, sample.of(SEVERAL_SYMBOLS)), needs_several=True)
        except StrategyError:
            pass
        raise
    if not len(alone.decided) and not alone.idle:
        try:
            together = _attempt(make, sample.of(SEVERAL_SYMBOLS))
        except StrategyError:
            return _proven(make, alone)
        if len(together.decided):
            return _proven(make, together, needs_several=True)
    return _proven(make, alone)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Attempt:
    data: ProcessedData
    proof: Callable[[Literal["full", "sampled"]], Certificate]
    execution: Execution | EventExecution
    history: PortfolioHistory
    decisions: SignalDecisions | CommandDecisions

    @property
    def decided(self) -> IntArray:
        return self.decisions.decided()

    @property
    def idle(self) -> bool:
        """Whether the sample ends before the strategy begins."""
        return self.execution.warm_up >= len(self.data.bars)


def _attempt(make: Make, data: ProcessedData) -> _Attempt:
    config = BacktestConfig()
    strategy = make()
    proofs = {
        level: LookAheadProof(strategy, data, config.model_copy(update={"proof": level}))
        for level in ("full", "sampled")
    }
    execution = execute(strategy, data)
    history = simulate(TradeEngine(), execution, data.bars, config)
    return _Attempt(
        data=data,
        proof=lambda level: proofs[level].certify(execution, history, _SEED),
        execution=execution,
        history=history,
        decisions=_decisions(execution, history),
    )


def _proven(make: Make, attempt: _Attempt, *, needs_several: bool = False) -> SampleRun:
    """Run once more, with an instance of its own and with everything compiled, then prove."""
    data = attempt.data
    again = _timed(make, data)
    if again.seconds > _SURELY_QUICK:  # perhaps the machine was busy just then
        others = [_timed(make, data) for _ in range(2)]
        again = min([again, *others], key=lambda each: each.seconds)
    too_long = again.replay * len(data.bars) * _REPLAYS_PER_BAR > FULL_PROOF_SECONDS
    return SampleRun(
        data=data,
        warm_up=attempt.execution.warm_up,
        execution=attempt.execution,
        history=attempt.history,
        decided=attempt.decided,
        seconds=again.seconds,
        again=_difference(attempt.decisions, _decisions(again.execution, again.history), len(data.bars)),
        certificate=attempt.proof("sampled" if too_long else "full"),
        needs_several=needs_several,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Timed:
    execution: Execution | EventExecution
    history: PortfolioHistory
    replay: float  # seconds that a replay takes
    seconds: float  # of the whole run


def _timed(make: Make, data: ProcessedData) -> _Timed:
    strategy = make()
    started, worked = perf_counter(), thread_time()
    execution = execute(strategy, data)
    if isinstance(execution, Execution):
        replay = _expected(perf_counter() - started, thread_time() - worked)
        history = simulate(TradeEngine(), execution, data.bars, BacktestConfig())
        return _Timed(execution=execution, history=history, replay=replay, seconds=perf_counter() - started)
    history = simulate(TradeEngine(), execution, data.bars, BacktestConfig())
    seconds = perf_counter() - started
    replay = _expected(seconds, thread_time() - worked)
    return _Timed(execution=execution, history=history, replay=replay, seconds=seconds)


def _expected(seconds: float, worked: float) -> float:
    """What the same will take again: its own work, and the less the rest, when the machine was busy with others."""
    return max(worked, seconds / _BUSY)


def _decisions(execution: Execution | EventExecution, history: PortfolioHistory) -> SignalDecisions | CommandDecisions:
    if isinstance(execution, Execution):
        return SignalDecisions(signals=execution.signals, warm_up=execution.warm_up)
    return CommandDecisions.of(history)


def _difference(
    first: SignalDecisions | CommandDecisions, second: SignalDecisions | CommandDecisions, bars: int
) -> Place | None:
    if isinstance(first, SignalDecisions) and isinstance(second, SignalDecisions):
        return first.first_difference(second, 0, bars - 1)
    if isinstance(first, CommandDecisions) and isinstance(second, CommandDecisions):
        return first.first_difference(second, 0, bars - 1)
    return Place(0, 0, "lane")
