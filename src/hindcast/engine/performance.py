"""PerformanceAnalyzer: every metric of a run, or of an equity curve from elsewhere."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hindcast.domain.performance import PerformanceMetrics
from hindcast.engine.curves import curve_statistics
from hindcast.engine.equity_curve import EquityCurve
from hindcast.engine.history import PortfolioHistory
from hindcast.engine.kernels.curve_metrics import DAYS_PER_YEAR
from hindcast.engine.metrics.activity import time_in_market, turnover
from hindcast.engine.metrics.annualisation import checked_periods_per_year, elapsed_days, infer_periods_per_year
from hindcast.engine.metrics.benchmark import BenchmarkSeries, align, relative_statistics
from hindcast.engine.metrics.trades import trade_statistics
from hindcast.engine.metrics.values import as_levels
from hindcast.engine.stamps import to_datetime

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
RecordArray = NDArray[np.void]
Values = dict[str, float | int | None]


class PerformanceAnalyzer:
    """Computes every metric of the catalogue from what a run leaves behind."""

    def analyze(
        self,
        portfolio_history: PortfolioHistory,
        trades: RecordArray | None = None,
        benchmark_data: BenchmarkSeries | None = None,
        *,
        risk_free_rate: float = 0.0,
        periods_per_year: float | None = None,
    ) -> PerformanceMetrics:
        """Every metric of a run.

        Parameters
        ----------
        portfolio_history : PortfolioHistory
            The run's books. E_0 is the initial capital, E_1..E_n the equity at each bar's close.
        trades : ndarray of TRADE_DTYPE, optional
            Closed trades; the history's own by default.
        benchmark_data : BenchmarkSeries, optional
            Aligned on the stamps of the bars. The initial capital meets the benchmark's value at the first bar: so
            both begin together, and what a run does on its first bar is in the first common return.
        risk_free_rate : float, default 0
            Per year, as a fraction.
        periods_per_year : float, optional
            Inferred from the spacing of the bars by default.

        Returns
        -------
        PerformanceMetrics
            None where a metric is undefined; the benchmark's metrics are None without a benchmark.

        Raises
        ------
        ConfigError
            risk_free_rate or periods_per_year is out of bounds.
        BenchmarkError
            The benchmark shares no date with the run.
        """
        history = portfolio_history
        levels = as_levels(history.curve)
        stamps = history.curve_timestamps
        days = elapsed_days(stamps)
        ppy = (
            infer_periods_per_year(history.timestamps)
            if periods_per_year is None
            else checked_periods_per_year(periods_per_year)
        )
        rates = {"periods_per_year": ppy, "risk_free_rate": float(risk_free_rate)}
        values: Values = {**curve_statistics(levels, days=days, **rates)}
        values |= trade_statistics(history.trades if trades is None else trades, history.timestamps)
        values |= _activity(history, levels, float(days[-1]) / DAYS_PER_YEAR)
        if benchmark_data is not None:
            at_bars = levels[1:].copy()
            at_bars[0] = levels[0]
            values |= _against(at_bars, history.timestamps, benchmark_data, rates)
        return _metrics(values, rates, levels.size - 1, stamps, ruined=history.ruined_at >= 0)


def analyze_curve(
    curve: EquityCurve,
    *,
    benchmark: BenchmarkSeries | None = None,
    risk_free_rate: float = 0.0,
    periods_per_year: float | None = None,
) -> PerformanceMetrics:
    """Every metric that an equity curve alone can give; those of trades and activity are None.

    Parameters
    ----------
    curve : EquityCurve
        Its first level is E_0.
    benchmark : BenchmarkSeries, optional
        Aligned on the curve's stamps, that of E_0 included; on positions 0..n if the curve has no stamps.
    risk_free_rate : float, default 0
        Per year, as a fraction.
    periods_per_year : float, optional
        Inferred from the stamps by default.

    Returns
    -------
    PerformanceMetrics

    Raises
    ------
    ConfigError
        risk_free_rate or periods_per_year is out of bounds, or the latter can't be inferred.
    BenchmarkError
        The benchmark shares no date with the curve.

    Examples
    --------
    >>> import numpy as np
    >>> found = analyze_curve(EquityCurve(levels=np.array([100.0, 120.0, 90.0])), periods_per_year=252)
    >>> found.max_drawdown, found.observations, found.total_trades
    (0.25, 2, None)
    """
    ppy = curve.periods_per_year(periods_per_year)
    rates = {"periods_per_year": ppy, "risk_free_rate": float(risk_free_rate)}
    values: Values = {**curve_statistics(curve.levels, days=curve.days(ppy), **rates)}
    if benchmark is not None:
        values |= _against(curve.levels, curve.positions(), benchmark, rates)
    ruined = bool((curve.levels <= 0.0).any())
    return _metrics(values, rates, curve.levels.size - 1, curve.timestamps, ruined=ruined)


def _activity(history: PortfolioHistory, levels: FloatArray, years: float) -> Values:
    return {
        "time_in_market": time_in_market(history.gross_exposure),
        "turnover": turnover(history.fills, levels, years=years),
        "total_commission": float(history.fills["commission"].sum()),
        "total_slippage": float(history.fills["slippage"].sum()),
        "total_financing": float(history.total_financing),
    }


def _against(levels: FloatArray, stamps: IntArray, benchmark: BenchmarkSeries, rates: dict[str, float]) -> Values:
    common = align(levels, stamps, benchmark)
    return {
        **relative_statistics(common, **rates),
        "benchmark_common_observations": common.levels.size - 1,
        "benchmark_dropped_dates": common.dropped,
    }


def _metrics(
    values: Values, rates: dict[str, float], observations: int, stamps: IntArray | None, *, ruined: bool
) -> PerformanceMetrics:
    return PerformanceMetrics(
        **values,
        **rates,
        observations=observations,
        start=None if stamps is None else to_datetime(stamps[0]),
        end=None if stamps is None else to_datetime(stamps[-1]),
        ruined=ruined,
    )
