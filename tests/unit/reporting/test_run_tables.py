from __future__ import annotations

import numpy as np

from hindcast.reporting.run_tables import benchmark_levels, floats, rows_by_word, stamp_texts, stamps, words


def test_a_table_or_column_that_a_run_does_not_have_is_empty():
    tables = {"equity": {"equity": np.array([1.0])}}
    assert floats(tables, "equity", "cash").tolist() == []
    assert words(tables, "fills", "symbol").tolist() == []
    assert stamps(tables, "fills").dtype == np.dtype("datetime64[ns]")


def test_rows_of_each_word_keep_their_order():
    column = np.array(["b", "a", "b", "c", "a"], dtype=object)
    rows = rows_by_word(column, ["a", "b", "x"])
    assert {word: places.tolist() for word, places in rows.items()} == {"a": [1, 4], "b": [0, 2], "x": []}


def test_stamps_are_as_short_as_they_can_be():
    def read(*texts):
        return stamp_texts(np.array(texts, dtype="datetime64[ns]"))

    assert read() == []
    assert read("2020-01-02", "2020-01-03") == ["2020-01-02", "2020-01-03"]
    assert read("2020-01-02", "2020-01-02T09:30") == ["2020-01-02 00:00", "2020-01-02 09:30"]
    assert read("2020-01-02T09:30:15") == ["2020-01-02 09:30:15"]


def test_a_benchmark_keeps_only_the_stamps_that_have_a_value():
    when = np.array(["2020-01-01", "2020-01-02", "2020-01-03"], dtype="datetime64[ns]")
    tables = {"benchmark": {"timestamp": when, "value": np.array([np.nan, 5.0, 6.0])}}
    kept, level = benchmark_levels(tables)
    assert level.tolist() == [5.0, 6.0]
    assert kept.tolist() == when[1:].tolist()
