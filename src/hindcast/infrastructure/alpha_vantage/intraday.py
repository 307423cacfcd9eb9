"""Intraday bars: one question a month, the newest month first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from hindcast.domain.errors import ProviderError, QuotaError, UnknownSymbolError
from hindcast.domain.intervals import interval_ns
from hindcast.domain.market_data import DateRange
from hindcast.infrastructure.alpha_vantage.client import Session
from hindcast.infrastructure.alpha_vantage.parsing import IntArray, ParsedSeries, day_of, parse_series
from hindcast.infrastructure.alpha_vantage.questions import intraday_question
from hindcast.infrastructure.alpha_vantage.speaking import BY_FILE, Context, Spoken, final_rows, spoken
from hindcast.infrastructure.alpha_vantage.symbols import Instrument

FIRST_MONTH: Final = date(2000, 1, 1)  # the vendor has nothing before
_NEW_YORK: Final = "XNYS"
_OPEN_NS: Final = int(9.5 * 3_600) * 1_000_000_000
_CLOSE_NS: Final = 16 * 3_600 * 1_000_000_000


async def intraday_bars(session: Session, instrument: Instrument, context: Context) -> tuple[Spoken, tuple[str, ...]]:
    """The bars of the asked days, month by month, and notes on their stamps.

    Where the quota ends or the vendor refuses a month, the later months are given, and the rest is told as not given.
    Raises ProviderError and its kinds where no month is given.
    """
    found: list[ParsedSeries] = []
    begin = max(context.asked.first, FIRST_MONTH)
    shortage, remedy = "the vendor's intraday bars begin in January 2000", BY_FILE
    refused: list[ProviderError] = []
    for month in _months(context.asked, context.now.date()):
        question = intraday_question(instrument, context.interval, f"{month:%Y-%m}")
        try:
            answer = await session.ask(question.question)
            found.append(parse_series(answer, question, instrument))
        except UnknownSymbolError as error:
            # The running month may have no bar yet; any other month without bars ends the search.
            refused.append(error)
            if found or len(refused) > 1:
                shortage = f"the vendor has no {context.interval} bars of {month:%Y-%m}"
                begin = _next(month)
                break
        except QuotaError as error:
            if not found:
                raise
            shortage, remedy = f"the requests ran out: {error}", "ask again then, for these days"
            begin = _next(month)
            break
    if not found:
        raise (
            refused[-1]
            if refused
            else UnknownSymbolError(f"{instrument.symbol}: {shortage}, and the asked days are {context.asked}")
        )
    series, notes = as_starts(_joined(found), instrument, context.interval)
    final = final_rows(series, context)
    first = None if begin <= context.asked.first else begin
    return spoken(final, context, begin=first, shortage=shortage, remedy=remedy), notes


def _months(asked: DateRange, today: date) -> Iterator[date]:
    """The first days of the asked months, the newest first, none in the future."""
    month = min(asked.last, today).replace(day=1)
    while month >= max(asked.first.replace(day=1), FIRST_MONTH):
        yield month
        month = (month - timedelta(days=1)).replace(day=1)


def _next(month: date) -> date:
    return (month + timedelta(days=32)).replace(day=1)


def _joined(parts: list[ParsedSeries]) -> ParsedSeries:
    """The months as one series, in the order of time."""
    stamps = np.concatenate([part.stamps for part in parts])
    order = np.argsort(stamps, kind="stable")
    return ParsedSeries(
        stamps=stamps[order],
        days=np.concatenate([part.days for part in parts])[order],
        columns={
            name: np.concatenate([part.columns[name] for part in parts])[order]
            for name in parts[0].columns
            if all(name in part.columns for part in parts)
        },
        text=np.concatenate([part.text for part in parts])[order],
        gap=np.concatenate([part.gap for part in parts])[order],
        refreshed=parts[0].refreshed,
        whole=True,
    )


def as_starts(series: ParsedSeries, instrument: Instrument, interval: str) -> tuple[ParsedSeries, tuple[str, ...]]:
    """Stamps as starts of bars. The vendor stamps starts today and has stamped ends before; the session tells which.

    A bar that holds the opening starts at the opening, and a closing print after the last bar is left out.
    """
    if instrument.market.calendar != _NEW_YORK:
        return series, ("whether the vendor's stamps are starts or ends of bars is not known; taken as starts",)
    length = interval_ns(interval)
    clock = _time_of_day(series, ZoneInfo(instrument.market.zone))
    opening, closing = clock == _OPEN_NS, clock == _CLOSE_NS
    notes = []
    keep = np.ones(len(clock), dtype=np.bool_)
    shift = np.zeros(len(clock), dtype=np.int64)
    if closing.any() and opening.any():
        keep = ~closing
        notes.append(f"{int(closing.sum())} closing prints at 16:00 left out, for they are in no bar")
    elif ((clock >= _CLOSE_NS) & (clock < _CLOSE_NS + length)).any() and not opening.any():
        shift -= length
        notes.append("the vendor's stamps were ends of bars; they are starts here")
    starts = clock + shift
    early = (starts < _OPEN_NS) & (starts + length > _OPEN_NS) & (not opening.any())
    if early.any():
        shift = np.where(early, _OPEN_NS - clock, shift)
        notes.append("the bar of the opening hour starts at 09:30")
    moved = np.where(series.days < 0, series.stamps, series.stamps + shift)
    return _with_stamps(series, moved).where(keep), tuple(notes)


def _time_of_day(series: ParsedSeries, zone: ZoneInfo) -> IntArray:
    """Nanoseconds since the local midnight; -1 where the stamp can't be read."""
    from datetime import datetime, time

    days, place = np.unique(series.days, return_inverse=True)
    midnights = [
        0 if day < 0 else int(datetime.combine(day_of(int(day)), time(), tzinfo=zone).timestamp()) for day in days
    ]
    since = series.stamps - np.array(midnights, dtype=np.int64)[place] * 1_000_000_000
    return np.where(series.days < 0, -1, since)


def _with_stamps(series: ParsedSeries, stamps: IntArray) -> ParsedSeries:
    from dataclasses import replace

    return replace(series, stamps=stamps)
