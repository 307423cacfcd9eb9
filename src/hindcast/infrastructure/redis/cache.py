"""RedisCache: bytes on a Redis server; whatever goes wrong there is a miss, and soon over."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeVar

from blake3 import blake3
from pydantic import SecretStr

from hindcast.domain.errors import ConfigError

if TYPE_CHECKING:
    from redis import Redis

Answer = TypeVar("Answer")

TIMEOUT_SECONDS: Final = 0.2
BACK_OFF_SECONDS: Final = 5.0
CHECK_BYTES: Final = 16
_LOG: Final = logging.getLogger(__name__)


class RedisCache:
    """Values by key on a server that may be slow, full, gone, or hold what others wrote: then there is no value.

    No call raises for what the server does. After a failure, or an answer that took more than twice the timeout because
    it came in drops, the server is left alone for `back_off` seconds, so that a dead one costs no more than a timeout
    now and then; the log tells once that it is gone, and once that it is back.
    A value carries a checksum over its key and itself: what another wrote, or what was cut, is a miss. Safe in threads.

    Parameters
    ----------
    url : str or SecretStr
        Such as "redis://localhost:6379/0", "rediss://user:password@host", "unix:///run/redis.sock"; it is never logged.
    timeout : float
        Seconds to wait for the server, for connecting and for each answer.
    back_off : float
        Seconds to leave it alone after a failure.
    clock : callable
        Seconds that never go back.

    Raises
    ------
    ConfigError
        The package `redis` is not installed, or the URL can't be read.
    """

    def __init__(
        self,
        url: str | SecretStr,
        *,
        timeout: float = TIMEOUT_SECONDS,
        back_off: float = BACK_OFF_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = _client(url.get_secret_value() if isinstance(url, SecretStr) else url, timeout)
        self._timeout = timeout
        self._back_off = back_off
        self._clock = clock
        self._lock = threading.Lock()
        self._resting_until: float | None = None

    def get(self, key: str) -> bytes | None:
        """The value of a key; None where there is none, or the server does not give it."""
        stored = self._ask(lambda: self._client.get(_name(key)))
        return _checked(key, stored)

    def set(self, key: str, value: bytes, *, ttl_seconds: float | None = None) -> None:
        """Keep a value, for so many seconds; the server forgets by rules of its own."""
        if ttl_seconds is not None and not ttl_seconds > 0:
            self.delete(key)
            return
        milliseconds = None if ttl_seconds is None else max(1, int(min(ttl_seconds, 1e9) * 1000))
        self._ask(lambda: self._client.set(_name(key), _check(key, value) + value, px=milliseconds))

    def delete(self, key: str) -> None:
        """Forget a key, whether or not it is there."""
        self._ask(lambda: self._client.delete(_name(key)))

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def _ask(self, question: Callable[[], Answer]) -> Answer | None:
        """The server's answer; None where it gives none, or is being left alone."""
        from redis.exceptions import ResponseError

        until = self._resting_until
        if until is not None and self._clock() < until:
            return None
        start = time.monotonic()
        answer: Answer | None = None
        try:
            answer = question()
        except ResponseError:  # it is there, and says no: another type under this key, no memory, read-only
            pass
        except Exception as error:  # noqa: BLE001  # a cache's failure, of whatever kind, must never be a run's
            self._rest(type(error).__name__)
            return None
        if time.monotonic() - start > 2.0 * self._timeout:
            self._rest("slow")
        elif until is not None:
            self._wake()
        return answer

    def _rest(self, reason: str) -> None:
        self._client.connection_pool.disconnect()
        with self._lock:
            first = self._resting_until is None
            self._resting_until = self._clock() + self._back_off
        if first:
            _LOG.warning(
                "the Redis cache does not answer (%s): going on without it, asking again every %g s",
                reason,
                self._back_off,
            )

    def _wake(self) -> None:
        with self._lock:
            was_resting, self._resting_until = self._resting_until is not None, None
        if was_resting:
            _LOG.warning("the Redis cache answers again")


def _client(url: str, timeout: float) -> Redis:
    try:
        from redis import Redis
        from redis.backoff import NoBackoff
        from redis.retry import Retry
    except ImportError:
        raise ConfigError(
            "redis_url is set, but the package `redis` is not installed: install 'hindcast-engine[server]', or leave "
            "the setting out"
        ) from None
    try:
        return Redis.from_url(
            url,
            socket_timeout=timeout,
            socket_connect_timeout=timeout,
            retry=Retry(NoBackoff(), 0),
            protocol=2,  # one message less for each connection
        )
    except ValueError:  # its message holds the URL, and that may hold a password
        raise ConfigError(
            "redis_url can't be read; expected such as redis://localhost:6379/0, rediss://… or unix:///run/redis.sock"
        ) from None


def _name(key: str) -> bytes:
    return key.encode("utf-8", "surrogatepass")


def _check(key: str, value: bytes) -> bytes:
    return blake3(len(_name(key)).to_bytes(8, "big") + _name(key) + value).digest(CHECK_BYTES)


def _checked(key: str, stored: object) -> bytes | None:
    if not isinstance(stored, bytes) or len(stored) < CHECK_BYTES:
        return None
    value = stored[CHECK_BYTES:]
    return value if stored[:CHECK_BYTES] == _check(key, value) else None
