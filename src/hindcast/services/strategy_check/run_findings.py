"""What a run on sample bars tells of a strategy, finding by finding."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np

from hindcast.domain.certificate import Verdict
from hindcast.engine import layout
from hindcast.engine.stamps import day_text
from hindcast.services.backtest.executor import Execution
from hindcast.services.strategy.validation import Finding, FindingCode, Severity
from hindcast.services.strategy_check.sample_run import SampleRun

CODE: Final = "code"
SLOW_SECONDS: Final = 10.0  # for the years below; more is told
LONG_BARS: Final = 5_000  # twenty years of days
_CODES: Final[Mapping[Verdict, FindingCode]] = {
    Verdict.LOOK_AHEAD: "look_ahead",
    Verdict.NOT_REPRODUCIBLE: "not_reproducible",
    Verdict.FAILED_ON_REPLAY: "failed_on_replay",
}
_REMEDIES: Final = {
    Verdict.LOOK_AHEAD: "Compute each value from its own bar and those before it: rolling, expanding, shift(1).",
    Verdict.NOT_REPRODUCIBLE: "Seed its random numbers, and keep no state outside the instance.",
    Verdict.FAILED_ON_REPLAY: "Let it run on any first part of its bars, and on bars with missing or unusual prices.",
}


def run_findings(run: SampleRun) -> Iterator[Finding]:
    """Everything that is worth telling, errors first."""
    yield from _of_certificate(run)
    yield from _of_decisions(run)
    yield from _of_targets(run)
    yield from _of_orders(run)
    yield from _of_speed(run)
    if run.needs_several:
        yield _finding(
            "several_symbols",
            "info",
            f"On one symbol it failed or decided nothing; it was run on {', '.join(run.data.bars.symbols)}.",
            "Give its backtests several symbols.",
        )


def _of_certificate(run: SampleRun) -> Iterator[Finding]:
    found = run.certificate
    bars = run.data.bars
    if run.again is not None and found.verdict is not Verdict.NOT_REPRODUCIBLE:
        yield _finding(
            "not_reproducible",
            "error",
            f"Built and run a second time on the same bars, it decided otherwise for {bars.symbols[run.again.symbol]} "
            f"on {day_text(bars.timestamps[run.again.bar])} (bar {run.again.bar}, {run.again.column}).",
            _REMEDIES[Verdict.NOT_REPRODUCIBLE],
        )
    if found.verdict in _REMEDIES:
        severity: Severity = "warning" if found.verdict is Verdict.FAILED_ON_REPLAY else "error"
        yield _finding(_CODES[found.verdict], severity, found.explanation, _REMEDIES[found.verdict])
    elif found.raised:
        yield _finding(
            "raises_on_altered_bars",
            "info",
            f"In {found.raised:,} of {found.replays:,} replays it raised: {found.error}",
            _REMEDIES[Verdict.FAILED_ON_REPLAY],
        )
    if found.level == "sampled":
        yield _finding(
            "proof_sampled",
            "info",
            f"One run on {len(bars)} bars took {run.seconds:.2g} s: the proof cut the bars at {found.cuts} places, not "
            "at every one.",
            'A backtest with proof="full" proves every bar.',
        )


def _of_decisions(run: SampleRun) -> Iterator[Finding]:
    bars = len(run.data.bars)
    if run.warm_up >= bars:
        yield _finding(
            "warm_up_longer_than_sample",
            "warning",
            f"Its warm-up takes {run.warm_up:,} bars, the sample has {bars}: none of its decisions could be checked.",
            "Check it with shorter windows, or run it on more bars: a backtest proves what it decides.",
        )
    elif not len(run.decided):
        yield _finding(
            "no_decision",
            "info",
            f"It decided nothing on {bars} bars of {', '.join(run.data.bars.symbols)} (warm-up {run.warm_up}).",
            "Look whether its conditions can be met; other parameters or bars may do.",
        )
    elif run.decided[0] == bars - 1:
        yield _finding(
            "decides_on_last_bar_only",
            "warning",
            f"It decided on the last of {bars} bars alone: no bar follows on which that could be filled.",
            "Give a decision for each bar, not for the newest one: a backtest asks for all of them.",
        )


def _of_targets(run: SampleRun) -> Iterator[Finding]:
    """Bars without a target between those that have one."""
    if not isinstance(run.execution, Execution):
        return
    targets = run.execution.signals.side[run.warm_up :] == layout.SIGNAL_TARGET
    for column, symbol in enumerate(run.data.bars.symbols):
        places = np.flatnonzero(targets[:, column])
        if not len(places):
            continue
        after = len(targets) - int(places[0])
        missing = after - len(places)
        if missing:
            yield _finding(
                "targets_missing",
                "info",
                f"{symbol} has no target weight (NaN) on {missing} of {after} bars from its first one on: there its "
                "position stays as it is.",
                "If it should be flat there, give 0.",
            )


def _of_orders(run: SampleRun) -> Iterator[Finding]:
    orders = run.history.orders
    rejected = orders[orders["status"] == layout.STATUS_REJECTED]
    if not len(rejected) or 2 * len(rejected) < len(orders):
        return
    reason, count = Counter(rejected["reason"].tolist()).most_common(1)[0]
    yield _finding(
        "orders_rejected",
        "warning",
        f"{len(rejected):,} of its {len(orders):,} orders were rejected, {count:,} of them as "
        f"{layout.REASON_NAMES[reason]!r}.",
        "Look at what it orders: under the default configuration it may not go short, nor spend more than it has.",
    )


def _of_speed(run: SampleRun) -> Iterator[Finding]:
    bars = len(run.data.bars)
    expected = run.seconds / bars * LONG_BARS
    if expected > SLOW_SECONDS:
        yield _finding(
            "slow",
            "warning",
            f"{run.seconds / bars * 1000:.2g} ms a bar: {LONG_BARS:,} bars would take about {expected:,.0f} s, "
            "and more if each bar looks at all before it.",
            "Compute with whole columns, not row by row.",
        )


def _finding(code: FindingCode, severity: Severity, message: str, remedy: str) -> Finding:
    return Finding(code=code, severity=severity, field=CODE, message=message, remedy=remedy)
