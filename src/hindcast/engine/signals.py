"""Signals: what a vectorised strategy decides, one cell per bar and symbol."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self, TypedDict, Unpack

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hindcast.domain.errors import StrategyError
from hindcast.engine import layout

FloatArray = NDArray[np.float64]
ByteArray = NDArray[np.int8]


class SignalPrices(TypedDict, total=False):
    """What a signal may say of its order's prices: numbers of shape (T, S), or anything that broadcasts to it."""

    limit: ArrayLike | None
    stop: ArrayLike | None
    trailing: ArrayLike | None
    trailing_pct: ArrayLike | None
    stop_loss: ArrayLike | None
    take_profit: ArrayLike | None
    trailing_stop: ArrayLike | None
    trailing_stop_pct: ArrayLike | None


SIGNAL_PRICES: Final = tuple(SignalPrices.__annotations__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signals:
    """Decisions of a strategy: T bars by S symbols, each made with its bar's close and acted on afterwards.

    `side` holds SIGNAL_HOLD, SIGNAL_BUY, SIGNAL_SELL or SIGNAL_TARGET. `strength`, in (0, 1], scales the size
    (None: 1 everywhere). `weight` is the target weight where `side` is SIGNAL_TARGET, a share of equity. The other
    columns make the order of a BUY or SELL more than a market order, cell by cell; NaN, or None for a whole column: not
    given. A price that is not more than 0 rejects the order (`bad_price`), it does not fail the run.
    """

    side: ByteArray  # (T, S)
    strength: FloatArray | None = None  # (T, S)
    weight: FloatArray | None = None  # (T, S)
    limit: FloatArray | None = None  # (T, S) price
    stop: FloatArray | None = None  # (T, S) price; with `limit` a stop-limit
    trailing: FloatArray | None = None  # (T, S) a trailing stop's distance, money per unit
    trailing_pct: FloatArray | None = None  # (T, S) the same as a fraction of the price
    stop_loss: FloatArray | None = None  # (T, S) price of the exit at a loss
    take_profit: FloatArray | None = None  # (T, S) price of the exit at a profit
    trailing_stop: FloatArray | None = None  # (T, S) a trailing stop-loss's distance, money per unit
    trailing_stop_pct: FloatArray | None = None  # (T, S) the same as a fraction of the price

    @classmethod
    def hold(cls, shape: tuple[int, int]) -> Self:
        """No decision anywhere."""
        return cls(side=np.zeros(shape, dtype=np.int8))

    @classmethod
    def from_entries(
        cls, buy: ArrayLike, sell: ArrayLike, strength: ArrayLike | None = None, **prices: Unpack[SignalPrices]
    ) -> Self:
        """BUY where `buy` is true, SELL where `sell` is true; both or neither: HOLD.

        Parameters
        ----------
        buy, sell
            Booleans of shape (T, S).
        strength
            Numbers in (0, 1] of shape (T, S), or one for all; 1 where it is not given.
        **prices
            `limit`, `stop`, `trailing`, `trailing_pct`, `stop_loss`, `take_profit`, `trailing_stop`,
            `trailing_stop_pct`: numbers of shape (T, S), or one for all; NaN: not given.

        Raises
        ------
        StrategyError
            `buy` or `sell` are no booleans, or shapes don't fit.

        Examples
        --------
        >>> import numpy as np
        >>> buy = np.array([[True], [False]])
        >>> Signals.from_entries(buy, ~buy, stop_loss=np.array([[9.5], [np.nan]]), trailing_pct=0.1).trailing_pct
        array([[0.1],
               [0.1]])
        """
        wants_buy = _booleans("buy", buy)
        wants_sell = _booleans("sell", sell)
        if wants_buy.shape != wants_sell.shape:
            raise StrategyError(f"buy has shape {wants_buy.shape}, sell {wants_sell.shape}; expected the same")
        side = np.zeros(wants_buy.shape, dtype=np.int8)
        side[wants_buy & ~wants_sell] = layout.SIGNAL_BUY
        side[wants_sell & ~wants_buy] = layout.SIGNAL_SELL
        given = {"strength": strength, **prices}
        columns = {name: _column(name, values, side.shape) for name, values in given.items() if values is not None}
        return cls(side=side, **columns)

    @classmethod
    def from_targets(cls, weight: ArrayLike) -> Self:
        """Target weights, shares of equity of shape (T, S); NaN makes no decision.

        A target is a market order: it takes no prices, and no stop-loss or take-profit.
        """
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


def _column(name: str, values: object, shape: tuple[int, ...]) -> FloatArray:
    try:
        numbers = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise StrategyError(f"{name}: {error}; expected numbers of shape {shape}") from None
    try:
        return np.array(np.broadcast_to(numbers, shape), order="C")
    except ValueError:
        raise StrategyError(f"{name} has shape {numbers.shape}; expected {shape} (bars, symbols)") from None
