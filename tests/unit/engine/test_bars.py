from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from hindcast.domain.errors import BarsError, DateRangeError, SymbolError
from hindcast.engine.bars import Bars

STAMPS = np.array(["2018-01-02", "2018-01-03", "2018-01-04"], dtype="M8[ns]")


def bars(close=((10.0, 20.0), (11.0, np.nan), (12.0, 22.0)), **more):
    close = np.array(close, dtype=float)
    return Bars.from_numpy(
        STAMPS[: len(close)], ["AAA", "BBB"], close, close + 1, close - 1, close, np.full(close.shape, 100.0), **more
    )


def changed(**cells):
    """Prices of one symbol on three days, with single values replaced."""
    prices = {
        "open": np.array([10.0, 10.0, 10.0]),
        "high": np.array([12.0, 12.0, 12.0]),
        "low": np.array([9.0, 9.0, 9.0]),
        "close": np.array([11.0, 11.0, 11.0]),
        "volume": np.array([1.0, 1.0, 1.0]),
    }
    for name, value in cells.items():
        prices[name][1] = value
    return Bars.from_numpy(
        STAMPS, "AAA", prices["open"], prices["high"], prices["low"], prices["close"], prices["volume"]
    )


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"close": np.nan}, "some prices are missing"),
        ({"high": np.inf}, "infinite"),
        ({"low": 0.0}, "not above zero"),
        ({"close": -3.0}, "not above zero"),
        ({"high": 8.0}, "high 8 is below low 9"),
        ({"high": 10.5}, "high 10.5 is below open 10 or close 11"),
        ({"low": 10.5}, "low 10.5 is above open 10 or close 11"),
        ({"volume": -1.0}, "volume -1"),
        ({"volume": np.inf}, "volume inf"),
    ],
)
def test_an_impossible_value_is_refused_with_symbol_date_and_value(cells, said):
    with pytest.raises(BarsError, match=f"AAA on 2018-01-03: .*{said}"):
        changed(**cells)


@pytest.mark.parametrize(("split", "dividend", "said"), [(0.0, 0.0, "split 0"), (1.0, -0.5, "dividend -0.5")])
def test_an_impossible_action_is_refused(split, dividend, said):
    prices = np.ones(3)
    with pytest.raises(BarsError, match=f"AAA on 2018-01-02: {said}"):
        Bars.from_numpy(
            STAMPS,
            "AAA",
            prices,
            prices,
            prices,
            prices,
            split=np.array([split, 1.0, 1.0]),
            dividend=np.array([dividend, 0.0, 0.0]),
        )


def test_dates_out_of_order_and_twice_are_refused():
    one = np.ones(2)
    with pytest.raises(BarsError, match="AAA: dates are not in order: 2018-01-02 stands after 2018-01-03"):
        Bars.from_numpy(["2018-01-03", "2018-01-02"], "AAA", one, one, one, one)
    with pytest.raises(BarsError, match="AAA: date 2018-01-03 stands twice"):
        Bars.from_numpy(["2018-01-03", "2018-01-03"], "AAA", one, one, one, one)


def test_a_symbol_stands_once_and_has_a_name():
    close = np.ones((1, 2))
    with pytest.raises(BarsError, match="'AAA' stands twice"):
        Bars.from_numpy(STAMPS[:1], ["AAA", "AAA"], close, close, close, close)
    with pytest.raises(BarsError, match="' ' is no name"):
        Bars.from_numpy(STAMPS[:1], ["AAA", " "], close, close, close, close)


def test_no_rows_and_wrong_shapes_are_refused():
    with pytest.raises(BarsError, match="no bars for AAA"):
        Bars.from_numpy([], "AAA", [], [], [], [])
    with pytest.raises(BarsError, match=r"high has shape \(2,\)"):
        Bars.from_numpy(STAMPS, "AAA", np.ones(3), np.ones(2), np.ones(3), np.ones(3))
    with pytest.raises(BarsError, match="open holds what is not a number"):
        Bars.from_numpy(STAMPS[:1], "AAA", ["ten"], [1], [1], [1])


def test_the_given_arrays_are_copied_and_bars_can_not_be_written():
    close = np.ones((3, 1))
    made = Bars.from_numpy(STAMPS, "AAA", close, close, close, close)
    close[:] = 5.0
    assert made.panel.close[0, 0] == 1.0
    with pytest.raises(ValueError, match="read-only"):
        made.panel.close[0, 0] = 2.0


