from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime

import numpy as np
import pytest
from pydantic import SecretStr
from tests.faults.alpha_vantage_asking import FREE, MONDAY, PREMIUM, Asker, Clock, days, stamps
from tests.faults.alpha_vantage_book import Book, close_of
from tests.faults.alpha_vantage_server import alpha_vantage

from hindcast.domain.errors import (
    CredentialError,
    EntitlementError,
    InputError,
    QuotaError,
    UnknownSymbolError,
)
from hindcast.domain.market_data import CorporateAction
from hindcast.infrastructure.alpha_vantage.intraday import as_starts
from hindcast.infrastructure.alpha_vantage.long_bars import on_one_basis
from hindcast.infrastructure.alpha_vantage.parsing import parse_series
from hindcast.infrastructure.alpha_vantage.provider import AlphaVantageProvider
from hindcast.infrastructure.alpha_vantage.questions import intraday_question, long_question
from hindcast.infrastructure.alpha_vantage.quotas import Limits
from hindcast.infrastructure.alpha_vantage.symbols import instrument_of

WEEKLY = {"function": "TIME_SERIES_WEEKLY", "symbol": "IBM"}


@pytest.fixture
def ask(tmp_path):
    """Askers of a vendor with such a book, as many as wanted."""
    open_servers = []

    def asker(*, clock=None, limits=FREE, **book):
        context = alpha_vantage(Book(**book))
        open_servers.append(context)
        return Asker(context.__enter__(), tmp_path, clock=clock or Clock(), limits=limits)

    yield asker
    for context in open_servers:
        context.__exit__(None, None, None)


def told(found):
    return [(str(entry.days), entry.reason.partition(":")[0]) for entry in found.unavailable]


def covered(found):
    return [str(part) for part in found.covered]


def test_daily_bars_are_raw_with_splits_and_dividends_beside_them(ask):
    asker = ask(premium=True)
    found = asker.fetch(first="2025-06-06", last="2025-06-11")
    assert stamps(found) == [f"2025-06-{day:02} 00:00" for day in (6, 9, 10, 11)]
    assert found.rows.close.tolist() == [close_of(date(2025, 6, day)) for day in (6, 9, 10, 11)]
    assert found.rows.close[1] > 3 * found.rows.close[2]
    assert [str(action.day) for action in found.actions if action.kind == "split"] == ["2025-06-10"]
    assert sum(action.kind == "dividend" for action in found.actions) == 9
    assert covered(found) == ["2025-06-06 to 2025-06-11"]
    assert (found.terms.calendar, found.terms.currency, found.terms.adjusted) == ("XNYS", "USD", False)
    assert found.adjusted_close is None
    assert found.rows.faults is None
    assert asker.server.asked() == ["TIME_SERIES_DAILY full", "SPLITS", "DIVIDENDS"]


def test_a_key_without_a_daily_limit_gets_the_vendor_s_adjusted_close_beside_the_raw_bars(ask):
    asker = ask(premium=True, limits=PREMIUM)
    found = asker.fetch(first="2025-06-06", last="2025-06-11")
    assert found.rows.close[0] == close_of(date(2025, 6, 6))
    assert found.adjusted_close[0] == pytest.approx(found.rows.close[0] / 4, abs=1e-4)
    assert found.adjusted_close[-1] == found.rows.close[-1]
    assert asker.server.asked() == ["TIME_SERIES_DAILY_ADJUSTED full", "SPLITS", "DIVIDENDS"]


def test_a_free_key_gets_100_rows_and_hears_what_is_missing_and_what_to_do(ask):
    asker = ask()
    found = asker.fetch(first="2024-06-03")
    assert len(found.rows.timestamps) == 100
    assert covered(found) == ["2025-10-06 to 2026-02-27"]
    (missing,) = found.unavailable
    assert str(missing.days) == "2024-06-03 to 2025-10-05"
    assert missing.reason == "the free plan gives the latest 100 daily rows"
    assert "premium" in missing.remedy
    assert "hindcast data import" in missing.remedy
    assert missing.asked_at == MONDAY


