"""ExchangeCalendars: the sessions of the world's exchanges, from the package of the same name."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from difflib import get_close_matches
from threading import Lock
from typing import Final

import numpy as np

from hindcast.domain.errors import InputError
from hindcast.engine.stamps import DAY_NS, to_nanoseconds
from hindcast.services.ports import Schedule

# The first day from which the package's sessions hold. New York and Seoul traded on Saturdays before these days, Taipei
# on some until 2001, which the package does not know; of the others few have holidays before 1990.
_FIRST_DAYS: Final = {
    "24/7": date(1900, 1, 1),
    "24/5": date(1900, 1, 1),
    "XNYS": date(1952, 9, 29),
    "XKRX": date(1998, 12, 7),
    "XTAI": date(2002, 1, 1),
}
_FIRST_DAY: Final = date(1990, 1, 1)


def _today() -> date:
    return datetime.now(UTC).date()


class ExchangeCalendars:
    """Schedules by ISO 10383 code ("XNYS", "XKRX"), by a usual name ("NYSE") or "24/7", in any letter case.

    A calendar is known to the end of the year after the current one, or as far as its package has holidays. Each is
    built once, on first use, and may be asked from several threads.
    """

    def __init__(self, today: Callable[[], date] = _today) -> None:
        self._today = today
        self._built: dict[str, Schedule] = {}
        self._lock = Lock()

    def schedule(self, calendar: str, first: date, last: date) -> Schedule:
        """The sessions from first to last, cut to what the calendar knows (its `first` is after its `last` for none).

        Raises InputError for an unknown calendar, with near names.
        """
        with self._lock:
            if calendar not in self._built:
                self._built[calendar] = _build(_known_name(calendar), date(self._today().year + 1, 12, 31))
            whole = self._built[calendar]
        begin, end = (int(stamp) for stamp in to_nanoseconds([first, last]))
        low, high = np.searchsorted(whole.sessions, [begin, end + DAY_NS]).tolist()
        return replace(
            whole,
            sessions=whole.sessions[low:high],
            opens=whole.opens[low:high],
            closes=whole.closes[low:high],
            early=whole.early[low:high],
            first=max(begin, whole.first),
            last=min(end, whole.last),
        )


def _known_name(calendar: str) -> str:
    import exchange_calendars

    names = {name.casefold(): name for name in exchange_calendars.get_calendar_names(include_aliases=True)}
    folded = calendar.strip().casefold()
    if folded not in names:
        near = [names[name] for name in get_close_matches(folded, names, n=3)]
        hint = f"Did you mean {' or '.join(near)}?" if near else "Expected a code such as XNYS, XKRX, XLON or 24/7."
        raise InputError(f"calendar={calendar!r} is not known. {hint}")
    resolved: str = exchange_calendars.resolve_alias(names[folded])
    return resolved


def _build(name: str, last: date) -> Schedule:
    import exchange_calendars

    first = _FIRST_DAYS.get(name, _FIRST_DAY)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the package's own use of pandas
        warnings.simplefilter("ignore", FutureWarning)
        try:
            source = exchange_calendars.get_calendar(name, start=first, end=last)
        except ValueError:  # the package says that this calendar knows fewer days
            kind = type(exchange_calendars.get_calendar(name))
            earliest, latest = kind.bound_min(), kind.bound_max()
            first = first if earliest is None else max(first, earliest.date())
            last = last if latest is None else min(last, latest.date())
            source = exchange_calendars.get_calendar(name, start=first, end=last)
        sessions = source.sessions.to_numpy().astype("M8[ns]").astype(np.int64)
        early = np.asarray(source.sessions.isin(source.early_closes), dtype=np.bool_)
    opens, closes = (np.array(times, dtype=np.int64) for times in (source.opens_nanos, source.closes_nanos))
    for array in (sessions, opens, closes, early):
        array.flags.writeable = False
    begin, end = (int(stamp) for stamp in to_nanoseconds([first, last]))
    return Schedule(calendar=name, sessions=sessions, opens=opens, closes=closes, early=early, first=begin, last=end)
