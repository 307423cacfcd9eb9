"""The yardstick: buy once, do nothing."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from hindcast.engine.bars import Bars
from hindcast.engine.layout import SIGNAL_BUY
from hindcast.engine.signals import Signals
from hindcast.strategies.protocol import BaseStrategy


class BuyAndHold(BaseStrategy):
    """BUY each symbol on its first bar, and never sell."""

    STRATEGY_TYPE: ClassVar[str] = "buy_and_hold"

    def generate_signals(self, data: Bars) -> Signals:
        """One BUY per symbol, on the first bar that has a price."""
        priced = np.isfinite(data.panel.close)
        signals = Signals.hold(data.shape)
        columns = np.flatnonzero(priced.any(axis=0))
        signals.side[priced.argmax(axis=0)[columns], columns] = SIGNAL_BUY
        return signals
