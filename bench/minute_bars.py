"""W4 vectorised: an SMA cross over 1,000,000 one-minute bars, about 39,000 orders, warm.

`python bench/minute_bars.py [--rounds 15] [--record]`. The library's own parts one after the other: signals,
simulation, then the sweep's metrics or all of them. Averages, crossings, orders, fills and trades are inside the clock;
the bars are made (and hashed) before it starts.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable

from _timing import arguments, installed, median_ms, report
from event_lane import BARS, FAST, SLOW, minutes

import hindcast as hc
from hindcast.engine.history import PortfolioHistory
from hindcast.engine.indicators import sma_crossings
from hindcast.engine.metrics.annualisation import infer_periods_per_year
from hindcast.engine.metrics.drawdown import max_drawdown
from hindcast.engine.metrics.returns import simple_returns, total_return
from hindcast.engine.metrics.sharpe import sharpe_ratio
from hindcast.engine.metrics.trades import trade_statistics
from hindcast.engine.performance import PerformanceAnalyzer
from hindcast.engine.signals import Signals
from hindcast.engine.trade_engine import TradeEngine

CONFIG = hc.BacktestConfig(proof="off")


def signals_of(bars: hc.Bars) -> Signals:
    return Signals(side=sma_crossings(bars.panel.close, FAST, SLOW))


def simulated(bars: hc.Bars) -> PortfolioHistory:
    return TradeEngine().simulate(signals_of(bars), bars, CONFIG)


def metrics_of_the_sweep(history: PortfolioHistory) -> tuple[float | int | None, ...]:
    """Total return, Sharpe ratio, maximum drawdown, trades and win rate."""
    levels = history.curve
    ppy = infer_periods_per_year(history.timestamps)
    trades = trade_statistics(history.trades, history.timestamps)
    ratio = sharpe_ratio(simple_returns(levels), periods_per_year=ppy)
    return total_return(levels), ratio, max_drawdown(levels), trades["total_trades"], trades["win_rate"]


def of_hindcast(bars: hc.Bars) -> Callable[[], object]:
    config = {"parameters": {"short_window": FAST, "long_window": SLOW}, "config": CONFIG}
    return lambda: hc.run_backtest("sma_crossover", bars, **config).metrics


def of_vectorbt(bars: hc.Bars) -> Callable[[], object]:
    import vectorbt as vbt

    close, open_ = bars.close["X"], bars.open["X"]

    def work() -> object:
        fast, slow = vbt.MA.run(close, FAST), vbt.MA.run(close, SLOW)
        entries = fast.ma_crossed_above(slow).vbt.signals.fshift(1)
        exits = fast.ma_crossed_below(slow).vbt.signals.fshift(1)
        portfolio = vbt.Portfolio.from_signals(close, entries, exits, price=open_, freq="1min", init_cash=1e5)
        trades = portfolio.trades
        ratios = portfolio.total_return(), portfolio.sharpe_ratio(), portfolio.max_drawdown()
        return *ratios, trades.count(), trades.win_rate()

    return work


def main() -> None:
    options = arguments(__doc__, rounds=15)
    warnings.simplefilter("ignore")
    bars = minutes()
    history = simulated(bars)
    figures = {
        f"hindcast, 5 metrics, {len(history.orders):,} orders": median_ms(
            lambda: metrics_of_the_sweep(simulated(bars)), options.rounds
        ),
        "hindcast, all metrics": median_ms(lambda: PerformanceAnalyzer().analyze(simulated(bars)), options.rounds),
        "hindcast, run_backtest, all metrics": median_ms(of_hindcast(bars), options.rounds),
        "of it: signals": median_ms(lambda: signals_of(bars), options.rounds),
        "of it: signals, simulation": median_ms(lambda: simulated(bars), options.rounds),
    }
    half = minutes(BARS // 2)
    figures["hindcast, 5 metrics, 500,000 bars"] = median_ms(
        lambda: metrics_of_the_sweep(simulated(half)), options.rounds
    )
    peers = {"vectorbt": installed("vectorbt")}
    if peers["vectorbt"]:
        figures["vectorbt, 5 metrics"] = median_ms(of_vectorbt(bars), max(options.rounds // 5, 1))
    report("W4 vectorised", figures, peers, record=options.record)


if __name__ == "__main__":
    main()
