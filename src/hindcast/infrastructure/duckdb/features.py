"""The ready-made columns of a panel, by SQL window functions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, cast

import numpy as np
from numpy.typing import NDArray

from hindcast.engine.bars import Bars
from hindcast.infrastructure.duckdb.connection import open_connection
from hindcast.services.market_data.ready_made import FEATURES

FloatArray = NDArray[np.float64]

_QUERY: Final = """
WITH known AS (
    SELECT symbol, bar, CASE WHEN isnan(close) THEN NULL ELSE close END AS close FROM closes
), priced AS (
    SELECT symbol, bar, close, close / lag(close) OVER (PARTITION BY symbol ORDER BY bar) - 1 AS daily_return
    FROM known
)
SELECT
    CASE WHEN count(close) OVER last_10 = 10 THEN avg(close) OVER last_10 END AS sma_10,
    CASE WHEN count(close) OVER last_30 = 30 THEN avg(close) OVER last_30 END AS sma_30,
    CASE WHEN count(close) OVER last_50 = 50 THEN avg(close) OVER last_50 END AS sma_50,
    daily_return,
    CASE WHEN count(close) OVER last_20 = 20 THEN stddev_samp(close) OVER last_20 END AS volatility_20d,
    CASE WHEN count(daily_return) OVER last_20 = 20 THEN stddev_samp(daily_return) OVER last_20 END
        AS return_volatility_20d
FROM priced
WINDOW
    by_symbol AS (PARTITION BY symbol ORDER BY bar),
    last_10 AS (by_symbol ROWS BETWEEN 9 PRECEDING AND CURRENT ROW),
    last_20 AS (by_symbol ROWS BETWEEN 19 PRECEDING AND CURRENT ROW),
    last_30 AS (by_symbol ROWS BETWEEN 29 PRECEDING AND CURRENT ROW),
    last_50 AS (by_symbol ROWS BETWEEN 49 PRECEDING AND CURRENT ROW)
ORDER BY symbol, bar
"""


class DuckDbFeatureStore:
    """Moving averages, returns and volatilities by DuckDB; each query has a connection and a thread of its own."""

    def compute(self, bars: Bars, closes: FloatArray) -> Mapping[str, FloatArray]:
        """sma_10, sma_30, sma_50, daily_return, volatility_20d and return_volatility_20d.

        Parameters
        ----------
        bars : Bars
            The panel that the closes belong to.
        closes : (T, S) array
            Closes after the gap rule, price; NaN where there is none.

        Returns
        -------
        mapping of (T, S) arrays
            sma_n: mean of n closes (price). daily_return: close / close before - 1 (fraction). volatility_20d: sample
            standard deviation of 20 closes (price). return_volatility_20d: sample standard deviation of 20 daily
            returns, not annualised (fraction).

        Notes
        -----
        A window that holds fewer values than its length gives NaN: at a symbol's beginning, and for as long as a gap
        that the gap rule left open lies inside.
        """
        T, S = bars.shape
        rows = {
            "symbol": np.repeat(np.arange(S, dtype=np.int32), T),
            "bar": np.tile(np.arange(T, dtype=np.int32), S),
            "close": np.ascontiguousarray(closes.T).ravel(),
        }
        with open_connection() as connection:
            connection.register("closes", rows)
            found = connection.execute(_QUERY).fetchnumpy()
        return {name: _panel(found[name], bars.shape) for name in FEATURES}


def _panel(column: object, shape: tuple[int, int]) -> FloatArray:
    values = np.ma.filled(cast("np.ma.MaskedArray[tuple[int], np.dtype[np.float64]]", column), np.nan)
    return np.ascontiguousarray(values.reshape(shape[::-1]).T)
