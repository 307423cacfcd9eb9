from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.contracts.records import some_tables

from hindcast.api.table_rows import page_of_rows, row_count, rows
from hindcast.domain.errors import InputError

HASH = "h" * 64


def test_rows_are_plain_json_values():
    found = rows(some_tables()["orders"], 0, 3)
    assert json.loads(json.dumps(found, allow_nan=False)) == [
        {
            "order_id": 1,
            "symbol": "SPX",
            "limit": None,
            "ambiguous": True,
            "closed_at": "2020-01-01T00:00:00.000000000Z",
        },
        {
            "order_id": 2,
            "symbol": "삼성전자",
            "limit": -0.0,
            "ambiguous": False,
            "closed_at": "2020-01-02T09:30:00.000000001Z",
        },
        {"order_id": 2**53 + 1, "symbol": 'it\'s; "x"\0', "limit": 1e-308, "ambiguous": True, "closed_at": None},
    ]


def test_stamps_of_whole_seconds_have_no_fraction():
    stamps = np.array(["2020-01-02", "NaT", "2020-01-02T14:30:05"], dtype="M8[ns]")
    found = [row["at"] for row in rows({"at": stamps}, 0, 3)]
    assert found == ["2020-01-02T00:00:00Z", None, "2020-01-02T14:30:05Z"]


def test_a_table_without_rows_and_one_without_columns():
    assert row_count(some_tables()["fills"]) == 0
    assert page_of_rows(some_tables()["fills"], table_hash=HASH, cursor=None, limit=5).items == []
    assert page_of_rows({}, table_hash=HASH, cursor=None, limit=5).total == 0


@given(total=st.integers(0, 60), limit=st.integers(1, 20))
def test_a_walk_over_a_table_gives_each_row_once_in_order(total, limit):
    columns = {"number": np.arange(total)}
    seen: list[object] = []
    cursor = None
    while True:
        page = page_of_rows(columns, table_hash=HASH, cursor=cursor, limit=limit)
        assert page.total == total
        assert len(page.items) <= limit
        seen += [row["number"] for row in page.items]
        if (cursor := page.next_cursor) is None:
            break
    assert seen == list(range(total))


def test_a_cursor_of_another_table_is_refused():
    columns = {"number": np.arange(9)}
    cursor = page_of_rows(columns, table_hash="other", cursor=None, limit=5).next_cursor
    with pytest.raises(InputError, match="the cursor is of another table"):
        page_of_rows(columns, table_hash=HASH, cursor=cursor, limit=5)
    with pytest.raises(InputError, match="none that a page gave"):
        page_of_rows(columns, table_hash=HASH, cursor="x", limit=5)
    with pytest.raises(InputError, match="1 to 200"):
        page_of_rows(columns, table_hash=HASH, cursor=None, limit=201)
