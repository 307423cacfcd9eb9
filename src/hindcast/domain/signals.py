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


class StrategySignal(CheckedRecord):
    """One decision for one symbol, made with the bar of `timestamp`.

    `target_weight`, a share of equity, takes the place of `signal_type` where it is given.
    """

    error_class = StrategyError

    symbol: str = Field(min_length=1)
    signal_type: SignalType = SignalType.HOLD
    strength: float = Field(1.0, gt=0, le=1)
    timestamp: datetime
    target_weight: float | None = None
    metadata: dict[str, Any] = Field(default_factory=dict)
