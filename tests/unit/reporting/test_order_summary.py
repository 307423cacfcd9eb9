from __future__ import annotations

import numpy as np
from tests.unit.reporting.synthetic import ORDERS, as_table

from hindcast.reporting.order_summary import order_summary

DAY = np.datetime64("2020-01-01", "ns")


def order(number, status, reason, *, quantity=10.0, filled=0.0):
    when = DAY + np.timedelta64(number, "D")
    return (number, 0, "AAA", "buy", "market", quantity, filled, np.nan, np.nan, "GTC", status, reason, when, when)


def test_orders_that_did_not_end_as_asked_are_counted_by_reason():
    rows = [
        order(1, "filled", "", filled=10.0),
        order(2, "rejected", "insufficient_cash"),
        order(3, "rejected", "no_short"),
        order(4, "rejected", "insufficient_cash"),
        order(5, "filled", "insufficient_cash", filled=4.0),
        order(6, "open", ""),
    ]
    summary = order_summary({"orders": as_table(rows, ORDERS)})
    assert (summary.total, summary.as_asked) == (6, 1)
    first = summary.odd[0]
    assert (first.status, first.count, first.first, first.last) == ("rejected", 2, "2020-01-03", "2020-01-05")
    assert first.reason == "Cash did not cover the order"
    assert first.example == "buy 10 AAA, filled 0"
    assert {row.reason for row in summary.odd if row.status == "filled"} == {
        "Filled in part: cash did not cover the order"
    }
    assert {row.reason for row in summary.odd if row.status == "open"} == {"Still working when the run ended"}


def test_a_target_whose_quantity_was_never_known_has_none_in_its_example():
    summary = order_summary({"orders": as_table([order(1, "rejected", "no_price", quantity=np.nan)], ORDERS)})
    assert summary.odd[0].example == "buy AAA, filled 0"


def test_a_run_without_orders_has_nothing_odd():
    summary = order_summary({})
    assert (summary.total, summary.odd) == (0, ())
