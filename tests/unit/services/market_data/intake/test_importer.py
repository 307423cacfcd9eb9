from __future__ import annotations

import json
from datetime import date

import numpy as np
import pytest
from tests.unit.services.market_data.importing import NOW, Workshop, rows_of

from hindcast.domain.errors import ImportRefusedError, InputError
from hindcast.domain.market_data import CorporateAction, DateRange, SeriesTerms
from hindcast.engine.stamps import DAY_NS
from hindcast.services.market_data.intake.source_rows import UnusableFile

TERMS = SeriesTerms(currency="USD", calendar="WEEK")


@pytest.fixture
def shop():
    return Workshop()


def run(shop, *rows, interval: str | None = "1d", terms=TERMS, **options):
    return shop.importer.run(rows, provider="mine", interval=interval, terms=terms, **options)


def test_good_rows_are_published_in_one_step_with_their_coverage(shop):
    report = run(shop, rows_of("AAPL"), rows_of("MSFT"))
    assert shop.store.published == [("mine", "1d", "import", "AAPL", "MSFT")]
    assert (report.rows_read, report.rows_published, report.rows_bad, report.refused) == (4_000, 4_000, 0, False)
    assert report.version is not None
    assert report.version.known_at == NOW
    stored = shop.store.held["mine", "1d"]["AAPL"]
    assert stored.terms == TERMS
    assert stored.covered == (DateRange(first=date(2018, 1, 2), last=date(2025, 9, 1)),)
    assert [entry.symbol for entry in shop.coverage.saved] == ["AAPL", "MSFT"]
    assert shop.quarantine.reports == []
    assert report.quarantine_id is None


def test_few_bad_rows_are_left_out_and_kept_in_a_report(shop):
    bad = rows_of(count=1_200, close={7: np.nan}, numbers=np.arange(1, 1_201) * 10)
    report = run(shop, bad)
    assert (report.rows_bad, report.rows_published, dict(report.quarantined)) == (1, 1_199, {"nan_price": 1})
    assert report.quarantine_id == "report1"
    (row,) = report.bad_rows
    assert (row.symbol, row.origin, row.row, row.stamp, row.reasons) == (
        "AAPL", "AAPL.csv", 80, "2018-01-11", ("nan_price",)
    )  # fmt: skip
    assert row.values[3] is None
    (saved,) = shop.quarantine.reports
    assert json.loads(json.dumps(saved, allow_nan=False))["rows"][0]["row"] == 80
    stored = shop.store.held["mine", "1d"]["AAPL"]
    assert stored.kept is not None
    assert stored.kept.tolist() == [int(bad.timestamps[7])]
    assert int(bad.timestamps[7]) not in stored.timestamps


def test_more_bad_rows_than_a_thousandth_refuse_the_whole_import(shop):
    with pytest.raises(ImportRefusedError) as told:
        run(shop, rows_of("AAPL", 1_000), rows_of("MSFT", 1_000, high={3: 1, 4: 1, 5: 1}))
    assert shop.store.published == []
    assert shop.coverage.saved == []
    first, *rest = str(told.value).splitlines()
    assert first == (
        "import into mine/1d refused, nothing was stored: 3 of 2,000 rows are bad (0.15%, at most 0.10% may be)"
    )
    assert rest[0].startswith("  MSFT.csv, row 4 (MSFT 2018-01-05): high_below_open")
    assert "max_bad_share=0.0015" in rest[-2]
    assert rest[-1].endswith("quarantine report report1")
    assert shop.quarantine.reports[0]["refused"]


def test_the_share_of_bad_rows_can_be_raised_and_the_limit_itself_is_allowed(shop):
    bad = rows_of("MSFT", 1_000, high={3: 1})
    assert run(shop, bad).rows_bad == 1
    assert run(shop, rows_of("MSFT", 100, high={3: 1}), max_bad_share=0.01).rows_bad == 1
    for share in (-0.1, 1.1, float("nan")):
        with pytest.raises(InputError, match="max_bad_share"):
            run(shop, bad, max_bad_share=share)


def test_structure_refuses_and_tells_the_first_cases(shop):
    rows = rows_of(
        faults={"wrong_symbol": np.array([4])},
        details={"wrong_symbol": ("row 5: symbol 'X', where 'AAPL' was stated",)},
    )
    with pytest.raises(ImportRefusedError, match="wrong_symbol") as told:
        run(shop, rows)
    assert "row 5: symbol 'X', where 'AAPL' was stated" in str(told.value)
    assert shop.store.published == []


