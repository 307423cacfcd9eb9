"""Several files of one symbol: the order of the files and of their rows is theirs, what they say must agree."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.unit.services.market_data.importing import Workshop, rows_of

from hindcast.domain.errors import ImportRefusedError
from hindcast.domain.market_data import SeriesTerms
from hindcast.services.market_data.intake.import_rows import in_time
from hindcast.services.market_data.intake.source_rows import SourceRows

_COLUMNS = ("timestamps", "open", "high", "low", "close", "volume")


def part(rows: SourceRows, start: int, stop: int, origin: str, *, newest_first: bool = False, **said) -> SourceRows:
    way = slice(start, stop) if not newest_first else slice(stop - 1, start - 1 if start else None, -1)
    return replace(rows, origin=origin, **{name: getattr(rows, name)[way] for name in _COLUMNS}, **said)


@pytest.fixture
def shop():
    return Workshop()


@pytest.fixture
def whole():
    return rows_of(count=2_000)


def run(shop, *rows, terms=None, **options):
    return shop.importer.run(rows, provider="mine", interval="1d", terms=terms or SeriesTerms(), **options)


@pytest.mark.parametrize("later_first", [False, True])
@pytest.mark.parametrize("newest_first", [(False, False), (True, True), (True, False), (False, True)])
def test_files_of_one_symbol_may_come_in_any_order_each_from_its_own_end(shop, whole, later_first, newest_first):
    parts = [
        part(whole, 0, 900, "a.csv", newest_first=newest_first[0]),
        part(whole, 900, 2_000, "b.csv", newest_first=newest_first[1]),
    ]
    report = run(shop, *(parts[::-1] if later_first else parts))
    stored = shop.store.held["mine", "1d"]["AAPL"]
    assert (report.rows_bad, report.rows_published) == (0, 2_000)
    for name in _COLUMNS:
        np.testing.assert_array_equal(getattr(stored, name), getattr(whole, name))


def test_a_bad_row_of_a_turned_file_keeps_its_number_there(shop, whole):
    wrong = replace(whole, high=np.where(np.arange(2_000) == 100, 1.0, whole.high))
    text = {"text_in_number": np.array([7], dtype=np.int64)}
    report = run(
        shop,
        part(wrong, 900, 2_000, "b.csv"),
        part(
            wrong, 0, 900, "a.csv", newest_first=True, faults=text,
            details={"text_in_number": ("row 8, column 'open': 'x' is no number",)},
        ),
    )  # fmt: skip
    told = {(row.origin, row.row, row.said) for row in report.bad_rows}
    assert told == {("a.csv", 900 - 100, ""), ("a.csv", 8, "column 'open': 'x' is no number")}


def test_rows_without_a_stamp_have_no_say_in_the_order(whole):
    stamps = whole.timestamps[:3].copy()
    stamps[0] = 0
    first = replace(part(whole, 0, 3, "a.csv"), timestamps=stamps)
    unread = replace(part(whole, 0, 2, "c.csv"), timestamps=np.zeros(2, dtype=np.int64))
    ordered = in_time([part(whole, 5, 9, "b.csv"), unread, first])
    assert [each.origin for each in ordered if each.timestamps.any()] == ["a.csv", "b.csv"]
    assert in_time([unread])[0] is unread


def test_files_of_one_symbol_in_two_currencies_are_refused(shop, whole):
    files = part(whole, 0, 900, "a.csv", currency="USD"), part(whole, 900, 2_000, "b.csv", currency="EUR")
    with pytest.raises(ImportRefusedError, match="wrong_currency") as told:
        run(shop, *files)
    assert "b.csv, row 1: currency 'EUR', where 'USD' stands in a.csv" in str(told.value)
    assert shop.store.published == []


def test_a_file_that_does_not_say_its_currency_goes_with_the_others(shop, whole):
    run(shop, part(whole, 0, 900, "a.csv"), part(whole, 900, 2_000, "b.csv", currency="EUR"))
    assert shop.store.held["mine", "1d"]["AAPL"].terms.currency == "EUR"


def test_adjusted_and_raw_files_of_one_symbol_are_refused_unless_all_are_said_to_be_adjusted(shop, whole):
    files = part(whole, 0, 900, "a.csv"), part(whole, 900, 2_000, "b.csv", adjusted=True)
    with pytest.raises(ImportRefusedError, match=r"b\.csv holds adjusted prices .* a\.csv .*adjusted=True"):
        run(shop, *files)
    assert shop.store.published == []
    run(shop, *files, terms=SeriesTerms(adjusted=True))
    assert shop.store.held["mine", "1d"]["AAPL"].terms.adjusted


def splitting(rows: SourceRows, at: int, held: bool) -> tuple[SourceRows, np.ndarray]:
    """A series with a split of 4:1, and the closes that were traded; `held`: prices before are divided by it."""
    split = np.ones(len(rows.close))
    split[at] = 4.0
    factor = np.where(np.arange(len(rows.close)) < at, 4.0, 1.0)
    traded = {name: getattr(rows, name) * factor for name in ("open", "high", "low", "close")}
    given = {name: getattr(rows, name) for name in traded} if held else traded
    return replace(rows, **given, split=split, dividend=split * 0, splits_in_prices=True), traded["close"]


def piece(rows: SourceRows, start: int, stop: int, traded: np.ndarray | None = None) -> SourceRows:
    """A file of it, whose own splits the reader has undone."""
    way = slice(start, stop)
    assert rows.split is not None
    assert rows.dividend is not None
    found = replace(rows, split=rows.split[way], dividend=rows.dividend[way], origin=f"{start}.csv")
    columns = {name: getattr(rows, name)[way] for name in _COLUMNS}
    if traded is not None:
        factor = traded[way] / columns["close"]
        columns |= {name: columns[name] * factor for name in ("open", "high", "low", "close")}
        columns["volume"] = columns["volume"] / factor
    return replace(found, **columns)


@pytest.mark.parametrize("held", [True, False])
@pytest.mark.parametrize("at", [900, 1_200])
def test_splits_of_a_later_file_are_taken_out_of_the_earlier_ones_where_these_hold_them(shop, whole, at, held):
    rows, traded = splitting(whole, at, held)
    parts = [piece(rows, 0, 500), piece(rows, 500, 900), piece(rows, 900, 2_000, traded if held else None)]
    report = run(shop, *parts)
    stored = shop.store.held["mine", "1d"]["AAPL"]
    np.testing.assert_allclose(stored.close, traded, rtol=1e-12)
    np.testing.assert_allclose(stored.volume[:900] * (4.0 if held else 1.0), whole.volume[:900], rtol=1e-12)
    assert [issue.rule for issue in report.findings] == ["sessions_not_checked"]
    assert any("later files" in note for note in report.symbols[0].notes) is held
