"""The exchanges' calendars, built once for a process."""

from __future__ import annotations

from functools import cache

from hindcast.infrastructure.calendars.exchange_calendars import ExchangeCalendars


@cache
def exchange_calendars() -> ExchangeCalendars:
    """The one source of schedules; a calendar is built when it is first asked for."""
    return ExchangeCalendars()