def test_all_faults_of_all_files_are_told_at_once(shop):
    broken = UnusableFile(origin="B.csv", rule="truncated_payload", message="B.csv is cut short; fetch it again")
    naive = rows_of("C", 500, faults={"naive_time_zone": np.arange(500)})
    with pytest.raises(ImportRefusedError) as told:
        run(shop, rows_of("A", 50, low={2: 900}), broken, naive)
    said = str(told.value)
    for part in ("B.csv is cut short", "naive_time_zone", "A.csv, row 3", "1 of 3 files can't be used"):
        assert part in said


def test_a_symbol_of_several_files_is_one_series_and_rows_keep_their_file(shop):
    first = rows_of("AAPL", 1_500, origin="a/AAPL.csv")
    second = rows_of("AAPL", 600, first="2023-10-03", origin="b/AAPL.csv", high={2: 1}, numbers=np.arange(600) + 50)
    report = run(shop, first, second)
    assert (report.files, len(report.symbols), report.rows_published) == (2, 1, 2_099 - report.rows_bad + 1)
    assert ("b/AAPL.csv", 52) in {(row.origin, row.row) for row in report.bad_rows}


def test_actions_of_one_file_and_none_of_the_other_are_kept(shop):
    split = np.full(1_000, np.nan)
    split[500] = 2.0
    first = rows_of("AAPL", 1_000)
    halved = np.where(np.arange(1_000) < 500, 2.0, 1.0)
    early = rows_of(
        "AAPL", 1_000, split=split, **{n: getattr(first, n) * halved for n in ("open", "high", "low", "close")}
    )
    run(shop, early, rows_of("AAPL", 100, first="2022-01-03"))
    stored = shop.store.held["mine", "1d"]["AAPL"]
    day = (np.datetime64("1970-01-01") + first.timestamps[500] // DAY_NS).astype(date)
    assert stored.actions == (CorporateAction(day=day, kind="split", value=2.0),)
    dividend = np.zeros(50)
    dividend[3] = 0.5
    later = rows_of("AAPL", 50, first="2023-01-02", dividend=dividend)
    run(shop, later)
    held = shop.store.held["mine", "1d"]["AAPL"].actions
    assert held is not None
    assert [(action.kind, action.value) for action in held] == [("split", 2.0), ("dividend", 0.5)]


def test_rows_without_actions_say_nothing_of_them(shop):
    run(shop, rows_of())
    assert shop.store.held["mine", "1d"]["AAPL"].actions is None


def test_bars_that_differ_from_stored_ones_are_told(shop):
    run(shop, rows_of(count=100))
    report = run(shop, rows_of(count=100, close={5: 102.5, 6: 103}))
    (issue,) = [issue for issue in report.findings if issue.rule == "overlap_differs"]
    assert issue.severity == "warning"
    assert "2 of 100 bars that are stored already differ; close of 2018-01-09 was" in issue.message
    assert "and is now 102.5" in issue.message


def test_equal_and_further_bars_are_no_difference(shop):
    run(shop, rows_of(count=100))
    assert not [issue for issue in run(shop, rows_of(count=150)).findings if issue.rule == "overlap_differs"]
    reads = shop.store.reads
    run(shop, rows_of(count=20, first="2023-01-02"))
    assert shop.store.reads == reads


def test_bars_that_are_gone_from_between_are_told(shop):
    whole = rows_of(count=100)
    run(shop, whole)
    lacking = np.delete(np.arange(100), [40, 41])
    fields = ("timestamps", "open", "high", "low", "close", "volume")
    report = run(shop, rows_of(**{name: getattr(whole, name)[lacking] for name in fields}))
    (issue,) = [issue for issue in report.findings if issue.rule == "overlap_differs"]
    assert "2 stored bars are gone, the first of 2018-02-27" in issue.message


def test_symbols_of_other_days_are_compared_each_with_its_own(shop):
    run(
        shop,
        rows_of("A", 50),
        rows_of("B", 50, first="2019-01-02"),
        rows_of("C", 5),
        rows_of("C2", 5, first="2020-01-06"),
    )
    gap = rows_of("C", 3, first="2018-02-01")
    report = run(shop, rows_of("A", 50), rows_of("B", 50, first="2019-01-02", close={3: 102}), gap)
    assert [issue.symbol for issue in report.findings if issue.rule == "overlap_differs"] == ["B"]


def test_a_symbol_without_a_bar_in_the_stretch_is_no_difference(shop):
    whole = rows_of(count=60)
    ends = np.r_[0:5, 55:60]
    fields = ("timestamps", "open", "high", "low", "close", "volume")
    run(shop, rows_of(**{name: getattr(whole, name)[ends] for name in fields}))
    report = run(shop, rows_of(**{name: getattr(whole, name)[20:30] for name in fields}))
    assert not [issue for issue in report.findings if issue.rule == "overlap_differs"]


def test_a_quarantined_row_is_no_bar_that_is_gone(shop):
    run(shop, rows_of(count=1_000))
    report = run(shop, rows_of(count=1_000, close={5: np.nan}))
    assert not [issue for issue in report.findings if issue.rule == "overlap_differs"]


def test_the_first_rows_that_are_told_are_of_different_kinds(shop):
    bad = rows_of(
        count=100,
        high=dict.fromkeys(range(40), 1.0),
        close={70: np.nan},
        faults={"text_in_number": np.array([80])},
        details={"text_in_number": ("row 81, column 'open': 'halted' is no number",)},
    )
    with pytest.raises(ImportRefusedError) as told:
        run(shop, bad)
    first = str(told.value).splitlines()[1:4]
    assert ["row 1 " in first[0], "row 71 " in first[1], "row 81 " in first[2]] == [True, True, True]
    assert first[2].endswith("text_in_number: column 'open': 'halted' is no number")


def test_each_calendar_is_asked_once_for_all_its_symbols(shop):
    run(shop, rows_of("A", 10), rows_of("B", 10, first="2020-01-02"), rows_of("C", 10), terms={"A": TERMS, "B": TERMS})
    (asked,) = shop.calendars.asked
    assert asked[1] <= date(2018, 1, 2)
    assert asked[2] >= date(2020, 1, 15)


def test_rows_outside_the_calendar_are_put_aside_and_an_unknown_calendar_is_refused(shop):
    saturday = rows_of(count=1_200, timestamps={3: int(np.datetime64("2018-01-06", "ns").astype(np.int64))})
    report = run(shop, saturday)
    assert dict(report.quarantined) == {"off_calendar": 1}
    with pytest.raises(InputError, match="no calendar 'WEAK'"):
        run(shop, rows_of(), terms=SeriesTerms(calendar="WEAK"))


def test_what_the_source_says_of_currency_and_adjustment_is_taken_where_nothing_was_stated(shop):
    run(shop, rows_of(currency="EUR", adjusted=True, notes=("as it is",)), terms=SeriesTerms(notes=("stated",)))
    terms = shop.store.held["mine", "1d"]["AAPL"].terms
    assert (terms.currency, terms.adjusted, terms.notes) == ("EUR", True, ("stated", "as it is"))
    run(shop, rows_of(currency="EUR"), terms=SeriesTerms(currency="USD"))
    assert shop.store.held["mine", "1d"]["AAPL"].terms.currency == "USD"


def test_an_import_without_a_good_row_is_refused(shop):
    with pytest.raises(ImportRefusedError, match="no row is left that could be published"):
        run(shop)
    with pytest.raises(ImportRefusedError, match="no row is left"):
        run(shop, rows_of(count=2, close={0: np.nan, 1: np.nan}), max_bad_share=1.0)


def test_a_symbol_without_a_good_row_is_left_out(shop):
    report = run(shop, rows_of("A", 3_000), rows_of("B", 1, close={0: np.nan}))
    assert shop.store.published == [("mine", "1d", "import", "A")]
    assert [(symbol.symbol, symbol.published) for symbol in report.symbols] == [
        ("A", 3_000 - report.rows_bad + 1),
        ("B", 0),
    ]


def test_preparing_stores_nothing(shop):
    prepared = shop.importer.prepare([rows_of(close={3: np.nan})], provider="mine", interval=None, terms=TERMS)
    assert (prepared.report.interval, prepared.report.version, prepared.report.rows_published) == ("1d", None, 0)
    assert (shop.store.published, shop.coverage.saved, shop.quarantine.reports) == ([], [], [])
    kept = shop.importer.put_aside(prepared)
    assert shop.importer.publish(kept).quarantine_id == kept.report.quarantine_id == "report1"
    assert len(shop.quarantine.reports) == 1


def test_a_report_is_json_and_prints_what_matters(shop):
    report = run(shop, rows_of("A", 1_500, close={5: np.nan}, notes=("handle with care",)))
    plain = json.loads(json.dumps(report.to_dict(), allow_nan=False))
    assert plain["version"]["known_at"] == NOW.isoformat()
    assert (plain["refused"], plain["quarantined"], plain["symbols"][0]["quarantined"]) == (False, {"nan_price": 1}, 1)
    said = str(report)
    for part in ("mine/1d: 1,500 rows of 1 symbol from 1 source", "nan_price: 1", "handle with care (A)", "report1"):
        assert part in said
