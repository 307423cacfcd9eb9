from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from hindcast.domain.errors import BenchmarkError
from hindcast.engine.metrics.benchmark import BenchmarkSeries, align, relative_statistics
from hindcast.engine.stamps import to_nanoseconds
from hindcast.infrastructure.calendars.exchange_calendars import ExchangeCalendars
from hindcast.services.market_data.benchmarks.alignment import AlignedSide, align_benchmark

CALENDARS = ExchangeCalendars(today=lambda: date(2024, 6, 1))
FIRST, LAST = date(2018, 1, 1), date(2019, 12, 31)
NEW_YORK, SEOUL = (CALENDARS.schedule(name, FIRST, LAST) for name in ("XNYS", "XKRX"))
SPY = AlignedSide(
    name="SPY", timestamps=NEW_YORK.sessions, currency="USD", returns="total", calendar="XNYS", schedule=NEW_YORK
)
KOSPI = AlignedSide(
    name="KOSPI", timestamps=SEOUL.sessions, currency="KRW", returns="price", calendar="XKRX", schedule=SEOUL
)


def test_spy_and_kospi_lie_beside_each_other_as_their_calendars_say() -> None:
    report = align_benchmark(SPY, KOSPI)
    new_york, seoul = set(NEW_YORK.sessions.tolist()), set(SEOUL.sessions.tolist())
    first, last = min(new_york), max(new_york)
    inside = {stamp for stamp in seoul if first <= stamp <= last}
    assert report.common == len(new_york & inside)
    assert len(report.only_run) == len(new_york - seoul)
    assert len(report.only_benchmark) == len(inside - new_york)
    assert "2018-02-15" in report.only_run  # the lunar new year
    assert "2018-07-04" in report.only_benchmark
    assert [(year.year, year.common + year.only_run) for year in report.by_year] == [(2018, 251), (2019, 252)]
    assert sum(year.only_benchmark for year in report.by_year) == len(report.only_benchmark)


def test_the_hours_of_seoul_are_over_before_new_york_opens() -> None:
    report = align_benchmark(SPY, KOSPI)
    assert report.close_lag_hours == 13.5  # 20:00 UTC in summer time, against 06:30
    assert report.overlapping_hours == 0.0
    turned = align_benchmark(KOSPI, SPY)
    assert turned.close_lag_hours == -13.5
    assert "the day of KOSPI ends 13.5 h earlier than that of SPY" in turned.findings[-1]


def test_what_a_reader_must_know_is_said_in_words() -> None:
    report = align_benchmark(SPY, KOSPI)
    lost = len(report.only_run) + len(report.only_benchmark)
    dates, currency, dividends, hours = report.findings
    assert dates == (
        f"{lost} of {report.common + lost} dates are of one side only and left out; returns are taken over these gaps "
        f"on the {report.common} that both have"
    )
    assert currency == (
        "SPY is in USD, KOSPI in KRW: nothing is converted, so the metrics are those of somebody whose currency is "
        "hedged at no cost"
    )
    assert dividends == "SPY has its dividends, KOSPI is without: alpha is too high by about that dividend yield"
    assert hours == (
        "the day of SPY ends 13.5 h later than that of KOSPI: returns of one date are not of the same hours, so beta "
        "and correlation of daily returns come out too low and tracking error too high; weekly returns suffer less"
    )


def test_the_report_prints_and_is_json() -> None:
    report = align_benchmark(SPY, KOSPI)
    lines = str(report).splitlines()
    assert lines[0] == "SPY against KOSPI, 2018-01-02 to 2019-12-31"
    assert lines[2:5] == [
        "  currency    USD · KRW",
        "  returns     with dividends · price only, dividends left out",
        "  calendar    XNYS · XKRX; the run's day ends 13.5 h later, both are open for 0 h",
    ]
    assert lines[1].startswith(
        f"  dates       {report.common} common, {len(report.only_run)} of SPY alone (2018-02-15, "
    )
    assert len(lines) == 5 + len(report.findings)
    found = json.loads(json.dumps(report.to_json(), allow_nan=False))
    assert found["only_run"] == list(report.only_run)
    assert found["by_year"][0]["year"] == 2018


