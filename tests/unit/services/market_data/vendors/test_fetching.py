"""Store, then coverage, then vendor: what is missing is asked for once, screened, published, and told."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from tests.unit.services.market_data.recording_vendor import NOW, Coverages, Reports, Store, Vendor, Weekdays, days

from hindcast.domain.errors import DateRangeError, ImportRefusedError, InputError, NotFoundError, QuotaError
from hindcast.domain.market_data import CorporateAction
from hindcast.services.market_data.bars_request import BarsRequest
from hindcast.services.market_data.service import MarketDataService
from hindcast.services.market_data.vendors.fetch_report import FetchReport
from hindcast.services.market_data.vendors.fetching import DataFetcher


class House:
    """A market data service over recording fakes; `said` is who was asked, in order."""

    def __init__(self, **vendor: Any) -> None:
        self.said: list[str] = []
        self.now = NOW
        self.store, self.coverage = Store(self.said), Coverages(self.said)
        self.vendor = Vendor(self.said, **vendor)
        self.reports = Reports()
        fetcher = DataFetcher(self.store, self.coverage, Weekdays(), self.reports, clock=self.clock)
        self.service = MarketDataService([], store=self.store, fetcher=fetcher, vendors=[self.vendor])

    def clock(self) -> datetime:
        return self.now

    def get(self, start: str | None, end: str | None, **options: Any) -> Any:
        return self.service.get_historical_data(
            "AAA",
            None if start is None else date.fromisoformat(start),
            None if end is None else date.fromisoformat(end),
            provider="vendor",
            **options,
        )

    def fetch(self, start: str, end: str, **options: Any) -> FetchReport:
        request = BarsRequest.of("AAA", date.fromisoformat(start), date.fromisoformat(end), provider="vendor")
        return asyncio.run(self.service.fetch(request, **options))[0]

    def requests(self) -> list[str]:
        return [line for line in self.said if line.startswith("vendor.fetch")]


def test_the_store_is_asked_first_then_the_coverage_then_the_vendor():
    house = House()
    table = house.get("2024-01-02", "2024-01-31")
    assert house.said == [
        "store.series",
        "coverage.get AAA",
        "vendor.fetch AAA 1d 2024-01-02 to 2024-01-31",
        "store.publish AAA 22",
        "store.series",
        "coverage.save AAA",
        "coverage.get AAA",
        "store.read AAA newest",
    ]
    assert len(table.timestamps) == 22
    assert table.version == f"vendor/1d@1{'a' * 63}"


def test_what_is_known_is_not_asked_for_again():
    house = House()
    house.get("2024-01-02", "2024-01-31")
    del house.said[:]
    table = house.get("2024-01-08", "2024-01-12")
    assert house.said == ["store.series", "coverage.get AAA", "coverage.get AAA", "store.read AAA newest"]
    assert len(table.timestamps) == 5


def test_only_the_missing_days_are_asked_for():
    house = House()
    house.get("2024-01-08", "2024-01-12")
    del house.said[:]
    table = house.get("2024-01-01", "2024-01-31")
    assert house.requests() == [
        "vendor.fetch AAA 1d 2024-01-01 to 2024-01-07",
        "vendor.fetch AAA 1d 2024-01-13 to 2024-01-31",
    ]
    assert len(table.timestamps) == 23


def test_no_request_goes_out_for_a_weekend():
    house = House()
    house.get("2024-01-08", "2024-01-12")
    del house.said[:]
    house.get("2024-01-08", "2024-01-14")
    assert house.requests() == []


def test_a_coverage_that_was_lost_is_read_from_the_store_and_costs_no_request():
    house = House()
    house.get("2024-01-08", "2024-01-12")
    house.coverage.clear()
    del house.said[:]
    house.get("2024-01-08", "2024-01-12")
    assert house.requests() == []
    assert "coverage.save AAA" in house.said


def test_a_coverage_without_bars_is_not_believed():
    house = House()
    house.get("2024-01-08", "2024-01-12")
    house.store.held.clear()
    assert len(house.get("2024-01-08", "2024-01-12").timestamps) == 5
    assert len(house.requests()) == 2


def test_the_running_session_is_not_asked_for_before_it_has_closed():
    house = House()
    house.get("2024-03-11", "2024-03-31")
    assert house.requests() == ["vendor.fetch AAA 1d 2024-03-11 to 2024-03-14"]
    house.now = NOW + timedelta(hours=10)  # 22:00 UTC: closed
    house.get("2024-03-11", "2024-03-31")
    assert house.requests()[1:] == ["vendor.fetch AAA 1d 2024-03-15 to 2024-03-15"]


def test_days_that_are_still_to_come_are_refused_without_a_request():
    house = House()
    with pytest.raises(
        DateRangeError, match="nothing has ended since 2024-04-01: the last day of which all is known is 2024-03-14"
    ):
        house.get("2024-04-01", None)
    assert house.requests() == []


def test_bars_without_a_start_begin_in_1990():
    house = House()
    house.get(None, "1990-01-31")
    assert house.requests() == ["vendor.fetch AAA 1d 1990-01-01 to 1990-01-31"]


def test_intraday_bars_need_a_start():
    with pytest.raises(DateRangeError, match="bars of 5min need a start"):
        House().get(None, "2024-01-31", interval="5min")


def test_an_inverted_range_is_refused():
    with pytest.raises(DateRangeError, match="start 2024-01-31 is after end 2024-01-02: swap them"):
        House().get("2024-01-31", "2024-01-02")


def test_what_the_vendor_did_not_give_is_told_in_the_bars():
    house = House(begins=date(2024, 1, 8))
    table = house.get("2024-01-01", "2024-01-31")
    assert table.unavailable == ("AAA 2024-01-01 to 2024-01-07: the free plan ends; pay",)
    assert table.notes == ("Not in these bars: AAA 2024-01-01 to 2024-01-07: the free plan ends; pay.",)
    assert len(table.timestamps) == 18


def test_what_was_refused_is_asked_for_again_a_day_later_and_not_before():
    house = House(begins=date(2024, 1, 8))
    house.get("2024-01-01", "2024-01-31")
    house.now = NOW + timedelta(hours=23)
    assert house.get("2024-01-01", "2024-01-31").unavailable != ()
    assert len(house.requests()) == 1
    house.now = NOW + timedelta(hours=25)
    house.get("2024-01-01", "2024-01-31")
    assert house.requests()[1:] == ["vendor.fetch AAA 1d 2024-01-01 to 2024-01-07"]


def test_asking_again_asks_for_known_days_too():
    house = House()
    house.fetch("2024-01-08", "2024-01-12")
    report = house.fetch("2024-01-08", "2024-01-12", again=True)
    assert report.asked == (days("2024-01-08", "2024-01-12"),)
    assert len(house.requests()) == 2


def test_a_bad_answer_is_refused_whole_and_nothing_is_published():
    house = House(spoiled=[2])
    with pytest.raises(
        ImportRefusedError, match=r"the answer of vendor for AAA is refused, 1 of its 5 rows are bad.*row 3: high_below"
    ):
        house.get("2024-01-08", "2024-01-12")
    assert not [line for line in house.said if line.startswith(("store.publish", "coverage.save"))]


def test_a_bad_row_in_thousands_is_left_out_and_counted():
    house = House(spoiled=[2])
    report = house.fetch("2014-01-01", "2023-12-29")
    assert (report.quarantined, report.rows) == (1, 2607)
    (kept,) = house.reports.kept.values()
    assert report.quarantine_id in house.reports.kept
    assert [row["row"] for row in kept["rows"]] == [3]


def test_a_vendor_that_fails_leaves_store_and_coverage_alone():
    house = House(refuses={"AAA": QuotaError("25 requests a day", retry_after=3600.0)})
    with pytest.raises(QuotaError, match="25 requests a day"):
        house.get("2024-01-08", "2024-01-12")
    assert not [line for line in house.said if line.startswith(("store.publish", "coverage.save"))]


def test_a_failure_tells_which_symbols_were_stored_before_it():
    house = House(refuses={"BBB": QuotaError("no more today")})
    request = BarsRequest.of(["AAA", "BBB"], date(2024, 1, 8), date(2024, 1, 12), provider="vendor")
    with pytest.raises(QuotaError) as failed:
        asyncio.run(house.service.fetch(request))
    assert failed.value.__notes__ == ["before it, these were stored: AAA"]
    assert "store.publish AAA 5" in house.said


def test_the_vendors_actions_are_stored_with_the_bars():
    split = CorporateAction(day=date(2024, 1, 10), kind="split", value=2.0)
    house = House(actions=(split,))
    house.fetch("2024-01-08", "2024-01-12")
    assert house.store.actions("vendor", "1d", "AAA") == (split,)


def test_a_vendors_own_adjustment_that_differs_is_a_warning():
    report = House(adjusted_by=0.5).fetch("2024-01-08", "2024-01-12")
    assert [finding.rule for finding in report.findings if finding.rule == "vendor_adjustment"] == ["vendor_adjustment"]


def test_a_vendors_own_adjustment_that_agrees_is_none():
    report = House(adjusted_by=1.0).fetch("2024-01-08", "2024-01-12")
    assert not [finding for finding in report.findings if finding.rule == "vendor_adjustment"]


def test_a_pinned_version_is_read_and_nothing_is_fetched():
    house = House()
    house.get("2024-01-08", "2024-01-12")
    del house.said[:]
    house.get("2024-01-01", "2024-01-31", versions=["other/1d@v9", f"vendor/1d@1{'a' * 63}"])
    assert house.said == [f"store.read AAA 1{'a' * 63}"]


def test_the_beginning_of_a_version_names_it():
    house = House()
    house.get("2024-01-08", "2024-01-12")
    house.get("2024-01-15", "2024-01-19")
    del house.said[:]
    house.get("2024-01-08", "2024-01-12", versions=["vendor/1d@2a"])
    assert house.said == [f"store.read AAA 2{'a' * 63}"]


def test_a_version_that_is_not_there_is_told_with_those_that_are():
    house = House()
    house.get("2024-01-08", "2024-01-12")
    with pytest.raises(NotFoundError, match="version 'zz' of vendor/1d: no version begins so; .*: 1aaaaaaaaaaa$"):
        house.get("2024-01-08", "2024-01-12", versions=["vendor/1d@zz"])


def test_stock_data_is_the_same_door_for_asynchronous_code():
    house = House()

    async def ask() -> Any:
        return await house.service.stock.get_historical_data(
            "AAA", date(2024, 1, 8), date(2024, 1, 12), provider="vendor"
        )

    assert asyncio.run(ask()).symbols == ("AAA",)
    assert house.said[0:3] == ["store.series", "coverage.get AAA", "vendor.fetch AAA 1d 2024-01-08 to 2024-01-12"]


def test_a_day_may_be_text_and_nothing_goes_out_for_text_that_is_none():
    house = House()
    stock = house.service.stock
    table = asyncio.run(stock.get_historical_data("AAA", "2024-01-08", "2024-01-12", provider="vendor"))
    assert len(table.timestamps) == 5
    said = list(house.said)
    with pytest.raises(InputError, match="end='12 January' is no date; expected one such as '1999-01-04'"):
        asyncio.run(stock.get_intraday_data("AAA", "5min", "2024-01-08", "12 January", provider="vendor"))
    assert house.said == said


def test_intraday_data_takes_no_interval_of_a_day():
    with pytest.raises(InputError, match="interval='1d' is not within a day"):
        asyncio.run(House().service.stock.get_intraday_data("AAA", "1d", date(2024, 1, 8), provider="vendor"))


def test_bars_can_be_asked_for_where_a_loop_runs_already():
    house = House()

    async def notebook() -> Any:
        return house.get("2024-01-08", "2024-01-12")

    assert len(asyncio.run(notebook()).timestamps) == 5


def test_the_adjusted_view_is_made_of_raw_bars_and_actions():
    house = House(actions=(CorporateAction(day=date(2024, 1, 10), kind="split", value=2.0),))
    raw, view = house.get("2024-01-08", "2024-01-12"), house.get("2024-01-08", "2024-01-12", adjusted=True)
    np.testing.assert_array_equal(view.close[:2] * 2.0, raw.close[:2])
    np.testing.assert_array_equal(view.close[2:], raw.close[2:])
    assert view.version == raw.version


def test_only_vendors_can_be_fetched_from():
    request = BarsRequest.of("AAA", None, None, provider="elsewhere")
    with pytest.raises(InputError, match="bars can't be fetched from 'elsewhere'; vendors: vendor"):
        asyncio.run(House().service.fetch(request))


def test_days_of_which_nothing_was_given_are_an_error_that_says_why():
    house = House(begins=date(2024, 2, 1))
    with pytest.raises(DateRangeError, match="no bar; AAA 2024-01-01 to 2024-01-31: the free plan ends; pay"):
        house.get("2024-01-01", "2024-01-31")


def test_symbols_are_published_together():
    house = House()
    request = BarsRequest.of(["AAA", "BBB", "CCC"], date(2024, 1, 8), date(2024, 1, 12), provider="vendor")
    reports = asyncio.run(house.service.fetch(request))
    assert len(house.store.made) == 1
    assert [report.version for report in reports] == house.store.made * 3
    assert sorted(symbol for _, _, symbol in house.coverage.kept) == ["AAA", "BBB", "CCC"]


def test_many_symbols_are_published_by_twenty_five():
    house = House()
    symbols = [f"S{number}" for number in range(60)]
    asyncio.run(house.service.fetch(BarsRequest.of(symbols, date(2024, 1, 8), date(2024, 1, 12), provider="vendor")))
    assert len(house.store.made) == 3
    assert len(house.store.held["vendor", "1d"]) == 60


def test_what_came_before_an_interruption_is_stored():
    house = House()

    async def interrupted() -> None:
        request = BarsRequest.of(["AAA", "BBB"], date(2024, 1, 8), date(2024, 1, 12), provider="vendor")
        house.vendor.waits_at = "BBB"
        task = asyncio.create_task(house.service.fetch(request))
        while "vendor.fetch BBB 1d 2024-01-08 to 2024-01-12" not in house.said:
            await asyncio.sleep(0.001)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(interrupted())
    assert list(house.store.held["vendor", "1d"]) == ["AAA"]


@pytest.mark.parametrize(
    ("interval", "today", "last"),
    [
        ("1w", "2024-03-15", "2024-03-10"),
        ("1w", "2024-03-17", "2024-03-10"),
        ("1w", "2024-03-18", "2024-03-17"),
        ("1mo", "2024-03-15", "2024-02-29"),
        ("1mo", "2024-03-31", "2024-02-29"),
        ("1mo", "2024-04-01", "2024-03-31"),
    ],
)
def test_a_running_week_or_month_is_not_asked_for(interval, today, last):
    house = House(begins=date(2020, 1, 1))
    house.now = datetime.fromisoformat(f"{today}T06:00:00+00:00")
    house.get("2024-01-01", None, interval=interval)
    assert house.requests() == [f"vendor.fetch AAA {interval} 2024-01-01 to {last}"]
