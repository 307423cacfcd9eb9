"""One decision of a strategy, as a record: what a list of signals is made of."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import Field

from hindcast.domain.errors import StrategyError
from hindcast.domain.records import CheckedRecord


class SignalType(StrEnum):
    """BUY, SELL or HOLD."""

    BUY = "BUY"
    SELL = "SELL"
    HOLD = "HOLD"


def _price(description: str) -> Any:
    return Field(None, allow_inf_nan=True, description=description)


class StrategySignal(CheckedRecord):
    """One decision for one symbol, made with the bar of `timestamp`.

    `target_weight`, a share of equity, takes the place of `signal_type` where it is given. The prices make the order of
    a BUY or SELL more than a market order; None: not given. A price that is not finite and more than 0 is no error of
    the strategy: its order is rejected (`bad_price`).
    """

    error_class = StrategyError

    symbol: str = Field(min_length=1)
    signal_type: SignalType = SignalType.HOLD
    strength: float = Field(1.0, gt=0, le=1)
    timestamp: datetime
    target_weight: float | None = None
    limit: float | None = _price("Worst price to trade at")
    stop: float | None = _price("Price that has to be reached first; with `limit` a stop-limit")
    trailing: float | None = _price("Distance of a trailing stop, money per unit")
    trailing_pct: float | None = _price("The same as a fraction of the price")
    stop_loss: float | None = _price("Price of the exit at a loss")
    take_profit: float | None = _price("Price of the exit at a profit")
    trailing_stop: float | None = _price("Distance of a trailing stop-loss, money per unit")
    trailing_stop_pct: float | None = _price("The same as a fraction of the price")
    metadata: dict[str, Any] = Field(default_factory=dict)
