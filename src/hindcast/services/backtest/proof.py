"""The look-ahead proof: a strategy decides again without the future, and its decisions must be those of the run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Generic, Literal, TypeVar

import numpy as np

from hindcast.domain.certificate import Certificate, Difference, ReplayKind, Verdict
from hindcast.domain.errors import HindcastError
from hindcast.engine.bars import Bars
from hindcast.engine.stamps import to_datetime
from hindcast.services.backtest.proof_comparison import Decisions, Place
from hindcast.services.backtest.proof_cuts import SAMPLED_REACH, Cut, full_cuts, sampled_cuts
from hindcast.services.backtest.proof_poisons import Alteration
from hindcast.services.backtest.proof_quiet import quietly
from hindcast.services.backtest.proof_words import explain

Decided = TypeVar("Decided", bound=Decisions)
Level = Literal["full", "sampled", "off"]
Decide = Callable[[Bars, int], Decided]

# What else is done to a cut where the strategy raised on what was meant for it.
_INSTEAD: Final = (ReplayKind.SCALED, ReplayKind.SHUFFLED, ReplayKind.NAN, ReplayKind.TRUNCATED)


def prove(decide: Decide[Decided], bars: Bars, decisions: Decided, level: Level, seed: int) -> Certificate:
    """Replay a strategy on truncated and poisoned bars, and certify what came of it.

    Parameters
    ----------
    decide : function of Bars and of how many of them, from the first, are the run's
        What the strategy, as it was before its run, decides on them; raises HindcastError where it can't.
    bars : Bars
        The run's.
    decisions : Decisions
        The run's.
    level : "full", "sampled" or "off"
        `full` cuts at every bar; `sampled` at a handful, bars with decisions first.
    seed : int, not negative
        Draws the cuts and the shuffles.

    Returns
    -------
    Certificate
        What is found is a verdict, never an error.
    """
    if level == "off":
        return Certificate()
    with quietly():
        trial = _Trial(decide, bars, decisions, level, seed)
        return trial.full() if level == "full" else trial.sampled()


class _Trial(Generic[Decided]):
    """One proof on its way: the replays made, and what they told."""

    def __init__(self, decide: Decide[Decided], bars: Bars, run: Decided, level: Level, seed: int) -> None:
        self._decide = decide
        self._bars = bars
        self._run = run
        self._decided = run.decided()
        self._level = level
        self._seed = seed
        self._tried: set[int] = set()
        self._told: set[int] = set()  # cuts at which a replay gave decisions, whatever these were
        self._kinds: dict[ReplayKind, bool] = {}  # what was tried → whether it ever gave decisions
        self._replays = self._raised = self._rounded = 0
        self._reacted = False
        self._error: str | None = None

    def full(self) -> Certificate:
        """Every bar is a cut."""
        if (found := self._run_again()) is not None:
            return found
        for cut in full_cuts(len(self._bars)):
            if (place := self._replay(cut)) is not None:
                return self._accuse(place, cut)
        first = next(iter(self._decided.tolist()), len(self._bars))
        silent = any(bar not in self._told for bar in range(first, len(self._bars) - 1))
        return self._certificate(Verdict.FAILED_ON_REPLAY if silent or self._is_deaf() else Verdict.PASSED)

    def sampled(self) -> Certificate:
        """A handful of cuts; where one tells nothing, its bars are altered in the other ways."""
        for cut in sampled_cuts(self._run.decision_bars(), len(self._bars), self._seed):
            if (place := self._replay(cut, SAMPLED_REACH)) is not None:
                return self._accuse(place, cut, SAMPLED_REACH)
            for other in () if cut.bar in self._told else (Cut(cut.bar, kind) for kind in _INSTEAD):
                if (place := self._replay(other)) is not None:
                    return self._accuse(place, other)
                if cut.bar in self._told:
                    break
        if self._is_deaf() and len(self._bars) > 2:
            last = Cut(len(self._bars) - 2, ReplayKind.TRUNCATED)
            if (place := self._replay(last)) is not None:
                return self._accuse(place, last)
        return self._certificate(Verdict.FAILED_ON_REPLAY if self._is_deaf() else Verdict.PASSED)

    def _replay(self, cut: Cut, reach: int | None = None) -> Place | None:
        """Decide again with the future altered after a cut; where that gives another decision up to the cut, where."""
        self._tried.add(cut.bar)
        self._kinds.setdefault(cut.kind, False)
        altered = Alteration(kind=cut.kind, cut=cut.bar, seed=self._seed, reach=reach).apply(self._bars)
        replay = self._decisions_on(altered, cut.bar + 1)
        if replay is None:
            return None
        self._told.add(cut.bar)
        self._kinds[cut.kind] = True
        if len(altered) > cut.bar + 1 and not self._reacted:
            self._reacted = self._run.first_difference(replay, cut.bar + 1, len(altered) - 1) is not None
        place = self._run.first_difference(replay, 0, cut.bar)
        if place is None or len(altered) == len(self._bars):
            return place
        # Fewer bars may be summed in another order.
        beyond_rounding = self._run.first_difference(replay, 0, cut.bar, exact=False)
        self._rounded += beyond_rounding is None
        return beyond_rounding

    def _decisions_on(self, bars: Bars, known: int) -> Decided | None:
        self._replays += 1
        try:
            return self._decide(bars, known)
        except HindcastError as error:
            self._raised += 1
            self._error = self._error or str(error)
            return None

    def _run_again(self) -> Certificate | None:
        """The verdict on a strategy that decides otherwise on the run's own bars; None where it does not."""
        again = self._decisions_on(self._bars, len(self._bars))
        place = None if again is None else self._run.first_difference(again, 0, len(self._bars) - 1)
        if again is not None and place is None:
            self._told.add(len(self._bars) - 1)  # nothing comes after the last bar
            return None
        return self._certificate(Verdict.NOT_REPRODUCIBLE, self._difference(place))

    def _accuse(self, place: Place, cut: Cut, reach: int | None = None) -> Certificate:
        """A difference was found: a look-ahead, unless the strategy can't even repeat itself."""
        if (found := self._run_again()) is not None:
            return found
        again = self._replay(cut, reach)
        places = {kind: self._replay(Cut(cut.bar, kind)) for kind in ReplayKind}
        places[cut.kind] = places[cut.kind] or again
        differing = {kind: place for kind, place in places.items() if place is not None}
        if again is None:
            return self._certificate(Verdict.NOT_REPRODUCIBLE, self._difference(place))
        return self._certificate(
            Verdict.LOOK_AHEAD, self._difference(min([again, *differing.values()]), cut.bar, tuple(differing))
        )

    def _is_deaf(self) -> bool:
        """Whether the strategy raised in every replay of a kind without which nothing is proven."""
        return bool(self._tried) and (not self._told or self._kinds.get(ReplayKind.TRUNCATED) is False)

    def _difference(
        self, place: Place | None, cut: int | None = None, replays: tuple[ReplayKind, ...] = ()
    ) -> Difference | None:
        if place is None:
            return None
        return Difference(
            bar=place.bar,
            timestamp=to_datetime(self._bars.timestamps[place.bar]),
            symbol=self._bars.symbols[place.symbol],
            column=place.column,
            cut=cut,
            replays=replays,
        )

    def _certificate(self, verdict: Verdict, difference: Difference | None = None) -> Certificate:
        is_decided = np.zeros(len(self._bars), dtype=np.bool_)
        is_decided[self._decided] = True
        unexplained = Certificate(
            level=self._level,
            verdict=verdict,
            seed=self._seed,
            cuts=len(self._tried),
            cut_bars=tuple(sorted(self._tried)) if self._level == "sampled" else (),
            replays=self._replays,
            replay_kinds=tuple(self._kinds),
            bars=len(self._bars),
            decision_bars=len(self._decided),
            decision_bars_cut=int(is_decided[list(self._told)].sum()),
            decision_bars_compared=int(np.searchsorted(self._decided, max(self._told, default=-1), side="right")),
            raised=self._raised,
            rounded=self._rounded,
            reacted=self._reacted,
            first_difference=difference,
            error=self._error,
        )
        return unexplained.model_copy(update={"explanation": explain(unexplained)})
