"""Bars whose future is altered: what a replay of the look-ahead proof lets a strategy see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from blake3 import blake3
from numpy.typing import NDArray

from hindcast.domain.certificate import ReplayKind
from hindcast.engine.bars import Bars, Panel

FloatArray = NDArray[np.float64]
Maker = Callable[[str], FloatArray | None]

SCALE: Final = 1_000.0
_PRICES: Final = ("open", "high", "low", "close")
# What stands where there is no bar.
_NOTHING: Final = {"volume": 0.0, "split": 1.0, "dividend": 0.0}


class LazyPanel(Panel):
    """A panel whose arrays are made when they are first read: most strategies read one or two."""

    __slots__ = ("_make",)

    _make: Maker

    def __init__(self, make: Maker) -> None:
        object.__setattr__(self, "_make", make)

    def __getattr__(self, name: str) -> FloatArray | None:
        if name not in Panel.__dataclass_fields__:
            raise AttributeError(f"a panel has no {name!r}")
        made = self._make(name)
        if made is not None:
            made.flags.writeable = False
        object.__setattr__(self, name, made)
        return made


@dataclass(frozen=True, slots=True, kw_only=True)
class Alteration:
    """What one replay does to the bars after a cut."""

    kind: ReplayKind
    cut: int  # the last bar that stays as it is
    seed: int
    reach: int | None = None  # bars after the cut that the replay has; None: all of them

    def apply(self, bars: Bars) -> Bars:
        """The altered bars. Prices up to the cut are the run's own; the fingerprint is one that no other bars have."""
        end = self.cut + 1
        if self.kind is ReplayKind.TRUNCATED:
            length = end
        else:
            length = len(bars) if self.reach is None else min(len(bars), end + self.reach)
        panel = LazyPanel(lambda name: self._array(bars, name, length))
        name = blake3(f"{bars.fingerprint} {self.kind} {end} {length} {self.seed}".encode()).hexdigest()
        return bars.with_panel(bars.timestamps[:length], panel, name)

    def _array(self, bars: Bars, name: str, length: int) -> FloatArray | None:
        known: FloatArray | None = getattr(bars.panel, name)
        end = self.cut + 1
        if known is None or length == end:
            return None if known is None else known[:length]
        if self.kind is ReplayKind.SHUFFLED:
            return np.concatenate((known[:end], known[self._order(length)]))
        altered = known[:length].copy()
        if self.kind is ReplayKind.NAN:
            altered[end:] = np.nan if name in _PRICES else _NOTHING[name]
        elif name == "split":
            altered[end:] *= np.where(np.arange(length - end) % 2, 0.5, 2.0)[:, None]  # positions stay of a size
        else:
            altered[end:] *= self._scale
            if name == "dividend":
                few = slice(end, end + 5)
                altered[few] += 0.01 * self._scale * np.nan_to_num(bars.panel.close[:length][few])
        return altered

    @property
    def _scale(self) -> float:
        """Up after bars of an even number, down after the others: one threshold can't hide both."""
        return 1.0 / SCALE if self.cut % 2 else SCALE

    def _order(self, length: int) -> NDArray[np.intp]:
        """Which bars of the future stand where: the same order for every array."""
        end = self.cut + 1
        return np.random.default_rng((self.seed, self.cut)).permutation(length - end) + end
