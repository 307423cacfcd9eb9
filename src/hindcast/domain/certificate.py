"""The look-ahead certificate: what was tried to catch a strategy knowing the future, and what came of it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal

from hindcast.domain.records import CheckedRecord


class ReplayKind(StrEnum):
    """What is done to the bars after a cut before the strategy decides again."""

    TRUNCATED = "truncated"  # they are not there
    NAN = "nan"  # no prices, no volume, no splits, no dividends
    SCALED = "scaled"  # prices and volume times 1,000, or divided by it, with splits and dividends added
    SHUFFLED = "shuffled"  # the same bars in another order


class Verdict(StrEnum):
    """What a proof found."""

    PASSED = "passed"  # every replay gave the decisions of the run
    LOOK_AHEAD = "look_ahead"  # a decision changed with bars that came after it
    NOT_REPRODUCIBLE = "not_reproducible"  # the same bars gave other decisions: no proof is possible
    FAILED_ON_REPLAY = "failed_on_replay"  # the strategy raised wherever the future was altered: nothing is proven
    NOT_RUN = "not_run"


class Difference(CheckedRecord):
    """The first decision that a replay gave otherwise."""

    bar: int  # index of the bar that the decision was made on
    timestamp: datetime
    symbol: str
    column: str  # side, strength, weight, limit …: what of the decision differs
    cut: int | None = None  # last bar that the replay left as it was; None where nothing was altered
    replays: tuple[ReplayKind, ...] = ()  # the alterations after this cut that changed a decision


class Certificate(CheckedRecord):
    """The look-ahead proof of one run.

    The strategy decides again on bars that are the run's up to a cut, and altered or missing after it. Its decisions up
    to the cut must be those of the run. A bar that was itself a cut is proven against a look-ahead of even one bar.
    """

    schema_version: int = 1
    level: Literal["full", "sampled", "off"] = "off"
    verdict: Verdict = Verdict.NOT_RUN
    seed: int = 0  # from the manifest's id: the same run draws the same cuts
    cuts: int = 0  # bars after which the future was altered
    cut_bars: tuple[int, ...] = ()  # their indices; not listed for `full`, which cuts at every bar
    replays: int = 0
    replay_kinds: tuple[ReplayKind, ...] = ()
    bars: int = 0
    decision_bars: int = 0  # bars on which the run decided something
    decision_bars_cut: int = 0  # of these, how many were a cut themselves
    decision_bars_compared: int = 0  # of these, how many stood before or at a cut
    raised: int = 0  # replays that tell nothing, because the strategy raised on the altered bars
    rounded: int = 0  # replays on fewer bars whose numbers agree to 1e-12, not to the last bit
    reacted: bool = False  # whether a replay changed decisions after its cut: the strategy was seen reading the bars
    first_difference: Difference | None = None
    error: str | None = None  # what the strategy first raised in a replay
    explanation: str = "No look-ahead proof was run."

    @property
    def passed(self) -> bool:
        """Whether every replay gave the decisions of the run."""
        return self.verdict is Verdict.PASSED
