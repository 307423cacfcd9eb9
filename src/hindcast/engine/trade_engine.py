"""TradeEngine: the typed face of the simulation kernel."""

from __future__ import annotations

from hindcast.domain.backtest_config import BacktestConfig
from hindcast.engine.bars import Bars
from hindcast.engine.history import PortfolioHistory
from hindcast.engine.signals import Signals
from hindcast.engine.simulation import Simulation


class TradeEngine:
    """Simulates decisions on bars: fills, orders and the books at every close."""

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
