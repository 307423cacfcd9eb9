"""How often somebody may ask: buckets of tokens that fill again, in a bounded part of memory."""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Final

from hindcast.domain.errors import RateLimitError

LOGINS_PER_MINUTE: Final = 5  # tries for one name from one address
LOGINS_FROM_ADDRESS: Final = 30  # tries a minute from one address, for whichever names
_MOST_KEYS: Final = 20_000


class RateLimiter:
    """A bucket for each key: `burst` requests at once, then `per_second`. The keys asked for longest ago are forgotten.

    A rate of 0 sets no limit.
    """

    def __init__(
        self,
        per_second: float,
        *,
        burst: float,
        most_keys: int = _MOST_KEYS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._per_second = per_second
        self._burst = burst
        self._most_keys = most_keys
        self._clock = clock
        self._lock = Lock()
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # key → tokens left, at which time

    def take(self, key: str) -> float:
        """Take a token: 0.0, or the seconds until there is one."""
        if self._per_second <= 0:
            return 0.0
        now = self._clock()
        with self._lock:
            left, at = self._buckets.pop(key, (self._burst, now))
            left = min(self._burst, left + (now - at) * self._per_second)
            allowed = left >= 1.0
            self._buckets[key] = (left - 1.0 if allowed else left, now)
            if len(self._buckets) > self._most_keys:
                self._buckets.popitem(last=False)
        return 0.0 if allowed else (1.0 - left) / self._per_second

    def require(self, key: str, what: str) -> None:
        """Take a token. Raises RateLimitError where there is none; `what` says what there was too much of."""
        wait = self.take(key)
        if wait > 0:
            raise RateLimitError(f"too many {what}: there is room for another one in {wait:.1f} s", retry_after=wait)

    def __len__(self) -> int:
        return len(self._buckets)


class LoginLimiter:
    """Tries of passwords: few for one name from one address, and not many from one address for all names together."""

    def __init__(self) -> None:
        self._names = RateLimiter(LOGINS_PER_MINUTE / 60, burst=LOGINS_PER_MINUTE)
        self._addresses = RateLimiter(LOGINS_FROM_ADDRESS / 60, burst=LOGINS_FROM_ADDRESS)

    def require(self, name: str, address: str) -> None:
        """Count a try. Raises RateLimitError."""
        self._addresses.require(address, "tries to log in")
        self._names.require(f"{name.lower()}\0{address}", "tries of this name's password")


def request_limiter(per_second: int) -> RateLimiter:
    """So many requests per second, and twice as many at once."""
    return RateLimiter(per_second, burst=2.0 * per_second)


def address_group(host: str | None) -> str:
    """The part of an address that one client has for himself: of IPv6, its /64."""
    try:
        address = ipaddress.ip_address(host or "")
    except ValueError:
        return host or "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
