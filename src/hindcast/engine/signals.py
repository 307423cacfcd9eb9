"""Signals: what a vectorised strategy decides, one cell per bar and symbol."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hindcast.domain.errors import StrategyError
from hindcast.engine import layout

FloatArray = NDArray[np.float64]
ByteArray = NDArray[np.int8]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signals:
    """Decisions of a strategy: T bars by S symbols, each made with its bar's close and acted on afterwards.

    `side` holds SIGNAL_HOLD, SIGNAL_BUY, SIGNAL_SELL or SIGNAL_TARGET. `strength`, in (0, 1], scales the size
    (None: 1 everywhere). `weight` is the target weight where `side` is SIGNAL_TARGET, a share of equity.
    """

    side: ByteArray  # (T, S)
    strength: FloatArray | None = None  # (T, S)
    weight: FloatArray | None = None  # (T, S)

    @classmethod
    def hold(cls, shape: tuple[int, int]) -> Self:
        """No decision anywhere."""
        return cls(side=np.zeros(shape, dtype=np.int8))

    @classmethod
    def from_entries(cls, buy: ArrayLike, sell: ArrayLike, strength: ArrayLike | None = None) -> Self:
        """BUY where `buy` is true, SELL where `sell` is true; both or neither: HOLD. Booleans of shape (T, S)."""
        wants_buy = _booleans("buy", buy)
        wants_sell = _booleans("sell", sell)
        if wants_buy.shape != wants_sell.shape:
            raise StrategyError(f"buy has shape {wants_buy.shape}, sell {wants_sell.shape}; expected the same")
        side = np.zeros(wants_buy.shape, dtype=np.int8)
        side[wants_buy & ~wants_sell] = layout.SIGNAL_BUY
        side[wants_sell & ~wants_buy] = layout.SIGNAL_SELL
        return cls(side=side, strength=None if strength is None else np.array(strength, dtype=np.float64))

    @classmethod
    def from_targets(cls, weight: ArrayLike) -> Self:
        """Target weights, shares of equity of shape (T, S); NaN makes no decision."""
        weights = np.array(weight, dtype=np.float64)
        side = np.where(np.isnan(weights), layout.SIGNAL_HOLD, layout.SIGNAL_TARGET).astype(np.int8)
        return cls(side=side, weight=weights)

    @property
    def shape(self) -> tuple[int, ...]:
        """(T, S)."""
        return self.side.shape


def _booleans(name: str, values: ArrayLike) -> NDArray[np.bool_]:
    array = np.asarray(values)
    if array.dtype == np.bool_:
        return array
    raise StrategyError(f"{name} is of type {array.dtype}; expected booleans (compare, don't subtract)")
