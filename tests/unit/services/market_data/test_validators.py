from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hindcast.domain.errors import ConfigError, InputError, MissingDataError
from hindcast.engine.bars import Bars
from hindcast.services.market_data.validators import DataValidator
from hindcast.services.ports import PanelTable

NAN = np.nan


def bars():
    close = np.array([[10.0, 20.0], [11.0, NAN], [12.0, 22.0]])
    return Bars.from_numpy(["2018-01-02", "2018-01-03", "2018-01-04"], ["A", "B"], close, close, close, close)


def test_missing_bars_are_issues_but_leave_the_data_valid():
    report = DataValidator().validate_completeness(bars(), ["A", "B"])
    assert report.is_valid
    assert [str(issue)[:16] for issue in report.warnings] == ["B on 2018-01-03:"]
    assert DataValidator().validate_completeness(bars(), ["A"]).issues == ()


def test_a_symbol_without_data_makes_it_invalid():
    report = DataValidator().validate_completeness(bars(), ["A", "C"])
    assert not report.is_valid
    assert [issue.message for issue in report.errors] == ["no data of symbol 'C'; the data holds A, B"]


def test_only_the_symbols_asked_for_are_judged():
    price = np.array([[1.0, -1.0], [1.0, -1.0]])
    table = PanelTable(
        timestamps=np.array([0, 1]),
        symbols=("A", "B"),
        open=price,
        high=price,
        low=price,
        close=price,
        volume=np.ones((2, 2)),
    )
    assert DataValidator().validate_completeness(table, ["A"]).is_valid
    assert len(DataValidator().validate_completeness(table, ["B"]).errors) == 2


def test_a_frame_is_judged_as_the_bars_that_it_makes():
    frame = pd.DataFrame({"date": ["2018-01-02", "2018-01-02"], "symbol": ["A", "A"], "close": [1.0, 1.0]})
    good = DataValidator().validate_completeness(frame.head(1), ["A"])
    assert good.is_valid
    bad = DataValidator().validate_completeness(frame, ["A"])
    assert [(issue.rule, issue.message[:32]) for issue in bad.issues] == [
        ("structure", "A: date 2018-01-02 stands twice ")
    ]


def long_frame():
    return pd.DataFrame(
        {
            "symbol": ["A", "A", "A", "B", "B"],
            "date": pd.to_datetime(["2018-01-02", "2018-01-03", "2018-01-04", "2018-01-02", "2018-01-03"]),
            "close": [1.0, NAN, 3.0, NAN, 5.0],
            "volume": [7.0, NAN, 7.0, 7.0, 7.0],
        }
    )


def test_values_are_carried_on_within_their_symbol_and_never_back():
    filled = DataValidator().handle_missing_data(long_frame())
    np.testing.assert_array_equal(filled["close"], [1.0, 1.0, 3.0, NAN, 5.0])
    assert filled["volume"].tolist() == [7.0, 0.0, 7.0, 7.0, 7.0]
    wide = DataValidator().handle_missing_data(bars().close)
    assert wide["B"].tolist() == [20.0, 20.0, 22.0]


def test_rows_with_missing_values_are_dropped():
    assert DataValidator().handle_missing_data(long_frame(), "drop")["close"].tolist() == [1.0, 3.0, 5.0]


def test_missing_values_between_others_are_refused_when_asked():
    with pytest.raises(MissingDataError, match="A has no bar on 2018-01-03"):
        DataValidator().handle_missing_data(long_frame(), "raise")
    with pytest.raises(MissingDataError, match="B has no bar on 2018-01-03"):
        DataValidator().handle_missing_data(bars().close, "raise")
    whole = long_frame().iloc[[0, 2, 3, 4]]
    pd.testing.assert_frame_equal(DataValidator().handle_missing_data(whole, "raise"), whole)


def test_the_given_frame_stays_as_it_was():
    frame = long_frame()
    DataValidator().handle_missing_data(frame)
    pd.testing.assert_frame_equal(frame, long_frame())


def test_an_unknown_method_and_what_is_no_frame_are_refused():
    with pytest.raises(ConfigError, match="'interpolate'; expected one of"):
        DataValidator().handle_missing_data(long_frame(), "interpolate")  # type: ignore[arg-type]  # what is tested
    with pytest.raises(InputError, match="was given a list"):
        DataValidator().handle_missing_data([1.0])  # type: ignore[arg-type]  # what is tested
