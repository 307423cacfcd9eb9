"""Equity curves and returns as a user has them: a pandas or polars column, an array, a list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hindcast.domain.errors import BenchmarkError, ConfigError, DataError
from hindcast.domain.performance import PerformanceMetrics
from hindcast.engine.equity_curve import EquityCurve, check_stamps
from hindcast.engine.metrics.benchmark import BenchmarkSeries
from hindcast.engine.performance import analyze_curve
from hindcast.engine.stamps import to_nanoseconds

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


def analyze_performance(
    equity: ArrayLike | None = None,
    *,
    returns: ArrayLike | None = None,
    benchmark: ArrayLike | BenchmarkSeries | None = None,
    risk_free_rate: float = 0.0,
    periods_per_year: float | None = None,
) -> PerformanceMetrics:
    """Every metric that an equity curve, or a column of returns, can give.

    Parameters
    ----------
    equity : array_like, shape (n + 1,), optional
        Levels in money; the first is E_0. A pandas Series with dates as its index, a polars frame of dates and
        values, or values alone: an array, a list, a polars Series. Either this or ``returns``.
    returns : array_like, shape (n,), optional
        Simple returns per period as fractions, in the same forms. E_0 = 1, and the first return counts: its start is
        taken to be one spacing earlier.
    benchmark : array_like or BenchmarkSeries, optional
        In the same form as the curve: levels beside ``equity``, returns beside ``returns``. With dates it is aligned
        on those that both have, and NaN levels count as missing dates; without dates it has the curve's length.
    risk_free_rate : float, default 0
        Per year, as a fraction.
    periods_per_year : float, optional
        Inferred from the dates by default; needed where there are none (the curve then lasts n / periods_per_year
        years).

    Returns
    -------
    PerformanceMetrics
        None where a metric is undefined, or where a curve alone can't tell (trades, turnover).

    Raises
    ------
    ConfigError
        Both or neither of equity and returns; no dates and no periods_per_year; a rate out of bounds.
    DataError
        Values that are not finite (named by position and date), dates that are unsorted or doubled, E_0 <= 0.
    BenchmarkError
        A benchmark that shares no date with the curve, or has dates where the curve has none.

    Examples
    --------
    >>> found = analyze_performance([100.0, 120.0, 90.0, 130.0], periods_per_year=252)
    >>> found.max_drawdown, round(found.total_return, 6)
    (0.25, 0.3)
    """
    if (equity is None) == (returns is None):
        given = "neither" if equity is None else "both"
        raise ConfigError(f"analyze_performance got {given} of equity and returns; pass exactly one of them")
    if returns is not None:
        values, stamps = _column(returns, name="returns")
        curve = EquityCurve.from_returns(values, stamps)
    else:
        values, stamps = _column(cast("ArrayLike", equity), name="equity")
        curve = EquityCurve(levels=values, timestamps=stamps)
    against = None
    if isinstance(benchmark, BenchmarkSeries):
        against = benchmark
    elif benchmark is not None:
        against = _benchmark(benchmark, curve, as_returns=returns is not None)
    return analyze_curve(curve, benchmark=against, risk_free_rate=risk_free_rate, periods_per_year=periods_per_year)


def benchmark_series(data: ArrayLike) -> BenchmarkSeries:
    """Levels by date as a benchmark: a pandas Series with dates as its index, or a frame of dates and values.

    Raises BenchmarkError for values without dates, DataError for what is no column of numbers.
    """
    values, stamps = _column(data, name="benchmark")
    if stamps is None:
        raise BenchmarkError("the benchmark has no dates; give a series with dates as its index, or Bars")
    return BenchmarkSeries(symbol=_symbol(data), timestamps=stamps, values=values)


def _symbol(data: ArrayLike) -> str:
    return str(getattr(data, "name", None) or "benchmark")


def _benchmark(data: ArrayLike, curve: EquityCurve, *, as_returns: bool) -> BenchmarkSeries:
    values, stamps = _column(data, name="benchmark")
    if (stamps is None) != (curve.timestamps is None):
        have, lack = ("curve", "benchmark") if stamps is None else ("benchmark", "curve")
        raise BenchmarkError(f"the {have} has dates but the {lack} has none; give both dates, or neither")
    if stamps is not None:
        check_stamps(stamps, values.size, name="benchmark")
    if as_returns:
        start = None
        if stamps is not None and curve.timestamps is not None and stamps.size and stamps[0] == curve.timestamps[1]:
            start = int(curve.timestamps[0])
        own = EquityCurve.from_returns(values, stamps, start=start)
        values, stamps = own.levels, own.timestamps
    if stamps is None:
        if values.size != curve.levels.size:
            raise BenchmarkError(
                f"the benchmark gives {values.size} levels, the curve {curve.levels.size}; without dates they must "
                "have the same length"
            )
        stamps = curve.positions()
    return BenchmarkSeries(symbol=_symbol(data), timestamps=stamps, values=values)


def _column(data: ArrayLike, *, name: str) -> tuple[FloatArray, IntArray | None]:
    """Values, and stamps where the data has them."""
    columns = getattr(data, "columns", None)
    index = getattr(data, "index", None)
    if callable(index):  # a list's or tuple's method
        index = None
    if columns is not None:
        data, index = _one_of(data, list(columns), index, name=name)
    stamps = None
    if index is not None and getattr(getattr(index, "dtype", None), "kind", "O") not in "iuf":
        stamps = to_nanoseconds(index)
    try:
        values = np.asarray(data, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(f"{name} can't be read as numbers: {error}; expected one column of floats") from None
    if values.ndim != 1:
        raise DataError(f"{name} has shape {values.shape}; expected one column")
    return values, stamps


def _one_of(
    frame: ArrayLike, columns: Sequence[str], index: ArrayLike | None, *, name: str
) -> tuple[ArrayLike, ArrayLike]:
    """The value column of a frame and its dates: the index, or the first of two columns."""
    table = cast("dict[str, ArrayLike]", frame)
    if index is not None and len(columns) == 1:
        return table[columns[0]], index
    if index is None and len(columns) == 2:
        return table[columns[1]], np.asarray(table[columns[0]])
    raise DataError(
        f"{name} is a frame with the columns {list(columns)}; expected one column of values with dates as its index, "
        "or a column of dates and a column of values"
    )
