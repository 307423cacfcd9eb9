"""IndicatorCache: indicator arrays kept by what they were computed from."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from blake3 import blake3
from numpy.typing import ArrayLike, NDArray

from hindcast.domain.errors import ConfigError, InputError
from hindcast.engine.indicators.averages import sma

FloatArray = NDArray[np.float64]
Key = tuple[str, Hashable, str]

DEFAULT_BYTES: Final = 256 * 2**20
LOOKED_AT: Final = 64  # values of an array whose fingerprint the caller names


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheStatistics:
    """What a cache has done so far, and what it holds."""

    hits: int
    misses: int
    evictions: int  # arrays that were forgotten for want of room
    arrays: int
    size_bytes: int
    max_bytes: int

    @property
    def hit_rate(self) -> float:
        """Share of requests that were answered without computing, 0 to 1; NaN before the first."""
        asked = self.hits + self.misses
        return self.hits / asked if asked else float("nan")

    def __str__(self) -> str:
        return (
            f"{self.hits:,} of {self.hits + self.misses:,} from the cache; {self.arrays:,} arrays of "
            f"{self.size_bytes / 2**20:,.1f} MiB (at most {self.max_bytes / 2**20:,.0f}), {self.evictions:,} forgotten"
        )


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
        self._evictions = 0
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
        return self.stats().hit_rate

    def stats(self) -> CacheStatistics:
        """Hits, misses and what is kept, all of one moment."""
        with self._lock:
            return CacheStatistics(
                hits=self.hits,
                misses=self.misses,
                evictions=self._evictions,
                arrays=len(self._arrays),
                size_bytes=self._bytes,
                max_bytes=self.max_bytes,
            )

    def get_or_compute(
        self, indicator: str, parameters: Mapping[str, object], fingerprint: str, compute: Callable[[], ArrayLike]
    ) -> FloatArray:
        """The array of an indicator with these parameters on this data, computed where it is not kept.

        Parameters
        ----------
        indicator : str
            Its name; where it reads one column of bars, with the column's ("sma of open").
        parameters : mapping
            Values of any kind that tells itself apart: 1, 1.0 and True are three, NaN is itself, lists, mappings and
            arrays count by what is in them.
        fingerprint : str
            Of the data: `Bars.fingerprint`, `hash_prices`.
        compute : callable
            Gives the array, of any shape; it is called outside of any lock.

        Returns
        -------
        ndarray
            Read-only. One larger than the cache is given and not kept.

        Raises
        ------
        InputError
            A parameter that can't be told apart from others, or an array of objects.
        """
        key = (indicator, tuple((name, _distinct(name, parameters[name])) for name in sorted(parameters)), fingerprint)
        with self._lock:
            if key in self._arrays:
                self.hits += 1
                self._arrays.move_to_end(key)
                return self._arrays[key]
            self.misses += 1
        array = _own(indicator, compute())
        with self._lock:
            return self._keep(key, array)

    def cached_sma(self, prices: ArrayLike, window: int, *, fingerprint: str | None = None) -> FloatArray:
        """Simple moving average of prices, (T, S) or (T,).

        `fingerprint` names the prices where they are known, and saves hashing them: of bars, say, whose closes these
        are. That of the same bars' opens may be the same text; a few of the values are looked at to tell them apart.
        """
        values = np.asarray(prices, dtype=np.float64)
        data = self.hash_prices(values) if fingerprint is None else f"{fingerprint} {_glance(values)}"
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
            self._bytes = self.hits = self.misses = self._evictions = 0

    def _keep(self, key: Key, array: FloatArray) -> FloatArray:
        kept = self._arrays.get(key)
        if kept is not None:
            return kept
        if 0 < array.nbytes <= self.max_bytes:
            self._arrays[key] = array
            self._bytes += array.nbytes
        while self._bytes > self.max_bytes:
            _, oldest = self._arrays.popitem(last=False)
            self._bytes -= oldest.nbytes
            self._evictions += 1
        return array


def _own(indicator: str, computed: ArrayLike) -> FloatArray:
    """An array that nobody writes to: a view of other memory, which somebody may, is copied."""
    array = np.asarray(computed)
    if array.dtype.hasobject:
        raise InputError(f"indicator {indicator!r} gave an array of {array.dtype}; expected numbers")
    if not array.flags.owndata:
        array = array.copy()
    array.flags.writeable = False
    return array


def _glance(values: FloatArray) -> str:
    flat = values.reshape(-1)
    places = np.linspace(0, max(flat.size - 1, 0), num=min(flat.size, LOOKED_AT)).astype(np.int64)
    return f"{values.shape} {blake3(flat[places].tobytes()).hexdigest(8)}"


def _distinct(name: str, value: object) -> Hashable:
    """What a parameter is kept by: equal only for values of one kind that say the same."""
    if isinstance(value, np.generic):
        value = value.item()
    kind = type(value).__name__
    if isinstance(value, float):
        return kind, value.hex()  # NaN equals itself, and -0.0 is not 0.0
    if isinstance(value, np.ndarray):
        if value.dtype.hasobject:
            raise InputError(f"parameter {name!r} is an array of {value.dtype}; expected numbers")
        return kind, value.dtype.str, value.shape, blake3(np.ascontiguousarray(value).tobytes()).digest()
    if isinstance(value, Mapping):
        pairs = [(_distinct(name, key), _distinct(name, each)) for key, each in value.items()]
        return kind, tuple(sorted(pairs, key=repr))
    if isinstance(value, list | tuple):
        return kind, tuple(_distinct(name, each) for each in value)
    if not isinstance(value, Hashable):
        raise InputError(f"parameter {name!r} is a {kind}, which can change; expected a number, text, list or mapping")
    return kind, value
