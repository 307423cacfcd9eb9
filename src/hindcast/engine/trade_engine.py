"""TradeEngine: the typed face of the simulation kernel."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from hindcast.domain.backtest_config import BacktestConfig
from hindcast.domain.errors import ConfigError
from hindcast.engine.bars import Bars
from hindcast.engine.event_lane import OnBar, play
from hindcast.engine.history import PortfolioHistory
from hindcast.engine.order_executors import (
    Bar,
    Execution,
    OrderExecutor,
    OrderLike,
    PortfolioLike,
    built_in_executors,
    checked_executors,
)
from hindcast.engine.signals import Signals
from hindcast.engine.simulation import Simulation


class TradeEngine:
    """Simulates decisions on bars: fills, orders and the books at every close.

    `executors` says, by order type, how an order fills on a bar; `register` adds a type of one's own.
    """

    def __init__(self) -> None:
        self.executors: dict[str, OrderExecutor] = built_in_executors()
        self._own: tuple[OrderExecutor, ...] = ()

    def register(self, executor: OrderExecutor) -> None:
        """Add an order type of one's own: `context.submit` orders it. Raises ConfigError where its name is taken."""
        self._own = tuple(checked_executors((*self._own, executor)))
        self.executors[executor.order_type] = executor

    def execute_order(self, order: OrderLike, bar: Bar, portfolio: PortfolioLike) -> Execution | None:
        """How an order fills on a bar, by its type. Raises ConfigError for a type that nobody registered."""
        executor = self.executors.get(order.type)
        if executor is None:
            raise ConfigError(f"no executor of order type '{order.type}'; there are: {', '.join(self.executors)}")
        return executor.execute(order, bar, portfolio)

    def simulate(
        self, signals: Signals, market_data: Bars, config: BacktestConfig, *, warm_up: int = 0
    ) -> PortfolioHistory:
        """Trade the signals on the bars by the rules of the configuration.

        Parameters
        ----------
        signals : Signals of shape (T, S)
            Each decision is made with its own bar's close and filled on a later bar (or, with `fill_on="close"`, at
            that close).
        market_data : Bars of shape (T, S)
        config : BacktestConfig
        warm_up : int
            Signals on the first so many bars are ignored, and counted.

        Returns
        -------
        PortfolioHistory

        Raises
        ------
        StrategyError
            The signals have another shape than the bars, or targets without weights.
        SimulationError
            Prices or sizes are so large that the books exceed float64.

        Notes
        -----
        The rules stand in docs/concepts/simulation.md. Symbols are worked and summed in the order of their names, so
        the order of columns does not matter; the same input gives the same bytes.
        """
        simulation = Simulation(market_data, config, signals=signals, warm_up=warm_up)
        simulation.advance(0, len(market_data) + 1)
        return simulation.history()

    def play(
        self,
        on_bar: OnBar,
        market_data: Bars,
        config: BacktestConfig,
        *,
        indicators: Mapping[str, Any] | None = None,
        warm_up: int = 0,
        executors: Iterable[OrderExecutor] = (),
    ) -> PortfolioHistory:
        """Call `on_bar` at each bar, and trade what it orders; see `hindcast.engine.event_lane.play`."""
        own = (*self._own, *executors)
        return play(on_bar, market_data, config, indicators=indicators, warm_up=warm_up, executors=own)
