"""An import beside bars that are stored: what it does not say stays, and the seams are looked at."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from tests.unit.services.market_data.importing import Workshop, rows_of, weekdays

from hindcast.domain.errors import CorruptDataError
from hindcast.domain.market_data import CorporateAction, DateRange, SeriesTerms
from hindcast.engine.stamps import DAY_NS
from hindcast.services.market_data.intake.import_seams import edge_stamps, merged_actions
from hindcast.services.market_data.intake.source_rows import SourceRows


@pytest.fixture
def shop():
    return Workshop()


def run(shop, *rows, terms=None):
    return shop.importer.run(rows, provider="mine", interval="1d", terms=terms or SeriesTerms())


def cut(rows: SourceRows, start: int, stop: int, factor: float = 1.0, **said) -> SourceRows:
    prices = {name: getattr(rows, name)[start:stop] * factor for name in ("open", "high", "low", "close")}
    return replace(
        rows, timestamps=rows.timestamps[start:stop], volume=rows.volume[start:stop] / factor, **prices, **said
    )


def rules(report):
    return [issue.rule for issue in report.findings if issue.rule not in ("sessions_not_checked", "overlap_differs")]


def test_what_an_import_does_not_say_of_a_known_symbol_stays_as_it_was(shop):
    whole = rows_of()
    stated = SeriesTerms(currency="EUR", calendar="WEEK", kind="fx", negative_prices=True, notes=("closes only",))
    run(shop, whole, terms=stated)
    run(shop, cut(whole, 500, 600, notes=("of a terminal",)))
    kept = shop.store.held["mine", "1d"]["AAPL"].terms
    assert kept == replace(stated, notes=("closes only", "of a terminal"))


def test_what_an_import_says_takes_the_place_of_what_was(shop):
    whole = rows_of()
    run(shop, whole, terms=SeriesTerms(kind="fx", notes=("old",)))
    run(shop, whole, terms=SeriesTerms(currency="USD", calendar="WEEK", kind="index", notes=("new",)))
    assert shop.store.held["mine", "1d"]["AAPL"].terms == SeriesTerms(
        currency="USD", calendar="WEEK", kind="index", notes=("new",)
    )


def test_an_import_of_all_days_keeps_currency_and_calendar_and_forgets_what_the_old_bars_needed(shop):
    whole = rows_of()
    run(shop, whole, terms=SeriesTerms(currency="USD", calendar="WEEK", negative_prices=True, notes=("old",)))
    run(shop, whole)
    assert shop.store.held["mine", "1d"]["AAPL"].terms == SeriesTerms(currency="USD", calendar="WEEK")


def test_the_calendar_that_a_symbol_has_is_held_against_later_imports_too(shop):
    run(shop, rows_of(), terms=SeriesTerms(calendar="WEEK"))
    sunday = np.datetime64("2027-01-03").astype("M8[ns]").astype(np.int64)
    stamps = np.sort(np.append(weekdays(1_500, "2026-01-02"), sunday))
    later = replace(rows_of(count=1_501), timestamps=stamps)
    report = run(shop, later)
    assert dict(report.quarantined) == {"off_calendar": 1}


def test_a_split_between_stored_bars_and_later_ones_is_told(shop):
    whole = rows_of()
    run(shop, cut(whole, 0, 1_000))
    report = run(shop, cut(whole, 1_000, 2_000, 0.25))
    assert rules(report) == ["split_like"]
    (issue,) = [issue for issue in report.findings if issue.rule == "split_like"]
    assert issue.timestamp == whole.timestamps[1_000]
    assert "4:1" in issue.message
    assert "stored already" in issue.message


def test_bars_before_stored_ones_that_hold_a_known_split_already_are_told(shop):
    whole, splits = rows_of(), np.ones(2_000)
    splits[1_000] = 4.0
    raw = cut(whole, 0, 1_000, 4.0), cut(whole, 1_000, 2_000)
    columns: dict[str, Any] = {
        name: np.concatenate([getattr(part, name) for part in raw]) for name in ("open", "high", "low", "close")
    }
    run(shop, replace(whole, **columns, split=splits))
    report = run(shop, cut(whole, 0, 1_000))
    assert rules(report) == ["action_without_jump"]
    (issue,) = [issue for issue in report.findings if issue.rule == "action_without_jump"]
    assert issue.timestamp == whole.timestamps[1_000]


def test_quiet_seams_are_not_told_of(shop):
    whole = rows_of()
    run(shop, cut(whole, 0, 1_000), cut(replace(whole, symbol="MSFT"), 900, 1_100))
    report = run(shop, cut(whole, 990, 1_300), cut(replace(whole, symbol="MSFT"), 0, 900))
    assert rules(report) == []


def test_bars_far_from_the_stored_ones_have_no_seam(shop):
    whole = rows_of()
    run(shop, cut(whole, 0, 100))
    assert rules(run(shop, cut(whole, 1_900, 2_000, 0.25))) == []


def test_the_same_rows_once_more_read_the_store_for_one_comparison_only(shop):
    run(shop, rows_of())
    run(shop, rows_of())
    assert shop.store.reads == 1


MINUTE = DAY_NS // 1440
ONE = date(2023, 11, 1)
NOON = int(np.datetime64("2023-11-01T12:00", "ns").astype(np.int64))


def test_of_days_that_intraday_bars_have_a_part_of_the_other_part_stays():
    own = np.arange(NOON, NOON + 60 * MINUTE, 5 * MINUTE)
    kept = edge_stamps(own, DateRange(first=ONE, last=ONE), "5min", "24/7")
    assert kept.tolist() == [
        *range(NOON - 12 * 60 * MINUTE, NOON, MINUTE),
        *range(NOON + 56 * MINUTE, NOON + 12 * 60 * MINUTE, MINUTE),
    ]


def test_the_other_part_of_a_day_goes_by_the_clock_of_the_exchange_and_keeps_odd_seconds():
    own = np.array([NOON + 30_000_000_000])
    kept = edge_stamps(own, DateRange(first=ONE, last=ONE), "1min", "XKRX")  # its day began at 15:00 UTC the day before
    assert kept.min() == NOON - 21 * 60 * MINUTE + 30_000_000_000
    assert kept.max() == NOON + 180 * MINUTE - 30_000_000_000
    assert own[0] not in kept


def test_of_daily_bars_nothing_is_kept_beside_them():
    days = np.arange(3) * DAY_NS
    assert not len(edge_stamps(days, DateRange(first=date(1970, 1, 1), last=date(1970, 1, 3)), "1d", "XNYS"))


def test_actions_of_days_that_an_import_has_a_part_of_stay_unless_it_says_else():
    day = [ONE + timedelta(days=each) for each in range(4)]
    stored = [CorporateAction(day=each, kind="split", value=2.0) for each in day]
    new = [CorporateAction(day=day[2], kind="split", value=3.0)]
    covered = DateRange(first=day[0], last=day[2])
    assert merged_actions(stored, new, covered, "5min") == (stored[0], new[0], stored[3])
    assert merged_actions(stored, new, covered, "1d") == (new[0], stored[3])


@pytest.mark.parametrize("part", ["bars", "actions"])
def test_damaged_bars_are_mended_by_an_import_of_them(shop, monkeypatch, part):
    def damaged(*_asked):
        raise CorruptDataError("bars/ab/abcd.parquet is not what was written")

    whole = rows_of(split=np.ones(2_000))
    run(shop, whole)
    monkeypatch.setattr(shop.store, "read" if part == "bars" else "actions", damaged)
    report = run(shop, whole)
    assert shop.store.published[-1] == ("mine", "1d", "import", "AAPL")
    told = [issue.message for issue in report.findings if issue.rule == "overlap_differs"]
    assert told == ["AAPL: what is stored is damaged, and not compared: bars/ab/abcd.parquet is not what was written"]
