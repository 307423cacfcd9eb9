"""MemoryCache: bytes in a dictionary, bounded, the least used forgotten first."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final, NamedTuple

from hindcast.domain.errors import ConfigError

DEFAULT_BYTES: Final = 64 * 2**20


class _Entry(NamedTuple):
    value: bytes
    size: int  # bytes of key and value
    until: float | None  # on the cache's clock


class MemoryCache:
    """Values by key for as long as the process lives; `clock` gives seconds that never go back. Safe in threads."""

    def __init__(self, max_bytes: int = DEFAULT_BYTES, *, clock: Callable[[], float] = time.monotonic) -> None:
        if max_bytes < 0:
            raise ConfigError(f"max_bytes = {max_bytes}: expected a number of bytes >= 0")
        self.max_bytes = max_bytes
        self._clock = clock
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def size_bytes(self) -> int:
        """Bytes of the keys and values that are kept."""
        return self._bytes

    def get(self, key: str) -> bytes | None:
        """The value of a key; None where there is none, or no more."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is None:
                return None
            if entry.until is not None and self._clock() >= entry.until:
                self._drop(key)
                return None
            self._entries.move_to_end(key)
            return entry.value

    def set(self, key: str, value: bytes, *, ttl_seconds: float | None = None) -> None:
        """Keep a value for so many seconds, or as long as there is room; one that is too large is not kept."""
        size = len(key.encode("utf-8", "surrogatepass")) + len(value)
        with self._lock:
            self._drop(key)
            if size > self.max_bytes or (ttl_seconds is not None and not ttl_seconds > 0):
                return
            until = None if ttl_seconds is None else self._clock() + ttl_seconds
            self._entries[key] = _Entry(value=value, size=size, until=until)
            self._bytes += size
            while self._bytes > self.max_bytes:
                self._drop(next(iter(self._entries)))

    def delete(self, key: str) -> None:
        """Forget a key, whether or not it is there."""
        with self._lock:
            self._drop(key)

    def _drop(self, key: str) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._bytes -= entry.size
