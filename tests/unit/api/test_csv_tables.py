from __future__ import annotations

import csv
import io
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.contracts.records import some_tables

from hindcast.api.csv_tables import csv_lines

FORMULA = ("=", "+", "-", "@", "\t", "\r")
TEXTS = st.lists(
    st.text(alphabet=st.sampled_from("=+-@\t\r\n\0'\",; aé一0.1e"), max_size=6) | st.text(max_size=20), min_size=1
)


def read(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


@given(texts=TEXTS, numbers=st.lists(st.floats() | st.integers(-(2**63), 2**63 - 1).map(float), min_size=1))
def test_every_cell_comes_back_and_only_numbers_begin_like_a_formula(texts, numbers):
    rows = min(len(texts), len(numbers))
    table = {"text": np.array(texts[:rows], dtype=object), "number": np.array(numbers[:rows])}
    head, *lines = read("".join(csv_lines(table)))
    assert head == ["text", "number"]
    assert len(lines) == rows
    for (text, number), given_text, given_number in zip(lines, texts, numbers, strict=False):
        assert not text.startswith(FORMULA)
        assert text == (f"'{given_text}" if given_text.startswith(FORMULA) else given_text)
        if math.isfinite(given_number):
            assert float(number) == given_number
        else:
            assert number == ""


def test_a_table_of_every_kind_of_column():
    assert read("".join(csv_lines(some_tables()["orders"]))) == [
        ["order_id", "symbol", "limit", "ambiguous", "closed_at"],
        ["1", "SPX", "", "true", "2020-01-01T00:00:00.000000000Z"],
        ["2", "삼성전자", "-0.0", "false", "2020-01-02T09:30:00.000000001Z"],
        ["9007199254740993", 'it\'s; "x"\0', "1e-308", "true", ""],
    ]


def test_an_empty_table_has_its_columns():
    assert "".join(csv_lines(some_tables()["fills"])) == "timestamp,symbol,price,order_id,ambiguous\r\n"


@pytest.mark.parametrize("rows", [1, 1_999, 2_000, 2_001, 4_500])
def test_a_long_table_comes_in_pieces_that_make_the_whole(rows):
    pieces = list(csv_lines({"number": np.arange(rows)}))
    assert len(pieces) == 1 + math.ceil(rows / 2_000)
    assert [int(line[0]) for line in read("".join(pieces))[1:]] == list(range(rows))
