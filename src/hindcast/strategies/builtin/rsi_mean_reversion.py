"""Bet on the way back: buy what has fallen too fast, sell what has risen too fast."""

from __future__ import annotations

from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from hindcast.engine.bars import Bars
from hindcast.engine.indicators.crossings import crossings
from hindcast.engine.indicators.momentum import rsi
from hindcast.engine.layout import SIGNAL_BUY, SIGNAL_HOLD, SIGNAL_SELL
from hindcast.engine.signals import Signals
from hindcast.strategies.configs import StrategyConfig
from hindcast.strategies.protocol import BaseStrategy


class RsiMeanReversion(BaseStrategy):
    """BUY when Wilder's RSI of the close falls below `oversold`, SELL when it rises above `overbought`.

    The signal is the crossing, not the state: an RSI that starts below `oversold`, or stays there after the position
    was closed, gives no BUY before it has been above it.
    """

    STRATEGY_TYPE: ClassVar[str] = "rsi_mean_reversion"

    class Config(StrategyConfig):
        """The RSI's window in bars, and its two levels."""

        window: int = Field(14, ge=2, le=10_000, description="Bars of Wilder's smoothing")
        oversold: float = Field(30.0, gt=0, lt=100, description="RSI below which to buy; less than overbought")
        overbought: float = Field(70.0, gt=0, lt=100, description="RSI above which to sell")

        @model_validator(mode="after")
        def _levels_are_in_order(self) -> Self:
            if self.oversold >= self.overbought:
                raise ValueError(
                    f"oversold = {self.oversold:g} and overbought = {self.overbought:g}: "
                    "oversold must be smaller than overbought"
                )
            return self

    config: Config

    @property
    def warm_up(self) -> int:
        """The first crossing is possible one bar after the RSI's first value, which needs `window` moves."""
        return self.config.window + 1

    def calculate_indicators(self, data: Bars) -> dict[str, NDArray[np.float64]]:
        """`rsi`, 0 to 100."""
        return {"rsi": rsi(data.panel.close, self.config.window)}

    def generate_signals(self, data: Bars) -> Signals:
        """BUY where the RSI falls below `oversold`, SELL where it rises above `overbought`."""
        index = np.asarray(data.indicators["rsi"])
        falls = crossings(index, np.full(index.shape, self.config.oversold)) == SIGNAL_SELL
        rises = crossings(index, np.full(index.shape, self.config.overbought)) == SIGNAL_BUY
        side = np.where(falls, SIGNAL_BUY, np.where(rises, SIGNAL_SELL, SIGNAL_HOLD))
        return Signals(side=side.astype(np.int8))