def test_it_counts_what_the_metrics_leave_out() -> None:
    report = align_benchmark(SPY, KOSPI)
    draw = np.random.default_rng(3)
    levels = np.exp(np.cumsum(draw.normal(0, 0.01, SPY.timestamps.size)))
    values = np.exp(np.cumsum(draw.normal(0, 0.01, KOSPI.timestamps.size)))
    found = align(levels, SPY.timestamps, BenchmarkSeries(symbol="KOSPI", timestamps=KOSPI.timestamps, values=values))
    assert found.levels.size == report.common
    assert found.dropped == len(report.only_run) + len(report.only_benchmark)


def test_a_day_that_ends_earlier_hides_correlation_as_the_finding_says() -> None:
    """One world-wide return per day, which Seoul closes on the day after New York has."""
    news = np.random.default_rng(5).normal(0.0, 0.01, 600)
    new_york = np.cumsum(news)
    same_day, day_after = np.cumsum(news), np.cumsum(np.roll(news, 1))
    days = np.arange(600, dtype=np.int64) * 86_400_000_000_000

    def beta(benchmark: np.ndarray) -> float:
        series = BenchmarkSeries(symbol="X", timestamps=days, values=np.exp(benchmark))
        common = align(np.exp(new_york), days, series)
        found = relative_statistics(common, periods_per_year=252.0, risk_free_rate=0.0)["beta"]
        assert found is not None
        return found

    assert beta(same_day) == pytest.approx(1.0, abs=1e-9)
    assert abs(beta(day_after)) < 0.15


def test_two_of_a_kind_have_nothing_to_say() -> None:
    report = align_benchmark(SPY, replace(SPY, name="SPX"))
    assert report.findings == ()
    assert report.only_run == report.only_benchmark == ()
    assert "calendar    XNYS; the run's day ends with the benchmark's, both are open for 6.5 h" in str(report)
    assert "503 common, none of SPY alone, none of SPX alone" in str(report)


def test_what_is_not_known_is_said_to_be_unknown() -> None:
    unknown = AlignedSide(name="MINE", timestamps=NEW_YORK.sessions)
    report = align_benchmark(unknown, SPY)
    assert report.close_lag_hours is None
    assert report.overlapping_hours is None
    assert report.findings == ("the currency of MINE is not known; nothing is converted",)
    assert "returns     dividends not known · with dividends" in str(report)
    assert "calendar    not known · XNYS" in str(report)
    both = align_benchmark(unknown, replace(unknown, name="YOURS"))
    assert both.findings == ("the currency of MINE and YOURS is not known; nothing is converted",)


def test_a_benchmark_with_dividends_against_a_run_without_is_told_the_other_way_round() -> None:
    report = align_benchmark(replace(SPY, returns="price"), replace(SPY, name="TR"))
    assert report.findings == ("TR has its dividends, SPY is without: alpha is too low by about that dividend yield",)


def test_a_benchmark_that_reaches_further_than_the_run_says_nothing() -> None:
    short = replace(SPY, timestamps=SPY.timestamps[100:200])
    report = align_benchmark(short, replace(SPY, name="SPX"))
    assert (report.common, report.only_benchmark) == (100, ())


def test_nothing_in_common_is_an_error() -> None:
    other = replace(KOSPI, timestamps=to_nanoseconds(["1990-01-02"]))
    with pytest.raises(BenchmarkError, match="SPY and KOSPI have no date in common from 2018-01-02 to 2019-12-31"):
        align_benchmark(SPY, other)
    with pytest.raises(BenchmarkError, match="SPY has no bars"):
        align_benchmark(replace(SPY, timestamps=SPY.timestamps[:0]), KOSPI)


def test_sessions_that_are_not_in_the_schedules_leave_the_hours_unknown() -> None:
    saturdays = replace(SPY, timestamps=to_nanoseconds(["2018-01-06", "2018-01-13"]))
    assert align_benchmark(saturdays, replace(saturdays, name="SPX")).close_lag_hours is None
