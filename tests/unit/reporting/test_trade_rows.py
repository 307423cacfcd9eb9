from __future__ import annotations

import json

import numpy as np
from tests.unit.reporting.synthetic import TRADES, as_table, make_run

from hindcast.reporting.trade_rows import MAX_ROWS, trade_columns


def test_trades_are_told_column_by_column():
    _, tables = make_run(symbols=("BBB", "AAA"), bars=600)
    columns = trade_columns(tables, "trades")
    pnl = columns["pnl"]
    assert isinstance(pnl, list)
    np.testing.assert_allclose(pnl, tables["trades"]["pnl"], rtol=1e-8)
    assert columns["symbols"] == ["AAA", "BBB"]
    assert columns["total"] == len(pnl)
    json.dumps(columns, allow_nan=False)


def test_the_most_recent_of_very_many_are_kept():
    day = np.datetime64("2020-01-01", "ns")
    rows = [
        ("A", "long", 1.0, day, 1.0, day + np.timedelta64(minute, "m"), 1.0, float(minute), 0.0, 0.0, np.nan, 0.0)
        for minute in range(MAX_ROWS + 5)
    ]
    columns = trade_columns({"trades": as_table(rows, TRADES)}, "trades")
    pnl = columns["pnl"]
    assert isinstance(pnl, list)
    assert (len(pnl), pnl[0], columns["total"]) == (MAX_ROWS, 5.0, MAX_ROWS + 5)
    assert columns["mae"] == [None] * MAX_ROWS


def test_no_trades_are_empty_columns():
    assert trade_columns({}, "trades")["pnl"] == []
