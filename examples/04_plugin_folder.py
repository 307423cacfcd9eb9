"""Strategies from a folder of plugins: load them, see what they take, run one."""

from __future__ import annotations

from pathlib import Path

import hindcast as hc
from hindcast.strategies.factory import StrategyFactory
from hindcast.strategies.plugin_loader import StrategyPluginLoader

folder = Path(__file__).parent.parent / "plugins" / "strategies"
loader = StrategyPluginLoader(folder)
loader.load_all()
for strategy_type in loader.loaded_plugins:
    description = StrategyFactory.describe(strategy_type)
    print(f"{strategy_type}: {description.summary}")
    print(f"  defaults: {description.defaults}")
for source, error in loader.broken_plugins.items():
    print(f"{source} is broken: {error}")

bars = hc.load_bars(["SPX"], provider="sample", start="1999-01-04", end="2018-12-31")
result = hc.run_backtest("donchian_breakout", bars, parameters={"entry_window": 40})
print(f"donchian_breakout: {len(result.trades)} trades, return {result.metrics.total_return:.2%}")