def test_what_a_key_does_not_pay_for_is_asked_once(ask):
    asker = ask()
    asker.fetch(first="2024-06-03")
    assert asker.server.asked() == ["TIME_SERIES_DAILY full", "TIME_SERIES_DAILY compact", "SPLITS", "DIVIDENDS"]
    asker.server.requests.clear()
    asker.fetch("SPY", first="2024-06-03")
    assert asker.server.asked() == ["TIME_SERIES_DAILY compact", "SPLITS", "DIVIDENDS"]


def test_a_premium_key_whose_adjusted_bars_are_refused_gets_plain_ones(ask):
    asker = ask(limits=PREMIUM)
    assert len(asker.fetch().rows.timestamps) == 38
    assert asker.server.asked()[:2] == ["TIME_SERIES_DAILY_ADJUSTED compact", "TIME_SERIES_DAILY compact"]
    asker.server.requests.clear()
    asker.fetch()
    assert asker.server.asked() == ["TIME_SERIES_DAILY compact", "SPLITS", "DIVIDENDS"]


def test_days_that_all_lie_before_the_free_rows_cost_no_request_for_actions(ask):
    asker = ask()
    found = asker.fetch(first="2024-06-03", last="2024-12-31")
    assert len(found.rows.timestamps) == 0
    assert found.covered == ()
    assert told(found) == [("2024-06-03 to 2024-12-31", "the free plan gives the latest 100 daily rows")]
    assert asker.server.asked() == ["TIME_SERIES_DAILY full", "TIME_SERIES_DAILY compact"]


def test_a_symbol_whose_full_history_is_an_invalid_call_is_tried_in_the_small_size(ask):
    asker = ask(premium=True)
    asker.server.play("invalid_call", outputsize="full")
    found = asker.fetch(first="2024-06-03")
    assert len(found.rows.timestamps) == 100
    assert found.unavailable[0].reason.startswith("the vendor refuses the full history of this symbol")
    assert asker.server.asked()[:2] == ["TIME_SERIES_DAILY full", "TIME_SERIES_DAILY compact"]
    with pytest.raises(UnknownSymbolError):
        asker.fetch("NOPE", first="2024-06-03")
    asker.server.behave()
    asker.server.requests.clear()
    assert len(asker.fetch(first="2024-06-03").rows.timestamps) == 436


def test_a_whole_history_that_begins_late_covers_the_days_before(ask):
    found = ask(premium=True).fetch(first="2020-01-01", last="2024-01-31")
    assert stamps(found)[0] == "2024-01-02 00:00"
    assert covered(found) == ["2020-01-01 to 2024-01-31"]
    assert found.unavailable == ()


@pytest.mark.parametrize(
    ("now", "refreshed", "last", "reason"),
    [
        (
            datetime(2026, 2, 27, 21, 29, tzinfo=UTC),
            "",
            "2026-02-26",
            "these days were not over when the vendor was asked",
        ),
        (datetime(2026, 2, 27, 21, 30, tzinfo=UTC), "", "2026-02-27", None),
        (
            datetime(2026, 2, 27, 22, 0, tzinfo=UTC),
            "2026-02-27 15:59:00",
            "2026-02-26",
            "the vendor does not have these days yet",
        ),
        (datetime(2026, 2, 27, 22, 0, tzinfo=UTC), "2026-02-27 16:00:01", "2026-02-27", None),
    ],
    ids=["running", "closed", "updated before the close", "updated after the close"],
)
def test_the_running_session_s_row_is_left_out_until_it_is_final(ask, now, refreshed, last, reason):
    found = ask(clock=Clock(now), refreshed=refreshed).fetch(first="2026-02-23")
    assert stamps(found)[-1] == f"{last} 00:00"
    assert covered(found) == [f"2026-02-23 to {last}"]
    assert told(found) == ([] if reason is None else [("2026-02-27 to 2026-02-27", reason)])


@pytest.mark.parametrize("last", ["2026-02-27", "2026-03-01", "2026-03-02", "2026-03-20"])
def test_covered_and_unavailable_days_together_are_the_asked_days(ask, last):
    from hindcast.services.market_data.coverage import joined, without

    asker, asked = ask(), days("2025-01-05", last)
    found = asker.fetch(first="2025-01-05", last=last)
    parts = (*found.covered, *(entry.days for entry in found.unavailable))
    assert without(asked, parts) == ()
    assert sum((part.last - part.first).days + 1 for part in parts) == (joined(parts)[0].last - asked.first).days + 1


