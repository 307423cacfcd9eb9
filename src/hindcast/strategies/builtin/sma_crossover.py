"""Follow the trend: in while the short average is above the long one."""

from __future__ import annotations

from typing import ClassVar, Self

from pydantic import Field, model_validator

from hindcast.engine.bars import Bars
from hindcast.engine.indicators.crossings import sma_crossings
from hindcast.engine.signals import Signals
from hindcast.strategies.configs import StrategyConfig
from hindcast.strategies.protocol import BaseStrategy


class SmaCrossover(BaseStrategy):
    """BUY when the short simple moving average of the close crosses above the long one, SELL when it crosses below.

    A crossing needs both averages on two sides: a symbol that starts with the short one above gives no BUY before the
    short one has been below. Averages that only touch don't cross.
    """

    STRATEGY_TYPE: ClassVar[str] = "sma_crossover"

    class Config(StrategyConfig):
        """Windows of the two averages, in bars."""

        short_window: int = Field(10, ge=1, le=10_000, description="Bars of the short average")
        long_window: int = Field(30, ge=2, le=10_000, description="Bars of the long average; more than short_window")

        @model_validator(mode="after")
        def _short_is_shorter(self) -> Self:
            if self.short_window >= self.long_window:
                raise ValueError(
                    f"short_window = {self.short_window} and long_window = {self.long_window}: "
                    "short_window must be smaller than long_window"
                )
            return self

    config: Config

    @property
    def warm_up(self) -> int:
        """The first crossing is possible one bar after the long average's first value."""
        return self.config.long_window

    def generate_signals(self, data: Bars) -> Signals:
        """BUY and SELL where the averages cross; the averages themselves are never stored."""
        return Signals(side=sma_crossings(data.panel.close, self.config.short_window, self.config.long_window))
