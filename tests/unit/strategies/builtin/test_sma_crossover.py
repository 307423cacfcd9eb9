from __future__ import annotations

import numpy as np
import pytest
from tests.unit.strategies.panels import bars_of, decisions, random_bars

from hindcast.domain.errors import ParameterError
from hindcast.engine.bars import Bars
from hindcast.engine.layout import SIGNAL_BUY, SIGNAL_SELL
from hindcast.infrastructure.sample.provider import SampleProvider
from hindcast.strategies.builtin.sma_crossover import SmaCrossover


def test_it_buys_where_the_short_average_gets_above_and_sells_where_it_gets_below():
    close = np.concatenate((np.arange(50.0, 30.0, -1), np.arange(30.0, 60.0), np.arange(60.0, 30.0, -1)))
    side = decisions(SmaCrossover(short_window=3, long_window=8), bars_of(close))[:, 0]
    short = np.convolve(close, np.ones(3) / 3)[7 : len(close)]
    long = np.convolve(close, np.ones(8) / 8)[7 : len(close)]
    first_above = 7 + int(np.argmax(short > long))
    first_below_again = first_above + int(np.argmax(short[first_above - 7 :] < long[first_above - 7 :]))
    assert np.flatnonzero(side == SIGNAL_BUY).tolist() == [first_above]
    assert np.flatnonzero(side == SIGNAL_SELL).tolist() == [first_below_again]


def test_it_crosses_as_often_on_twenty_years_of_the_s_and_p_500_as_published():
    table = SampleProvider().read(["SPX"], *np.array(["1999-01-04", "2018-12-31"], dtype="M8[ns]").astype(int).tolist())
    bars = Bars.from_numpy(
        table.timestamps, table.symbols, table.open, table.high, table.low, table.close, table.volume
    )
    side = decisions(SmaCrossover(), bars)
    assert len(bars) == 5031
    assert ((side == SIGNAL_BUY).sum(), (side == SIGNAL_SELL).sum()) == (88, 88)


def test_no_decision_is_made_before_the_warm_up_is_over():
    strategy = SmaCrossover(short_window=5, long_window=20)
    assert strategy.warm_up == 20
    for seed in range(10):
        assert not decisions(strategy, random_bars(seed=seed))[:20].any()


def test_each_symbol_is_decided_by_itself():
    bars = random_bars(columns=4)
    side = decisions(SmaCrossover(), bars)
    for symbol in bars.symbols:
        column = bars.column_of(symbol)
        np.testing.assert_array_equal(decisions(SmaCrossover(), bars.select([symbol]))[:, 0], side[:, column])


@pytest.mark.parametrize(("short", "long"), [(30, 30), (30, 10)])
def test_a_short_window_that_is_not_shorter_is_refused_with_both_values(short, long):
    with pytest.raises(ParameterError, match=f"short_window = {short} and long_window = {long}"):
        SmaCrossover(short_window=short, long_window=long)


@pytest.mark.parametrize("window", [0, -3, 2.5, "ten"])
def test_a_window_out_of_bounds_is_refused_with_its_name_and_value(window):
    with pytest.raises(ParameterError, match=f"short_window = {window!r}"):
        SmaCrossover(short_window=window)