@pytest.mark.parametrize("ends_as_stamps", [False, True])
def test_intraday_stamps_are_starts_in_utc_whatever_the_vendor_stamps(ask, ends_as_stamps):
    asker = ask(ends_as_stamps=ends_as_stamps)
    found = asker.fetch(interval="30min", first="2025-11-28", last="2025-12-01")
    assert stamps(found)[0] == "2025-11-28 14:30"
    assert stamps(found)[6:8] == ["2025-11-28 17:30", "2025-12-01 14:30"]
    assert stamps(found)[-1] == "2025-12-01 20:30"
    assert len(found.rows.timestamps) == 20
    assert any("ends of bars" in note for note in found.rows.notes) is ends_as_stamps
    assert found.actions is not None
    assert {action.kind for action in found.actions} == {"split", "dividend"}
    months = ["TIME_SERIES_INTRADAY 2025-12", "TIME_SERIES_INTRADAY 2025-11"]
    assert asker.server.asked() == ["SPLITS", "DIVIDENDS", *months]
    asked = {(query["adjusted"], query["extended_hours"]) for query in asker.server.requests[2:]}
    assert asked == {("false", "false")}


def intraday_book(clocks, interval="60min"):
    """A vendor's answer for 2026-02-26 with bars stamped at these times."""
    answer = Book().answer(
        {"function": "TIME_SERIES_INTRADAY", "symbol": "IBM", "interval": interval, "month": "2026-02"}
    )
    row = next(iter(answer[f"Time Series ({interval})"].values()))
    return {**answer, f"Time Series ({interval})": {f"2026-02-26 {clock}:00": row for clock in clocks}}


@pytest.mark.parametrize(
    ("clocks", "starts", "note"),
    [
        ("09:30 10:30 15:30", "14:30 15:30 20:30", ""),
        ("10:30 11:30 16:30", "14:30 15:30 20:30", "were ends"),
        ("09:00 10:00 15:00", "14:30 15:00 20:00", "opening hour"),
        ("10:00 11:00 16:00", "14:30 15:00 20:00", "opening hour"),
        ("09:30 15:30 16:00", "14:30 20:30", "1 closing prints at 16:00 left out"),
    ],
    ids=["starts", "ends", "starts of clock hours", "ends of clock hours", "a closing print"],
)
def test_the_session_tells_what_the_stamps_of_hours_mean(clocks, starts, note):
    instrument = instrument_of("IBM")
    series = parse_series(intraday_book(clocks.split()), intraday_question(instrument, "60min", "2026-02"), instrument)
    moved, notes = as_starts(series, instrument, "60min")
    assert [f"{datetime.fromtimestamp(stamp // 10**9, UTC):%H:%M}" for stamp in moved.stamps.tolist()] == starts.split()
    assert note in "; ".join(notes)


def test_a_newest_day_of_intraday_bars_that_ends_early_waits_for_a_night(ask):
    half_day = date(2025, 11, 28)
    evening, morning = datetime(2025, 11, 28, 22, tzinfo=UTC), datetime(2025, 11, 29, 10, tzinfo=UTC)
    late = ask(newest=half_day, clock=Clock(evening)).fetch(interval="30min", first="2025-11-26", last="2025-11-28")
    assert stamps(late)[-1] == "2025-11-26 20:30"
    assert told(late) == [("2025-11-27 to 2025-11-28", "the vendor does not have these days yet")]
    found = ask(newest=half_day, clock=Clock(morning)).fetch(interval="30min", first="2025-11-26", last="2025-11-28")
    assert stamps(found)[-1] == "2025-11-28 17:30"
    assert told(found) == []


