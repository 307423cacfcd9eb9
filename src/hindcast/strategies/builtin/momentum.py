"""Hold what has gone up: time-series momentum."""

from __future__ import annotations

from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from hindcast.engine.bars import Bars
from hindcast.engine.indicators.returns import simple_returns
from hindcast.engine.layout import SIGNAL_BUY, SIGNAL_HOLD, SIGNAL_SELL
from hindcast.engine.signals import Signals
from hindcast.strategies.configs import StrategyConfig
from hindcast.strategies.protocol import BaseStrategy


class Momentum(BaseStrategy):
    """BUY when the return over the last `lookback` bars gets above `threshold`, SELL when it no longer is.

    The first return decides at once: BUY if it is above, else SELL. The latest `skip` bars are left out of the return:
    close[t - skip] / close[t - lookback] - 1. A symbol's missing bars are not counted, and decide nothing.

    References
    ----------
    Moskowitz, T., Ooi, Y. H., Pedersen, L. H. (2012). Time series momentum. Journal of Financial Economics 104(2).
    https://doi.org/10.1016/j.jfineco.2011.11.003
    """

    STRATEGY_TYPE: ClassVar[str] = "momentum"

    class Config(StrategyConfig):
        """How far to look back, what to leave out, and how much is enough."""

        lookback: int = Field(126, ge=1, le=10_000, description="Bars from which the return is counted")
        skip: int = Field(0, ge=0, le=10_000, description="Latest bars to leave out; less than lookback")
        threshold: float = Field(0.0, gt=-1, description="Return, as a fraction, above which to hold")

        @model_validator(mode="after")
        def _something_is_left(self) -> Self:
            if self.skip >= self.lookback:
                raise ValueError(
                    f"skip = {self.skip} and lookback = {self.lookback}: skip must be smaller than lookback"
                )
            return self

    config: Config

    @property
    def warm_up(self) -> int:
        """The first return needs `lookback` bars before it."""
        return self.config.lookback

    def calculate_indicators(self, data: Bars) -> dict[str, NDArray[np.float64]]:
        """`momentum`, a return as a fraction."""
        close = data.panel.close
        past = simple_returns(close, self.config.lookback)
        if self.config.skip:
            past = (1.0 + past) / (1.0 + simple_returns(close, self.config.skip)) - 1.0
        return {"momentum": past}

    def generate_signals(self, data: Bars) -> Signals:
        """BUY where the return gets above `threshold`, SELL where it gets to or below it."""
        past = np.asarray(data.indicators["momentum"])
        state = np.where(past > self.config.threshold, SIGNAL_BUY, SIGNAL_SELL).astype(np.int8)
        state[np.isnan(past)] = SIGNAL_HOLD
        state[1:][state[1:] == _carried(state)[:-1]] = SIGNAL_HOLD
        return Signals(side=state)


def _carried(state: NDArray[np.int8]) -> NDArray[np.int8]:
    """Each column's last decision up to each bar."""
    bars = np.where(state != SIGNAL_HOLD, np.arange(len(state))[:, None], 0)
    return np.take_along_axis(state, np.maximum.accumulate(bars, axis=0), axis=0)
