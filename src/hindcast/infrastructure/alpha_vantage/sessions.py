"""Which bars are over, and which days an answer speaks for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from hindcast.domain.market_data import DateRange, Unavailable
from hindcast.infrastructure.alpha_vantage.symbols import Market

ONE_DAY: Final = timedelta(days=1)
SETTLING: Final = timedelta(minutes=30)  # closing auctions and the vendor's own work, after a close
NIGHT: Final = timedelta(hours=12)
STALE: Final = timedelta(days=10)  # longer than any holiday: the vendor's series has ended
_FRIDAY: Final = 4
_HOLIDAYS: Final = {"1w": timedelta(days=1), "1mo": timedelta(days=3)}


def period_end(day: date, interval: str, market: Market) -> date:
    """The last day on which the bar of this day may change: a week's Friday (or Sunday), a month's last weekday."""
    if interval == "1w":
        return day + timedelta(days=(6 if market.every_day else max(_FRIDAY, day.weekday())) - day.weekday())
    if interval == "1mo":
        end = (day.replace(day=1) + timedelta(days=32)).replace(day=1) - ONE_DAY
        while not market.every_day and end.weekday() > _FRIDAY and end > day:
            end -= ONE_DAY
        return end
    return day


def closed_at(day: date, interval: str, market: Market) -> datetime:
    """When the bar of this day is final."""
    end = period_end(day, interval, market)
    zone = ZoneInfo(market.zone)
    if market.close is None:
        return datetime.combine(end + ONE_DAY, time(), tzinfo=zone).astimezone(UTC) + SETTLING
    return datetime.combine(end, market.close, tzinfo=zone).astimezone(UTC) + SETTLING


def is_finished(newest: date, interval: str, market: Market) -> bool:
    """Whether the newest bar of weeks or months ends with its period, but for a holiday: else the vendor is behind."""
    return newest + _HOLIDAYS.get(interval, timedelta()) >= period_end(newest, interval, market)


def is_closed(day: date, interval: str, market: Market, now: datetime, refreshed: datetime | None) -> bool:
    """Whether the bar of this day is final, by the clock and, where the market closes, by the vendor's last update."""
    if now < closed_at(day, interval, market):
        return False
    if market.close is None or refreshed is None:
        return True
    return refreshed >= datetime.combine(day, market.close, tzinfo=ZoneInfo(market.zone))


def is_complete(last_end: datetime, now: datetime, market: Market) -> bool:
    """Whether the newest day of intraday bars is all there, by the end of its last bar.

    A half day and a share that trades rarely end before the close: for these the vendor is given a night.
    """
    if market.close is None:
        return True
    bell = datetime.combine(
        last_end.astimezone(ZoneInfo(market.zone)).date(), market.close, tzinfo=ZoneInfo(market.zone)
    )
    return last_end >= bell or now >= bell.astimezone(UTC) + NIGHT


def last_closed(interval: str, market: Market, now: datetime) -> date:
    """The last day whose bar is final by the clock."""
    day = now.astimezone(ZoneInfo(market.zone)).date()
    while now < closed_at(day, interval, market):
        day -= ONE_DAY
    return day


def known_until(newest: date, interval: str, market: Market) -> date:
    """The last day that a series with this newest bar speaks for: nothing trades on the weekend after a Friday."""
    if interval == "1w":
        return newest + timedelta(days=6 - newest.weekday())
    if interval == "1mo":
        return (newest.replace(day=1) + timedelta(days=32)).replace(day=1) - ONE_DAY
    while not market.every_day and (newest + ONE_DAY).weekday() > _FRIDAY:
        newest += ONE_DAY
    return newest


def after_newest(
    asked: DateRange, until: date | None, due: date, say: Callable[[DateRange, str, str], Unavailable]
) -> tuple[Unavailable, ...]:
    """The asked days after those that the series speaks for: it is too old or late, or the days are not over."""
    first = asked.first if until is None else max(asked.first, until + ONE_DAY)
    found = []
    missing = min(asked.last, due)
    if first <= missing:
        days = DateRange(first=first, last=missing)
        if until is not None and missing - until > STALE:
            found.append(
                say(
                    days,
                    f"stale: the vendor's bars end by {until} (delisted, renamed, or no longer updated)",
                    "search the symbol's present name (`hindcast data search`), or import the days from a file",
                )
            )
        else:
            found.append(say(days, "the vendor does not have these days yet", "ask again later"))
    first = max(first, due + ONE_DAY)
    if first <= asked.last:
        days = DateRange(first=first, last=asked.last)
        found.append(say(days, "these days were not over when the vendor was asked", "ask again after the close"))
    return tuple(found)


def weekdays_between(first: date, last: date) -> int:
    """Days from Monday to Friday, both ends included."""
    if first > last:
        return 0
    weeks, rest = divmod((last - first).days + 1, 7)
    return weeks * 5 + sum((first + timedelta(days=offset)).weekday() <= _FRIDAY for offset in range(rest))
