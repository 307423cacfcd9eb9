"""Plug-in points of a configuration: costs and sizes that a user computes, one class for each."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from inspect import isabstract
from math import nan
from typing import Any, ClassVar, Final, Literal

from hindcast.domain.errors import ConfigError
from hindcast.domain.records import CheckedRecord

UNITS: Final = ("cash", "quantity")


class CustomModel(CheckedRecord, ABC):
    """A frozen record whose fields are parameters: these, and the class's source, are in the manifest.

    A model remembers nothing between calls: what it returns follows from its fields and the arguments alone.
    """

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        """Refuse a field that the stored form needs for itself."""
        if "kind" in cls.model_fields:
            raise ConfigError(f"{cls.__name__} has a field 'kind', which tells models apart: call it something else")


class SlippageModel(CustomModel):
    """How much worse than the market's price a fill is.

    Examples
    --------
    >>> class Stamp(SlippageModel):
    ...     duty: float = 0.005
    ...     def price(self, price: float, side: int, quantity: float, volume: float) -> float:
    ...         return price * (1 + self.duty) if side > 0 else price
    >>> Stamp().price(100.0, side=1, quantity=10, volume=1e6)
    100.49999999999999
    """

    @abstractmethod
    def price(self, price: float, side: int, quantity: float, volume: float) -> float:
        """Give the price that is paid, not better than `price`.

        Parameters
        ----------
        price
            Price of the fill before slippage, in the panel's currency.
        side
            1 for a buy, -1 for a sale.
        quantity
            Units to be filled, before any cut for cash.
        volume
            The bar's volume in units; 0 where it is not known.
        """


class CommissionModel(CustomModel):
    """What an order costs on top of its price."""

    @abstractmethod
    def commission(self, quantity: float, notional: float) -> float:
        """Give the money due for an order so far; it may not fall as the order fills further.

        Each fill is charged what this has grown by since the order's last fill.

        Parameters
        ----------
        quantity
            Units that the order has filled so far, this fill included.
        notional
            Sum of quantity times price of these fills, money.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeRequest:
    """What a position sizer may know of the order that it sizes."""

    symbol: str
    side: int  # 1 for a buy, -1 for a sale
    strength: float  # the signal's, in (0, 1]
    equity: float  # recorded at the decision bar
    symbols: int  # number of symbols of the panel
    last_close: float
    entry: float  # limit, else stop, else last close
    stop_loss: float = nan  # price; NaN where there is none
    closes: Sequence[float]  # up to the decision bar, oldest first, bars without a price left out, splits undone


class PositionSizer(CustomModel):
    """How much a signal buys or sells; `unit` says whether that is money or units."""

    unit: ClassVar[Literal["cash", "quantity"]]

    @abstractmethod
    def size(self, request: SizeRequest) -> float:
        """Give the size for a signal of strength 1, more than 0; it is multiplied by the signal's strength.

        Zero, less, or no number: the order is rejected (`no_size`).
        """

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        """Refuse a sizer that does not say what it counts in."""
        super().__pydantic_init_subclass__()
        unit = getattr(cls, "unit", None)
        if unit not in UNITS and not (unit is None and isabstract(cls)):
            raise ConfigError(f"{cls.__name__}.unit is {unit!r}; expected unit = 'cash' or unit = 'quantity'")
