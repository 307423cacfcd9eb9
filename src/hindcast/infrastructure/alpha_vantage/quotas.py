"""How many requests may go out: per second, minute and day, counted over restarts and processes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from hindcast.domain.errors import InputError, QuotaError
from hindcast.infrastructure.alpha_vantage.quota_file import KeyRecord, QuotaFile

if TYPE_CHECKING:
    from pydantic import SecretStr

SECOND: Final = 1.2  # a second, and some for the way: what leaves a second apart may arrive closer
MINUTE: Final = 60.0
DAY: Final = 86_400.0
REMEMBERED: Final = 7 * DAY  # how long it is known that a key does not pay for something
_VENDOR_ZONE: Final = "America/New_York"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Requests that a key may send; None: no limit. The defaults are the free plan's.

    Raises InputError for a limit below 1.
    """

    per_second: int | None = 1
    per_minute: int | None = None
    per_day: int | None = 25

    def __post_init__(self) -> None:
        for name in ("per_second", "per_minute", "per_day"):
            value = getattr(self, name)
            if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
                raise InputError(f"{name}={value!r}; expected a whole number of requests from 1, or None")


class Quotas:
    """The account of one key.

    A day is any 24 hours: nobody has written down when the vendor's day begins, and who never sends more than the limit
    within 24 hours is within it wherever the day begins. Days are counted in whole minutes, rounded to the safe side.
    """

    def __init__(self, file: Path, key: SecretStr, limits: Limits, clock: Callable[[], datetime]) -> None:
        self._file = QuotaFile(file)
        secret = key.get_secret_value().encode()
        self._id = hashlib.blake2b(secret, digest_size=8, person=b"hindcast-quota").hexdigest()
        self._limits = limits
        self._clock = clock

    def take(self) -> float:
        """Count a request, and give 0.0; or the seconds to wait first, and count nothing.

        Raises QuotaError where the day's limit is reached, or the vendor said so.
        """
        now = self._now()
        with self._file.record(self._id) as record:
            self._prune(record, now)
            self._check_block(record, now)
            self._check_day(record, now, needed=1)
            waits = [
                _wait(record.recent, now, window, limit)
                for window, limit in ((SECOND, self._limits.per_second), (MINUTE, self._limits.per_minute))
                if limit is not None
            ]
            wait = max(waits, default=0.0)
            if wait <= 0:
                record.recent.append(now)
                minute = int(now // MINUTE)
                record.minutes[minute] = record.minutes.get(minute, 0) + 1
            return max(wait, 0.0)

    def give_back(self) -> None:
        """Uncount the last request: it never left this machine."""
        with self._file.record(self._id) as record:
            if record.recent:
                minute = int(record.recent.pop() // MINUTE)
                record.minutes[minute] = record.minutes.get(minute, 1) - 1

    def expect(self, requests: int) -> None:
        """Raise QuotaError where the day does not hold so many more requests, before the first is spent."""
        now = self._now()
        with self._file.record(self._id) as record:
            self._prune(record, now)
            self._check_block(record, now)
            self._check_day(record, now, needed=requests)

    def used(self) -> int:
        """Requests of the last 24 hours."""
        with self._file.record(self._id) as record:
            self._prune(record, self._now())
            return sum(record.minutes.values())

    def block(self, seconds: float, why: str) -> None:
        """Send nothing for a while: the vendor said so."""
        with self._file.record(self._id) as record:
            record.blocked_until = self._now() + seconds
            record.blocked_for = why

    def until_next_day(self) -> float:
        """Seconds to the next midnight of the vendor's time zone, when its day most likely begins anew."""
        now = self._clock().astimezone(ZoneInfo(_VENDOR_ZONE))
        midnight = datetime.combine(now.date() + timedelta(days=1), datetime.min.time(), tzinfo=now.tzinfo)
        return max((midnight.astimezone(UTC) - now.astimezone(UTC)).total_seconds(), 0.0) + MINUTE

    def denied(self, feature: str) -> datetime | None:
        """When the vendor said that the key does not pay for a feature; None where it did not, or long ago."""
        with self._file.record(self._id) as record:
            said = record.denied.get(feature)
        return None if said is None or not 0 <= self._now() - said < REMEMBERED else datetime.fromtimestamp(said, UTC)

    def deny(self, feature: str) -> None:
        """Keep in mind that the key does not pay for a feature."""
        with self._file.record(self._id) as record:
            record.denied[feature] = self._now()

    def _now(self) -> float:
        return self._clock().timestamp()

    def _prune(self, record: KeyRecord, now: float) -> None:
        """Forget what is past; after a clock was set back, what lies in the future counts as just now."""
        record.recent[:] = [min(stamp, now) for stamp in record.recent if stamp > now - MINUTE]
        current = int(now // MINUTE)
        minutes = {minute: count for minute, count in record.minutes.items() if (minute + 1) * MINUTE + DAY > now}
        for minute in [minute for minute in minutes if minute > current]:
            minutes[current] = minutes.get(current, 0) + minutes.pop(minute)
        record.minutes = {minute: count for minute, count in minutes.items() if count > 0}

    def _check_block(self, record: KeyRecord, now: float) -> None:
        if not now < record.blocked_until <= now + DAY + 2 * MINUTE:
            return
        raise QuotaError(
            f"Alpha Vantage takes no requests of this key: {record.blocked_for}; "
            f"go on {_when(record.blocked_until, now)}",
            retry_after=record.blocked_until - now,
        )

    def _check_day(self, record: KeyRecord, now: float, *, needed: int) -> None:
        limit = self._limits.per_day
        used = sum(record.minutes.values())
        if limit is None or used + needed <= limit:
            return
        if needed > limit:
            raise QuotaError(f"{needed} requests to Alpha Vantage are needed at once; the limit is {limit} a day")
        free = limit - used
        until = now
        for minute, count in sorted(record.minutes.items()):
            if free >= needed:
                break
            free += count
            until = (minute + 1) * MINUTE + DAY
        asked = "another" if needed == 1 else f"{needed} more"
        raise QuotaError(
            f"{used} of {limit} requests to Alpha Vantage are used within 24 hours, and {asked} would be one too many; "
            f"go on {_when(until, now)}",
            retry_after=until - now,
        )


def _wait(recent: list[float], now: float, window: float, limit: int) -> float:
    within = [stamp for stamp in recent if stamp > now - window]
    return 0.0 if len(within) < limit else within[-limit] + window - now


def _when(moment: float, now: float) -> str:
    """A moment, and how far off it is, for a message."""
    minutes = max(int((moment - now + 59) // 60), 1)
    hours, rest = divmod(minutes, 60)
    far = f"{hours} h {rest} min" if hours else f"{rest} min"
    return f"after {datetime.fromtimestamp(moment, UTC):%Y-%m-%d %H:%M} UTC (in {far})"
