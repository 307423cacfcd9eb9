"""CacheManager: values by key for a while, over whichever cache there is."""

from __future__ import annotations

import json
import math
import threading
from typing import Final

from blake3 import blake3

from hindcast.domain.errors import ConfigError, InputError
from hindcast.services.ports import CacheBackend

Value = str | int | float | bool | list["Value"] | dict[str, "Value"] | bytes | None

SCHEMA_VERSION: Final = 1
DEFAULT_TTL_SECONDS: Final = 3600.0
LONGEST_KEY: Final = 200  # a longer one stands under its hash
_BYTES: Final = b"b"
_JSON: Final = b"j"


class CacheManager:
    """JSON values and bytes by key, with a time to live.

    Keys stand in a namespace with a version of its own: whoever changes what his values mean counts it up, and meets
    none of the old ones. Nothing that is read is run, as pickled values would be; what can't be read is a miss.

    Parameters
    ----------
    backend : CacheBackend
        A `MemoryCache`, a `RedisCache`.
    default_ttl : float
        Seconds that a value is kept where `set` does not say; above 0.
    namespace : str
        The word that all keys begin with.
    version : int
        What the values mean, counted by their owner.
    """

    def __init__(
        self,
        backend: CacheBackend,
        *,
        default_ttl: float = DEFAULT_TTL_SECONDS,
        namespace: str = "general",
        version: int = 1,
    ) -> None:
        if not 0.0 < default_ttl < float("inf"):
            raise ConfigError(f"default_ttl = {default_ttl}: expected seconds above 0")
        self._backend = backend
        self._default_ttl = default_ttl
        self._prefix = f"hindcast:{SCHEMA_VERSION}:{namespace}:{version}:"
        self._lock = threading.Lock()
        self.hits = 0
        self.misses = 0

    @property
    def hit_rate(self) -> float:
        """Share of the values asked for that were there, 0 to 1; NaN before the first."""
        asked = self.hits + self.misses
        return self.hits / asked if asked else float("nan")

    def within(self, namespace: str, *, version: int = 1, default_ttl: float | None = None) -> CacheManager:
        """The same cache under another namespace, with counts of its own."""
        ttl = self._default_ttl if default_ttl is None else default_ttl
        return CacheManager(self._backend, default_ttl=ttl, namespace=namespace, version=version)

    def get(self, key: str, default: Value = None) -> Value:
        """The value of a key, or the default where there is none (a kept None comes back as None)."""
        found = _decoded(self._backend.get(self._full(key)))
        with self._lock:
            if found is None:
                self.misses += 1
                return default
            self.hits += 1
        return found[0]

    def set(self, key: str, value: Value, *, ttl_seconds: float | None = None) -> None:
        """Keep a value for so many seconds, else for the default; it may be forgotten before.

        Raises InputError for a value that is neither bytes nor JSON (NaN and infinity are none), and for a time that
        is not a number.
        """
        ttl = self._default_ttl if ttl_seconds is None else ttl_seconds
        if math.isnan(ttl):
            raise InputError(f"ttl_seconds = {ttl}: expected seconds")
        self._backend.set(self._full(key), _encoded(key, value), ttl_seconds=ttl)

    def delete(self, key: str) -> None:
        """Forget a key, whether or not it is there."""
        self._backend.delete(self._full(key))

    def _full(self, key: str) -> str:
        if len(key) > LONGEST_KEY:
            key = f"#{blake3(key.encode('utf-8', 'surrogatepass')).hexdigest()}"
        return self._prefix + key


def _encoded(key: str, value: Value) -> bytes:
    if isinstance(value, bytes):
        return _BYTES + value
    try:
        return _JSON + json.dumps(value, allow_nan=False, separators=(",", ":")).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise InputError(
            f"the value of {key!r} can't be cached: {error}; expected bytes or what JSON can hold"
        ) from None


def _decoded(stored: bytes | None) -> tuple[Value] | None:
    if not stored:
        return None
    if stored[:1] == _BYTES:
        return (stored[1:],)
    if stored[:1] != _JSON:
        return None
    try:
        return (json.loads(stored[1:], parse_constant=_no_number),)
    except (ValueError, RecursionError):
        return None


def _no_number(word: str) -> Value:
    raise ValueError(f"{word} is no JSON")
