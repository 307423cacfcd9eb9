"""The curve metrics of one equity curve or of thousands, by the same compiled pass."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hindcast.domain.errors import ConfigError, DataError
from hindcast.engine.kernels.curve_metrics import CURVE_COLUMNS, curve_rows
from hindcast.engine.metrics.annualisation import checked_periods_per_year, even_days, risk_free_per_period
from hindcast.engine.metrics.values import defined, read_only

FloatArray = NDArray[np.float64]

SMALLEST_SHARE = 100_000  # levels; for fewer, a thread costs more than it saves


def curve_statistics(
    levels: FloatArray, *, days: FloatArray, periods_per_year: float, risk_free_rate: float = 0.0
) -> dict[str, float | None]:
    """Curve metrics by name.

    Parameters
    ----------
    levels : ndarray, shape (n + 1,)
        Equity E_0..E_n in money, finite, E_0 > 0, n >= 1.
    days : ndarray, shape (n + 1,)
        When each level was, in days from any origin.
    periods_per_year : float
    risk_free_rate : float, default 0
        Per year, as a fraction.

    Returns
    -------
    dict
        The names of `CURVE_COLUMNS`; None where undefined.

    Examples
    --------
    >>> import numpy as np
    >>> found = curve_statistics(np.array([100.0, 110.0]), days=np.array([0.0, 365.25]), periods_per_year=1)
    >>> round(found["annualized_return"], 6), found["sharpe_ratio"]
    (0.1, None)
    """
    rate = risk_free_per_period(risk_free_rate, periods_per_year)
    out = np.empty((1, len(CURVE_COLUMNS)))
    _fill(levels[np.newaxis, :], days, float(periods_per_year), rate, out)
    return {name: defined(value) for name, value in zip(CURVE_COLUMNS, out[0].tolist(), strict=True)}


def analyze_curves(
    equity: ArrayLike, *, periods_per_year: float, risk_free_rate: float = 0.0, workers: int | None = None
) -> dict[str, FloatArray]:
    """Curve metrics of many equity curves of the same length.

    Parameters
    ----------
    equity : array_like, shape (N, n + 1)
        One curve a row: E_0..E_n in money, finite, E_0 > 0, n >= 1.
    periods_per_year : float
        252 for daily bars. A curve lasts n / periods_per_year years of 365.25 days.
    risk_free_rate : float, default 0
        Per year, as a fraction.
    workers : int, optional
        Threads; as many as there are processors by default. The result does not depend on it.

    Returns
    -------
    dict
        For each name of `CURVE_COLUMNS` an array of shape (N,); NaN where a metric is undefined.

    Raises
    ------
    DataError
        The array is not (N, n + 1) with n >= 1, or holds a value that can't be.
    ConfigError
        periods_per_year, risk_free_rate or workers is out of bounds.

    Examples
    --------
    >>> found = analyze_curves([[100.0, 120.0, 90.0], [100.0, 100.0, 101.0]], periods_per_year=252)
    >>> found["max_drawdown"].tolist()
    [0.25, 0.0]
    """
    levels = _checked(equity)
    ppy = checked_periods_per_year(periods_per_year)
    rate = risk_free_per_period(risk_free_rate, ppy)
    count, length = levels.shape
    days = even_days(length - 1, ppy)
    out = np.empty((count, len(CURVE_COLUMNS)))
    threads = min(_processors() if workers is None else workers, max(levels.size // SMALLEST_SHARE, 1))
    if threads < 1:
        raise ConfigError(f"workers is {workers}; expected 1 or more, or None for one per processor")
    if threads == 1:
        _fill(levels, days, ppy, rate, out)
    else:
        bounds = np.linspace(0, count, threads + 1).astype(int).tolist()
        with ThreadPoolExecutor(threads) as pool:
            shares = [
                pool.submit(_fill, levels[first:last], days, ppy, rate, out[first:last])
                for first, last in pairwise(bounds)
            ]
        for share in shares:
            share.result()
    return {name: out[:, column].copy() for column, name in enumerate(CURVE_COLUMNS)}


def _fill(levels: FloatArray, days: FloatArray, ppy: float, rate: float, out: FloatArray) -> None:
    scratch = np.empty((2, levels.shape[1] - 1))
    curve_rows(read_only(levels), read_only(days), ppy, rate, scratch[0], scratch[1], out)


def _checked(equity: ArrayLike) -> FloatArray:
    try:
        levels = np.ascontiguousarray(equity, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(f"equity can't be read as numbers: {error}; expected curves of the same length") from None
    if levels.ndim != 2 or levels.shape[1] < 2:
        raise DataError(f"equity has shape {np.shape(equity)}; expected (curves, periods + 1) with at least one period")
    finite = np.isfinite(levels)
    if not finite.all():
        row, column = np.unravel_index(int(np.argmin(finite)), levels.shape)
        raise DataError(f"curve {row} is {levels[row, column]} at position {column}; expected finite numbers")
    if levels.shape[0] and levels[:, 0].min() <= 0.0:
        first = int(np.argmin(levels[:, 0]))
        raise DataError(f"curve {first} begins at {levels[first, 0]}; expected a first value above 0")
    return levels


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