@pytest.mark.parametrize("volume", [-1.0, np.inf])
def test_an_impossible_volume_is_refused_on_a_bar_without_prices_too(volume):
    with pytest.raises(BarsError, match=rf"AAA on 2018-01-03: volume {volume:g}"):
        changed(open=np.nan, high=np.nan, low=np.nan, close=np.nan, volume=volume)


def test_missing_volume_counts_as_zero():
    assert changed(volume=np.nan).panel.volume[:, 0].tolist() == [1.0, 0.0, 1.0]


def test_the_fingerprint_tells_content_and_nothing_else():
    assert bars().fingerprint == bars().fingerprint
    assert bars().fingerprint != bars(adjusted=True).fingerprint
    assert bars().fingerprint != bars(close=((10.0, 20.0), (11.0, np.nan), (12.0, 22.1))).fingerprint
    payload = np.array([0x7FF8000000000001], dtype=np.uint64).view(np.float64)[0]
    assert bars().fingerprint == bars(close=((10.0, 20.0), (11.0, payload), (12.0, 22.0))).fingerprint
    assert bars().fingerprint == bars(notes=["a remark"]).fingerprint


def test_frames_have_utc_stamps_and_symbols():
    close = bars().close
    assert list(close.columns) == ["AAA", "BBB"]
    assert str(close.index.tz) == "UTC"
    assert close.loc["2018-01-04", "BBB"].item() == 22.0
    assert bars().split.to_numpy().tolist() == [[1.0, 1.0]] * 3


def test_selection_keeps_the_order_asked_for():
    assert bars().select(["BBB", "AAA"]).panel.close[0].tolist() == [20.0, 10.0]
    with pytest.raises(SymbolError, match="no symbol 'CCC' in these bars; they hold: AAA, BBB"):
        bars().select(["CCC"])


def test_a_date_as_the_end_takes_in_its_whole_day():
    hours = np.array(["2018-01-02T10", "2018-01-02T15", "2018-01-03T10"], dtype="M8[h]")
    one = np.ones(3)
    intraday = Bars.from_numpy(hours, "AAA", one, one, one, one)
    assert len(intraday.between(end="2018-01-02")) == 2
    assert len(intraday.between(end=date(2018, 1, 2))) == 2
    assert len(intraday.between(end="2018-01-02 10:00")) == 1
    assert len(intraday.between("2018-01-02 11:00", "2018-01-03")) == 2


def test_a_range_without_bars_or_that_is_no_range_is_refused():
    with pytest.raises(DateRangeError, match="no bars from 2020-01-01 to the end: these bars run from 2018-01-02"):
        bars().between("2020-01-01")
    with pytest.raises(DateRangeError, match="'soon' can't be read"):
        bars().between("soon")


prices = hnp.arrays(
    np.float64, st.tuples(st.integers(1, 6), st.integers(1, 3)), elements=st.floats(0.01, 1e6) | st.just(np.nan)
)


@given(prices, st.data())
def test_the_head_of_bars_is_what_was_known_then(close, data):
    stamps = np.datetime64("2020-01-01") + np.arange(len(close))
    names = [f"S{column}" for column in range(close.shape[1])]
    made = Bars.from_numpy(stamps, names, close, close, close, close)
    known = data.draw(st.integers(1, len(close)))
    again = Bars.from_numpy(stamps[:known], names, *(close[:known],) * 4)
    assert made.head(known).fingerprint == again.fingerprint
    assert made.between(end=stamps[known - 1].astype(date)).fingerprint == again.fingerprint


def test_what_a_user_writes_into_a_frame_does_not_change_the_bars():
    bars = Bars.from_numpy(["2020-01-01", "2020-01-02"], "AAA", [1.0, 2.0], [3.0, 3.0], [1.0, 1.0], [2.0, 2.0])
    frame = bars.close
    frame["mine"] = 1.0
    frame.iloc[0, 0] = 99.0
    assert list(bars.close.columns) == ["AAA"]
    assert bars.close.iloc[0, 0] == 2.0
    assert bars.panel.close[0, 0] == 2.0
