"""IndicatorCache: indicator arrays kept by what they were computed from."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
from blake3 import blake3
from numpy.typing import ArrayLike, NDArray

from hindcast.domain.errors import ConfigError
from hindcast.engine.indicators.averages import sma

FloatArray = NDArray[np.float64]
Key = tuple[str, tuple[tuple[str, object], ...], str]

DEFAULT_BYTES: Final = 256 * 2**20


class IndicatorCache:
    """Indicator arrays by (indicator, parameters, data fingerprint), the least used forgotten first.

    Arrays come back read-only, as they are shared. Safe to use from several threads; two that ask for the same new
    array at once may both compute it, and get the same numbers.
    """

    def __init__(self, max_bytes: int = DEFAULT_BYTES) -> None:
        if max_bytes < 0:
            raise ConfigError(f"max_bytes = {max_bytes}: expected a number of bytes >= 0")
        self.max_bytes = max_bytes
        self.hits = 0
        self.misses = 0
        self._arrays: OrderedDict[Key, FloatArray] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._arrays)

    @property
    def size_bytes(self) -> int:
        """Bytes of the arrays that are kept."""
        return self._bytes

    @property
    def hit_rate(self) -> float:
        """Share of requests that were answered without computing, 0 to 1; NaN before the first."""
        asked = self.hits + self.misses
        return self.hits / asked if asked else float("nan")

    def get_or_compute(
        self, indicator: str, parameters: Mapping[str, object], fingerprint: str, compute: Callable[[], FloatArray]
    ) -> FloatArray:
        """The array of an indicator with these parameters on this data, computed where it is not kept."""
        key = (indicator, tuple(sorted(parameters.items())), fingerprint)
        with self._lock:
            if key in self._arrays:
                self.hits += 1
                self._arrays.move_to_end(key)
                return self._arrays[key]
            self.misses += 1
        array = compute()
        array.flags.writeable = False
        with self._lock:
            self._keep(key, array)
        return array

    def cached_sma(self, prices: ArrayLike, window: int, *, fingerprint: str | None = None) -> FloatArray:
        """Simple moving average of prices, (T, S) or (T,); `fingerprint` saves hashing them where it is known."""
        values = np.asarray(prices, dtype=np.float64)
        data = self.hash_prices(values) if fingerprint is None else fingerprint
        return self.get_or_compute("sma", {"window": window}, data, lambda: sma(values, window))

    @staticmethod
    def hash_prices(prices: ArrayLike) -> str:
        """BLAKE3 of an array's shape and values, as hexadecimal text."""
        values = np.ascontiguousarray(prices, dtype=np.float64)
        return blake3(repr(np.shape(prices)).encode() + values.tobytes()).hexdigest()

    def clear(self) -> None:
        """Forget all arrays and counts."""
        with self._lock:
            self._arrays.clear()
            self._bytes = self.hits = self.misses = 0

    def _keep(self, key: Key, array: FloatArray) -> None:
        if key in self._arrays or array.nbytes > self.max_bytes:
            return
        self._arrays[key] = array
        self._bytes += array.nbytes
        while self._bytes > self.max_bytes:
            _, oldest = self._arrays.popitem(last=False)
            self._bytes -= oldest.nbytes
