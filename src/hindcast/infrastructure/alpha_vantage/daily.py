"""Daily bars: the whole history where the key pays for it, else the latest 100 rows and word of what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from hindcast.domain.errors import EntitlementError, ProviderError, UnknownSymbolError
from hindcast.domain.market_data import CorporateAction
from hindcast.infrastructure.alpha_vantage.actions import parse_actions
from hindcast.infrastructure.alpha_vantage.client import Session
from hindcast.infrastructure.alpha_vantage.parsing import ParsedSeries, parse_series
from hindcast.infrastructure.alpha_vantage.questions import (
    DAILY,
    DAILY_ADJUSTED,
    SeriesQuestion,
    Size,
    actions_question,
    coin_question,
    daily_question,
    fx_question,
)
from hindcast.infrastructure.alpha_vantage.sessions import weekdays_between
from hindcast.infrastructure.alpha_vantage.speaking import FREE_PLAN, REFUSED, Context, Spoken, final_rows, spoken
from hindcast.infrastructure.alpha_vantage.symbols import Instrument

COMPACT_ROWS: Final = 100
_KINDS: Final[Mapping[Literal["SPLITS", "DIVIDENDS"], str]] = {"SPLITS": "split", "DIVIDENDS": "dividend"}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DailyAnswer:
    """Daily bars, and by which function they came."""

    spoken: Spoken
    function: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldActions:
    """What the vendor tells of splits and dividends."""

    actions: tuple[CorporateAction, ...] | None = None  # None where it tells nothing, or was not asked
    silent_on: tuple[str, ...] = ()  # kinds that it does not tell
    notes: tuple[str, ...] = ()  # the same in words


async def daily_bars(session: Session, instrument: Instrument, context: Context, *, adjusted: bool) -> DailyAnswer:
    """Ask for daily bars, the smaller answer first where it is enough, and the largest that the key pays for.

    Raises ProviderError and its kinds, where no question brings bars.
    """
    found: tuple[ParsedSeries, SeriesQuestion] | None = None
    failure: ProviderError | None = None
    shortage = FREE_PLAN
    for question in _questions(instrument, context, adjusted=adjusted):
        if found is not None and question.size == found[1].size:
            continue
        if isinstance(failure, UnknownSymbolError) and question.size == "full":
            continue
        try:
            answer = await session.ask(question.question)
            series = parse_series(answer, question, instrument)
        except EntitlementError as error:
            if question.size == "compact" and found is None and question.question.function != DAILY_ADJUSTED:
                raise
            failure = failure or error
            continue
        except UnknownSymbolError as error:
            # A symbol that exists may be refused for its full history, and given in the small size.
            if question.size == "compact" and found is None:
                raise
            failure, shortage = error, REFUSED
            continue
        found = (series, question)
        if question.size == "full" or _begin(series, question) is None or _reaches(series, context.asked.first):
            break
    if found is None:
        assert failure is not None
        raise failure
    series, question = found
    final = final_rows(series, context)
    begin = _begin(series, question)
    return DailyAnswer(
        spoken=spoken(final, context, begin=begin, shortage=shortage), function=question.question.function
    )


async def corporate_actions(session: Session, instrument: Instrument, today: date) -> ToldActions:
    """All splits and dividends until today."""
    found: list[CorporateAction] = []
    notes: list[str] = []
    silent: list[str] = []
    for function, kind in _KINDS.items():
        try:
            answer = await session.ask(actions_question(instrument, function))
        except (EntitlementError, UnknownSymbolError):
            why = "the vendor does not give them for this key and symbol"
        else:
            if answer:
                found.extend(parse_actions(answer, function, instrument.symbol, today))
                continue
            why = "the vendor's answer is empty"
        silent.append(kind)
        notes.append(f"{function.lower()} are not known: {why}")
    actions = None if len(silent) == len(_KINDS) else tuple(sorted(found))
    return ToldActions(actions=actions, silent_on=tuple(silent), notes=tuple(notes))


def _questions(instrument: Instrument, context: Context, *, adjusted: bool) -> list[SeriesQuestion]:
    """What to ask, in this order, until an answer reaches back far enough."""
    if instrument.kind == "crypto":
        return [coin_question(instrument)]
    small = weekdays_between(context.asked.first, context.now.date()) <= COMPACT_ROWS
    sizes: tuple[Size, ...] = ("compact", "full") if small else ("full", "compact")
    if instrument.kind == "fx":
        return [fx_question(instrument, size) for size in sizes]
    functions = (DAILY_ADJUSTED, DAILY) if adjusted else (DAILY,)
    return [daily_question(instrument, function, size) for size in sizes for function in functions]


def _begin(series: ParsedSeries, question: SeriesQuestion) -> date | None:
    """The first day that an answer speaks for; None where it holds all that there is."""
    full = question.size == "full" and series.whole
    return None if full or len(series.stamps) < COMPACT_ROWS else series.oldest()


def _reaches(series: ParsedSeries, first: date) -> bool:
    oldest = series.oldest()
    return oldest is not None and oldest <= first