def test_months_before_the_vendor_s_first_end_the_search_and_are_told(ask):
    asker = ask()
    found = asker.fetch(interval="60min", first="2023-06-01", last="2024-02-15")
    months = [f"TIME_SERIES_INTRADAY {month}" for month in ("2024-02", "2024-01", "2023-12")]
    assert asker.server.asked() == ["SPLITS", "DIVIDENDS", *months]
    assert covered(found) == ["2024-01-01 to 2024-02-15"]
    assert told(found) == [("2023-06-01 to 2023-12-31", "the vendor has no 60min bars of 2023-12")]


def test_a_running_month_without_a_bar_yet_does_not_end_the_search(ask):
    found = ask().fetch(interval="60min", first="2026-02-26", last="2026-03-02")
    assert stamps(found)[-1] == "2026-02-27 20:30"
    assert covered(found) == ["2026-02-26 to 2026-03-01"]


def test_intraday_days_before_2000_cost_no_request(ask):
    asker = ask()
    with pytest.raises(UnknownSymbolError, match="begin in January 2000"):
        asker.fetch(interval="60min", first="1999-01-01", last="1999-12-31")
    assert asker.server.requests == []


def test_when_the_requests_run_out_the_newest_months_are_given(ask):
    asker = ask(limits=Limits(per_day=5))
    found = asker.fetch(interval="60min", first="2025-06-01", last="2026-02-27")
    assert covered(found) == ["2025-12-01 to 2026-02-27"]
    (missing,) = found.unavailable
    assert str(missing.days) == "2025-06-01 to 2025-11-30"
    assert missing.reason.startswith("the requests ran out: 5 of 5 requests")
    with pytest.raises(QuotaError, match="go on after 2026-03-03 14:01 UTC"):
        asker.fetch(interval="60min", first="2025-06-01", last="2025-11-30")
    assert len(asker.server.requests) == 5


def test_weeks_and_months_end_with_their_last_session_and_the_running_ones_are_left_out(ask):
    asker = ask(newest=date(2026, 2, 25), clock=Clock(datetime(2026, 2, 26, 12, tzinfo=UTC)))
    weeks = asker.fetch(interval="1w", first="2026-01-01", last="2026-02-25")
    assert stamps(weeks)[0] == "2026-01-02 00:00"
    assert stamps(weeks)[-1] == "2026-02-20 00:00"
    assert covered(weeks) == ["2026-01-01 to 2026-02-22"]
    months = asker.fetch(interval="1mo", first="2026-01-01", last="2026-02-25")
    assert stamps(months) == ["2026-01-30 00:00"]
    assert covered(months) == ["2026-01-01 to 2026-01-31"]


def test_weeks_and_months_have_splits_and_dividends_and_none_on_two_bases(ask):
    asker = ask()  # its split is of Tuesday, 10 June
    weeks = asker.fetch(interval="1w", first="2025-05-26", last="2025-06-27")
    assert stamps(weeks) == ["2025-05-30 00:00", "2025-06-06 00:00", "2025-06-20 00:00", "2025-06-27 00:00"]
    assert [str(action.day) for action in weeks.actions if action.kind == "split"] == ["2025-06-10"]
    assert sum(action.kind == "dividend" for action in weeks.actions) == 9
    assert "left out, for a split lies within and its prices are on two bases: 1w 2025-06-13" in weeks.rows.notes[0]
    assert covered(weeks) == ["2025-05-26 to 2025-06-27"]
    months = asker.fetch(interval="1mo", first="2025-05-01", last="2025-07-31")
    assert stamps(months) == ["2025-05-30 00:00", "2025-07-31 00:00"]


def test_a_split_at_the_beginning_of_a_week_leaves_it_in():
    series = parse_series(Book().answer(WEEKLY), long_question(instrument_of("IBM"), "1w"), instrument_of("IBM"))
    monday, tuesday = (CorporateAction(day=date(2025, 6, day), kind="split", value=4.0) for day in (9, 10))
    assert len(on_one_basis(series, "1w", [monday])[0].stamps) == len(series.stamps)
    assert len(on_one_basis(series, "1w", [tuesday])[0].stamps) == len(series.stamps) - 1


