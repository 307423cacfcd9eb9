"""What an answer says of the asked days: rows that are final, days that are known, days that are not given and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

import numpy as np

from hindcast.domain.intervals import interval_ns, is_intraday
from hindcast.domain.market_data import DateRange, Unavailable
from hindcast.infrastructure.alpha_vantage.parsing import FloatArray, ParsedSeries, day_number
from hindcast.infrastructure.alpha_vantage.sessions import (
    ONE_DAY,
    after_newest,
    is_closed,
    is_complete,
    is_finished,
    known_until,
    last_closed,
)
from hindcast.infrastructure.alpha_vantage.symbols import Market
from hindcast.services.ports import BarRows

FREE_PLAN: Final = "the free plan gives the latest 100 daily rows"
REFUSED: Final = "the vendor refuses the full history of this symbol and gives its latest 100 daily rows"
MORE: Final = (
    "set HINDCAST_ALPHA_VANTAGE_KEY to a key of a premium plan, or import these days from a file "
    "(`hindcast data import`)"
)
BY_FILE: Final = "import these days from a file (`hindcast data import`)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What the days of an answer are judged by."""

    market: Market
    interval: str
    asked: DateRange
    now: datetime

    def unavailable(self, days: DateRange, reason: str, remedy: str) -> Unavailable:
        """Days that were not given, as of now."""
        return Unavailable(days=days, reason=reason, remedy=remedy, asked_at=self.now)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Spoken:
    """The final rows of the asked days, and what the answer says of these days."""

    series: ParsedSeries
    covered: tuple[DateRange, ...]
    unavailable: tuple[Unavailable, ...]


def final_rows(series: ParsedSeries, context: Context) -> ParsedSeries:
    """The series without bars that may still change. Rows whose stamp can't be read stay, to be found bad."""
    market, interval = context.market, context.interval
    newest = series.newest()
    last = last_closed(interval, market, context.now)
    if newest is not None and not _is_final(series, newest, context):
        last = min(last, newest - ONE_DAY)
    return series.where(series.days <= day_number(last))


def _is_final(series: ParsedSeries, newest: date, context: Context) -> bool:
    market, interval = context.market, context.interval
    if is_intraday(interval):
        end = datetime.fromtimestamp((int(series.stamps[-1]) + interval_ns(interval)) // 1_000_000_000, UTC)
        return is_closed(newest, interval, market, context.now, None) and is_complete(end, context.now, market)
    return is_finished(newest, interval, market) and is_closed(newest, interval, market, context.now, series.refreshed)


def spoken(series: ParsedSeries, context: Context, *, begin: date | None, shortage: str, remedy: str = MORE) -> Spoken:
    """Cut final rows to the asked days, and tell which of these are known.

    Parameters
    ----------
    series
        Final rows.
    context
        What was asked, and when.
    begin
        The first day that the answer speaks for; None: it holds all that there is.
    shortage, remedy
        Why days before `begin` are not given, and what to do.
    """
    asked = context.asked
    newest = series.newest()
    until = None if newest is None else known_until(newest, context.interval, context.market)
    first = asked.first if begin is None else max(asked.first, begin)
    found = []
    if asked.first < first:
        before = DateRange(first=asked.first, last=min(asked.last, first - ONE_DAY))
        found.append(context.unavailable(before, shortage, remedy))
    covered: tuple[DateRange, ...] = ()
    if until is not None and first <= min(asked.last, until):
        covered = (DateRange(first=first, last=min(asked.last, until)),)
    if first <= asked.last:
        rest = DateRange(first=first, last=asked.last)
        due = last_closed(context.interval, context.market, context.now)
        found.extend(after_newest(rest, until, due, context.unavailable))
    inside = (series.days >= day_number(asked.first)) & (series.days <= day_number(asked.last))
    return Spoken(series=series.where(inside | (series.days < 0)), covered=covered, unavailable=tuple(found))


def bar_rows(series: ParsedSeries, symbol: str, origin: str, notes: tuple[str, ...] = ()) -> BarRows:
    """The rows as the port wants them."""
    faults = {"text_in_number": series.text, "dst_gap": series.gap}
    return BarRows(
        symbol=symbol,
        timestamps=series.stamps,
        open=series.columns["open"],
        high=series.columns["high"],
        low=series.columns["low"],
        close=series.columns["close"],
        volume=series.columns["volume"],
        origin=origin,
        faults={name: np.flatnonzero(rows) for name, rows in faults.items() if rows.any()} or None,
        notes=notes,
    )


def vendor_adjusted(series: ParsedSeries) -> FloatArray | None:
    """The vendor's adjusted close beside the rows; None where it gives none."""
    values = series.columns.get("adjusted close")
    return None if values is None or not np.isfinite(values).any() else values
