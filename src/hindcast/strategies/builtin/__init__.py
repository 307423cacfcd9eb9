"""The strategies that come with Hindcast; each is loaded when it is first asked for."""

from __future__ import annotations

from typing import Final

# Strategy type → module and class.
BUILTIN_STRATEGIES: Final = {
    "buy_and_hold": ("hindcast.strategies.builtin.buy_and_hold", "BuyAndHold"),
    "momentum": ("hindcast.strategies.builtin.momentum", "Momentum"),
    "rsi_mean_reversion": ("hindcast.strategies.builtin.rsi_mean_reversion", "RsiMeanReversion"),
    "sma_crossover": ("hindcast.strategies.builtin.sma_crossover", "SmaCrossover"),
}