def test_pairs_are_fetched_by_the_day_only(ask):
    asker = ask()
    euro, coin = asker.fetch("EUR/USD"), asker.fetch("BTC/EUR", first="2026-02-01", last="2026-03-01")
    assert len(euro.rows.timestamps) == 38
    assert np.isnan(euro.rows.volume).all()
    assert len(coin.rows.timestamps) == 27
    assert euro.actions is None
    with pytest.raises(EntitlementError, match="by the day"):
        asker.fetch("EUR/USD", "60min")
    assert [query["function"] for query in asker.server.requests] == ["FX_DAILY", "DIGITAL_CURRENCY_DAILY"]


@pytest.mark.parametrize("part", ["premium_endpoint", "empty_object", "invalid_call"])
def test_dividends_that_the_vendor_does_not_give_are_told(ask, part):
    asker = ask()
    asker.server.play(part, function="DIVIDENDS")
    found = asker.fetch()
    assert [action.kind for action in found.actions] == ["split"]
    assert "dividends are not known" in found.rows.notes[0]
    assert found.terms.notes == found.rows.notes
    assert found.silent_on == ("dividend",)
    asker.server.play(part, function="SPLITS")
    assert asker.fetch().actions is None


def test_a_daily_fetch_that_the_day_can_not_hold_is_refused_before_its_first_request(ask):
    asker = ask(limits=Limits(per_day=4))
    asker.fetch()
    with pytest.raises(QuotaError, match="3 more would be one too many"):
        asker.fetch("SPY")
    assert len(asker.server.requests) == 3


def test_two_fetches_at_once_keep_the_pace(ask):
    asker = ask()

    async def both():
        provider = asker.provider()
        asked = days("2026-01-05", "2026-02-27")
        return await asyncio.gather(provider.fetch("IBM", "1d", asked), provider.fetch("SPY", "1d", asked))

    found = asyncio.run(both())
    assert [one.rows.symbol for one in found] == ["IBM", "SPY"]
    assert len(asker.server.requests) == 6
    assert (asker.clock.now - MONDAY).total_seconds() >= 5


def test_a_search_tells_symbols_with_exchange_and_currency(ask):
    asker = ask()
    (tesco,) = asyncio.run(asker.provider().search("tesco"))
    assert (tesco.symbol, tesco.name, tesco.exchange, tesco.currency, tesco.kind) == (
        "TSCO.LON",
        "Tesco PLC",
        "XLON",
        "GBX",
        "equity",
    )
    assert asyncio.run(asker.provider().search("nothing of that name")) == ()
    with pytest.raises(InputError):
        asyncio.run(asker.provider().search("  "))


@pytest.mark.parametrize("key", [None, SecretStr(""), SecretStr("  ")])
def test_without_a_key_terms_are_told_and_the_rest_says_how_to_set_one(tmp_path, key):
    provider = AlphaVantageProvider(key, quota_file=tmp_path / "quotas.json")
    assert provider.terms("TSCO.LON", "1d").calendar == "XLON"
    for call in (provider.fetch("IBM", "1d", days("2026-01-05", "2026-02-27")), provider.search("tesco")):
        with pytest.raises(CredentialError, match="HINDCAST_ALPHA_VANTAGE_KEY, or alpha_vantage_key in hindcast.toml"):
            asyncio.run(call)
    assert not (tmp_path / "quotas.json").exists()


@pytest.mark.parametrize("key", ["two words", "line\nbreak", "schlüssel"])
def test_a_key_that_can_be_none_is_refused_without_being_shown(tmp_path, key):
    with pytest.raises(CredentialError) as caught:
        AlphaVantageProvider(SecretStr(key), quota_file=tmp_path / "quotas.json")
    assert key not in str(caught.value)


def test_an_interval_that_the_vendor_lacks_is_refused(ask):
    with pytest.raises(InputError, match="Alpha Vantage has 1min, 5min"):
        ask().fetch(interval="2h")
    assert AlphaVantageProvider(None, quota_file=ask().quota_file).terms("IBM", "1h").calendar == "XNYS"


def test_the_provider_is_what_the_port_asks_for(tmp_path):
    from hindcast.services.ports import MarketDataProvider

    provider: MarketDataProvider = AlphaVantageProvider(None, quota_file=tmp_path / "quotas.json")
    assert provider.name == "alpha_vantage"
    assert "1d" in provider.intervals
