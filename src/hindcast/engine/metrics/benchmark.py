"""A curve against a benchmark: alignment, and the metrics of the common returns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hindcast.domain.errors import BenchmarkError
from hindcast.engine.kernels.benchmark_metrics import BENCHMARK_COLUMNS, benchmark_row
from hindcast.engine.metrics.annualisation import risk_free_per_period
from hindcast.engine.metrics.returns import simple_returns
from hindcast.engine.metrics.values import as_returns, defined
from hindcast.engine.stamps import day_text

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkSeries:
    """Levels of a benchmark: its closes, by stamp.

    ``timestamps`` (n,) are UTC nanoseconds, strictly increasing; ``values`` (n,) are above 0, NaN where the benchmark
    has none on that date (the date is then dropped, as one that only the run has). BenchmarkError otherwise.
    """

    symbol: str
    timestamps: IntArray
    values: FloatArray
    version: str = ""  # the data version that it was read from, where there is one

    def __post_init__(self) -> None:
        if self.timestamps.ndim != 1 or self.timestamps.shape != self.values.shape:
            raise BenchmarkError(
                f"benchmark {self.symbol!r} has {self.timestamps.shape} timestamps and {self.values.shape} values; "
                "expected one value for each"
            )
        late = np.flatnonzero(np.diff(self.timestamps) <= 0)
        if late.size:
            raise BenchmarkError(
                f"benchmark {self.symbol!r}: the stamp at position {late[0] + 1} "
                f"({day_text(self.timestamps[late[0] + 1])}) is not after the one before; sort them, one row for each"
            )
        bad = np.flatnonzero((self.values <= 0.0) | np.isinf(self.values))
        if bad.size:
            raise BenchmarkError(
                f"benchmark {self.symbol!r} is {self.values[bad[0]]} on {day_text(self.timestamps[bad[0]])}; "
                "expected values above 0, or NaN where there is none"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class CommonLevels:
    """Curve and benchmark on the stamps that both have, and how many stamps were dropped."""

    levels: FloatArray  # (m,), money
    benchmark: FloatArray  # (m,)
    dropped: int  # stamps within the curve's span that only one side has


def align(levels: FloatArray, timestamps: IntArray, benchmark: BenchmarkSeries) -> CommonLevels:
    """Levels of both sides on common stamps.

    Parameters
    ----------
    levels, timestamps : ndarray, shape (n,)
        The curve and its stamps (UTC nanoseconds, strictly increasing). In a run these are the bars' stamps, with the
        initial capital in the first place: so E_0 meets B_0, the benchmark's close at the first bar, and whatever
        happens on the first bar is in the first common return.
    benchmark : BenchmarkSeries

    Returns
    -------
    CommonLevels
        At least one stamp. Returns are taken afterwards, over the gaps that dropped stamps leave.

    Raises
    ------
    BenchmarkError
        No stamp is common.

    Notes
    -----
    Stamps match exactly. Dropped stamps are counted within the curve's own span: that a benchmark reaches back further
    than the run says nothing about the comparison.
    """
    present = ~np.isnan(benchmark.values)
    inside = present & (benchmark.timestamps >= timestamps[0]) & (benchmark.timestamps <= timestamps[-1])
    its_stamps = benchmark.timestamps[inside]
    its_values = benchmark.values[inside]
    if its_stamps.size == timestamps.size and bool((its_stamps == timestamps).all()):
        return CommonLevels(levels=levels, benchmark=its_values, dropped=0)
    place = np.searchsorted(its_stamps, timestamps)
    common = np.zeros(timestamps.size, dtype=np.bool_)
    within = place < its_stamps.size
    common[within] = its_stamps[place[within]] == timestamps[within]
    count = int(common.sum())
    if count == 0:
        raise BenchmarkError(
            f"benchmark {benchmark.symbol!r} shares no dates with the curve, which runs from "
            f"{day_text(timestamps[0])} to {day_text(timestamps[-1])}; its own: {_span(benchmark)}"
        )
    return CommonLevels(
        levels=levels[common],
        benchmark=its_values[place[common]],
        dropped=int(timestamps.size + its_stamps.size - 2 * count),
    )


def benchmark_statistics(
    returns: ArrayLike, benchmark_returns: ArrayLike, *, periods_per_year: float, risk_free_rate: float = 0.0
) -> dict[str, float | None]:
    """Alpha, beta and the like, by metric name.

    Parameters
    ----------
    returns, benchmark_returns : array_like, shape (n,)
        Simple returns r and b of the same periods, fractions.
    periods_per_year : float
    risk_free_rate : float, default 0
        Per year, as a fraction.

    Returns
    -------
    dict
        ``beta = cov(r - rf, b - rf) / var(b - rf)``; ``alpha = (mean(r - rf) - beta * mean(b - rf)) * ppy``;
        ``tracking_error = std(r - b, ddof=1) * sqrt(ppy)``; ``information_ratio = mean(r - b) / std(r - b, ddof=1) *
        sqrt(ppy)``; ``up_capture`` and ``down_capture``: compound return per year of r over that of b, over the periods
        with b > 0 and b < 0; ``correlation`` and ``r_squared`` of r and b. None where undefined: below two returns,
        no variance, no period with b > 0 or b < 0.

    Raises
    ------
    BenchmarkError
        The two differ in length.
    DataError
        A return is not finite.

    Notes
    -----
    Alpha is annualised by multiplying, as the intercept of a regression; empyrical compounds it.

    References
    ----------
    Jensen, M. C. (1968). The Performance of Mutual Funds in the Period 1945-1964. Journal of Finance 23(2).
    doi:10.1111/j.1540-6261.1968.tb00815.x

    Goodwin, T. H. (1998). The Information Ratio. Financial Analysts Journal 54(4). doi:10.2469/faj.v54.n4.2196

    Examples
    --------
    >>> found = benchmark_statistics([0.02, -0.01, 0.03], [0.01, -0.01, 0.02], periods_per_year=12)
    >>> {name: round(value, 6) for name, value in found.items() if name in ("alpha", "beta", "correlation")}
    {'alpha': 0.051429, 'beta': 1.357143, 'correlation': 0.995871}
    """
    own = as_returns(returns)
    its = as_returns(benchmark_returns, name="benchmark returns")
    if own.size != its.size:
        raise BenchmarkError(f"{own.size} returns but {its.size} benchmark returns; expected the same periods")
    ppy = float(periods_per_year)
    row = np.empty(len(BENCHMARK_COLUMNS))
    benchmark_row(own, its, ppy, risk_free_per_period(risk_free_rate, ppy), row)
    return {name: defined(value) for name, value in zip(BENCHMARK_COLUMNS, row.tolist(), strict=True)}


def relative_statistics(
    common: CommonLevels, *, periods_per_year: float, risk_free_rate: float = 0.0
) -> dict[str, float | None]:
    """The benchmark metrics of aligned levels, ``relative_return`` (E_n / E_0 - B_n / B_0) included.

    All are None where fewer than two stamps are common, or where the curve is not above 0 at the first of them.
    """
    if common.levels.size < 2 or common.levels[0] <= 0.0:
        return dict.fromkeys(("relative_return", *BENCHMARK_COLUMNS))
    found = benchmark_statistics(
        simple_returns(common.levels),
        simple_returns(common.benchmark),
        periods_per_year=periods_per_year,
        risk_free_rate=risk_free_rate,
    )
    growth = common.levels[-1] / common.levels[0] - common.benchmark[-1] / common.benchmark[0]
    return {"relative_return": defined(growth), **found}


def _span(benchmark: BenchmarkSeries) -> str:
    if benchmark.timestamps.size == 0:
        return "none"
    return f"{day_text(benchmark.timestamps[0])} to {day_text(benchmark.timestamps[-1])}"
