"""A sample plugin: a file in this folder is a strategy. Copy it, rename it, change STRATEGY_TYPE."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from hindcast import Bars, BaseStrategy, Signals, StrategyConfig
from hindcast.engine.indicators import rolling_max, rolling_min


class DonchianBreakout(BaseStrategy):
    """BUY when the close rises above the highest high of the bars before it, SELL when it falls below their lowest low.

    The entry looks back further than the exit: trends are joined late and left early.
    """

    STRATEGY_TYPE: ClassVar[str] = "donchian_breakout"

    class Config(StrategyConfig):
        """How many bars the two channels hold, the current one not counted."""

        entry_window: int = Field(55, ge=2, le=10_000, description="Bars of the channel that a BUY must leave upwards")
        exit_window: int = Field(
            20, ge=2, le=10_000, description="Bars of the channel that a SELL must leave downwards"
        )

    config: Config

    @property
    def warm_up(self) -> int:
        """Bars before both channels are full."""
        return max(self.config.entry_window, self.config.exit_window)

    def calculate_indicators(self, data: Bars) -> dict[str, NDArray[np.float64]]:
        """`upper` and `lower`: the channel as it stood before each bar, in the unit of prices."""
        return {
            "upper": _before(rolling_max(data.panel.high, self.config.entry_window)),
            "lower": _before(rolling_min(data.panel.low, self.config.exit_window)),
        }

    def generate_signals(self, data: Bars) -> Signals:
        """BUY above the upper edge, SELL below the lower one."""
        close = data.panel.close
        return Signals.from_entries(close > data.indicators["upper"], close < data.indicators["lower"])


def _before(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same column, one bar later."""
    later = np.full(values.shape, np.nan)
    later[1:] = values[:-1]
    return later
