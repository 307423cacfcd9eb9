from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest
from tests.unit.services.market_data.schedules import minutes_of, sessions

import hindcast as hc
from hindcast.domain.errors import DataError, DateRangeError, InputError
from hindcast.engine.stamps import day_text, to_nanoseconds
from hindcast.services.market_data.views.resampling import resample
from hindcast.services.ports import PanelTable

MINUTE = 60_000_000_000


def table_on(timestamps: np.ndarray, symbols: int = 1, seed: int = 1, missing: float = 0.0) -> PanelTable:
    draw = np.random.default_rng(seed)
    shape = (len(timestamps), symbols)
    close = 100.0 * np.exp(np.cumsum(draw.normal(0.0, 0.002, shape), axis=0))
    open_ = close * (1.0 + draw.normal(0.0, 0.001, shape))
    high, low = np.maximum(open_, close) * 1.001, np.minimum(open_, close) * 0.999
    volume = np.round(draw.lognormal(6.0, 0.5, shape))
    gone = draw.random(shape) < missing
    for array in (open_, high, low, close, volume):
        array[gone] = np.nan
    return PanelTable(
        timestamps=timestamps,
        symbols=tuple(f"S{place}" for place in range(symbols)),
        open=open_,
        high=high,
        low=low,
        close=close,
        volume=volume,
    )


def days_of(table: PanelTable | hc.Bars) -> list[str]:
    return [day_text(stamp) for stamp in table.timestamps]


def by_pandas(table: PanelTable, rule: str, column: int = 0) -> pd.DataFrame:
    index = pd.DatetimeIndex(table.timestamps.view("M8[ns]"))
    frame = pd.DataFrame(
        {name: getattr(table, name)[:, column] for name in ("open", "high", "low", "close", "volume")}, index=index
    )
    how = {"open": "first", "high": "max", "low": "min", "close": "last", "volume": "sum"}
    return frame.resample(rule).agg(how)


@pytest.mark.parametrize(
    ("interval", "rule"), [("5min", "5min"), ("1h", "60min"), ("1d", "1D"), ("1w", "W"), ("1mo", "ME")]
)
def test_round_the_clock_it_agrees_with_pandas(interval: str, rule: str) -> None:
    start = to_nanoseconds(["2023-12-29"])[0]
    table = table_on(start + np.arange(36 * 24 * 60) * MINUTE, symbols=2, missing=0.3)
    made = resample(table, interval, as_of=datetime(2024, 3, 1, tzinfo=UTC))
    for column in (0, 1):
        expected = by_pandas(table, rule, column)
        assert np.array_equal(made.timestamps.view("M8[ns]"), expected.index.to_numpy())
        for name in ("open", "high", "low", "close"):
            assert np.array_equal(getattr(made, name)[:, column], expected[name].to_numpy(), equal_nan=True)
        # Where a symbol has no bar, pandas' sum of nothing is 0; here it is missing.
        assert np.allclose(np.nan_to_num(made.volume[:, column]), expected["volume"].to_numpy(), rtol=1e-12)


def test_daily_bars_become_weeks_and_months_as_in_pandas() -> None:
    days = to_nanoseconds(
        [str(day) for day in np.arange(np.datetime64("2020-01-01"), np.datetime64("2021-02-25")) if np.is_busday(day)]
    )
    table = table_on(days)
    for interval, rule in (("1w", "W"), ("1mo", "ME")):
        made = resample(table, interval)
        expected = by_pandas(table, rule).iloc[: len(made.timestamps)]
        assert len(made.timestamps) == len(by_pandas(table, rule)) - 1  # the last is not over
        assert np.array_equal(made.timestamps.view("M8[ns]"), expected.index.to_numpy())
        assert np.array_equal(made.close[:, 0], expected["close"].to_numpy())
        assert np.array_equal(made.high[:, 0], expected["high"].to_numpy())


def test_an_unfinished_day_is_left_out_until_it_is_known_to_be_over() -> None:
    schedule = sessions("2024-03-04", "2024-03-08")
    minutes = minutes_of(schedule)
    whole = table_on(minutes)
    assert days_of(resample(whole, "1d", schedule=schedule))[-1] == "2024-03-08"
    short = table_on(minutes[:-1])
    assert days_of(resample(short, "1d", schedule=schedule))[-1] == "2024-03-07"
    after = datetime(2024, 3, 8, 21, 0, tzinfo=UTC)
    assert days_of(resample(short, "1d", schedule=schedule, as_of=after))[-1] == "2024-03-08"
    before = datetime(2024, 3, 8, 20, 59, 59, tzinfo=UTC)
    assert days_of(resample(short, "1d", schedule=schedule, as_of=before))[-1] == "2024-03-07"
    assert days_of(resample(whole, "1d"))[-1] == "2024-03-07"  # of UTC's day nobody knows that nothing more comes


def test_a_moment_in_the_past_shows_what_was_known_then() -> None:
    schedule = sessions("2024-03-04", "2024-03-08")
    table = table_on(minutes_of(schedule))
    moment = datetime(2024, 3, 6, 15, 0, tzinfo=UTC)
    made = resample(table, "1h", schedule=schedule, as_of=moment)
    assert days_of(made)[-1] == "2024-03-05 20:30:00"
    head = int(np.searchsorted(table.timestamps, int(to_nanoseconds([moment])[0])))
    known = replace(
        table,
        **{name: getattr(table, name)[:head] for name in ("timestamps", "open", "high", "low", "close", "volume")},
    )
    assert np.array_equal(resample(known, "1h", schedule=schedule).close, made.close)


def test_hours_count_from_the_open_and_the_last_ends_at_the_close() -> None:
    schedule = sessions("2024-03-08", "2024-03-11")  # between them the clocks go forward
    made = resample(table_on(minutes_of(schedule)), "1h", schedule=schedule)
    assert days_of(made)[:2] == ["2024-03-08 14:30:00", "2024-03-08 15:30:00"]
    assert days_of(made)[6:9] == ["2024-03-08 20:30:00", "2024-03-11 13:30:00", "2024-03-11 14:30:00"]
    assert len(made.timestamps) == 14


def test_the_days_on_which_clocks_change_are_whole() -> None:
    schedule = sessions("2024-11-01", "2024-11-05")
    made = resample(table_on(minutes_of(schedule)), "1d", schedule=schedule)
    assert days_of(made) == ["2024-11-01", "2024-11-04", "2024-11-05"]
    crypto = sessions("2024-03-09", "2024-03-12", zone="UTC", hours=("00:00", "23:59"), weekdays=7)
    assert len(resample(table_on(minutes_of(crypto)), "1d", schedule=crypto).timestamps) == 4


def test_a_half_day_is_complete_at_its_early_close() -> None:
    schedule = sessions("2024-11-25", "2024-12-06", holidays=("2024-11-28",), early={"2024-11-29": "13:00"})
    minutes = minutes_of(schedule)
    to_the_half_day = minutes[minutes < schedule.closes[3]]
    made = resample(table_on(to_the_half_day), "1d", schedule=schedule)
    assert days_of(made) == ["2024-11-25", "2024-11-26", "2024-11-27", "2024-11-29"]
    week = resample(table_on(to_the_half_day), "1w", schedule=schedule)
    assert days_of(week) == ["2024-11-29"]
    hours = resample(table_on(to_the_half_day), "1h", schedule=schedule)
    assert days_of(hours)[-1] == "2024-11-29 17:30:00"


def test_a_session_that_opens_on_the_day_before_lands_on_its_own_date() -> None:
    overnight = sessions("2024-03-04", "2024-03-08", hours=("17:00", "17:00"), opens_day_before=True)
    made = resample(table_on(minutes_of(overnight, step=15)), "1d", schedule=overnight)
    assert days_of(made) == ["2024-03-04", "2024-03-05", "2024-03-06", "2024-03-07", "2024-03-08"]
    sydney = sessions("2024-03-04", "2024-03-08", zone="Australia/Sydney", hours=("10:00", "16:00"))
    stamps = minutes_of(sydney, step=15)
    assert day_text(stamps[0]) == "2024-03-03 23:00:00"
    assert days_of(resample(table_on(stamps), "1d", schedule=sydney))[0] == "2024-03-04"
    assert days_of(resample(table_on(stamps), "1d"))[0] == "2024-03-03"  # without its calendar: UTC's
    seoul = sessions("2024-03-04", "2024-03-08", zone="Asia/Seoul", hours=("09:00", "15:30"))
    assert days_of(resample(table_on(minutes_of(seoul)), "1d", schedule=seoul))[-1] == "2024-03-08"


def test_a_week_is_stamped_with_its_last_session_and_known_at_its_close() -> None:
    schedule = sessions("2024-03-18", "2024-04-14", holidays=("2024-03-29",))  # Good Friday
    table = table_on(schedule.sessions)
    assert days_of(resample(table, "1w", schedule=schedule)) == ["2024-03-22", "2024-03-28", "2024-04-05", "2024-04-12"]
    thursday = int(np.searchsorted(schedule.sessions, to_nanoseconds(["2024-04-11"])[0]))
    early = table_on(schedule.sessions[: thursday + 1])
    assert days_of(resample(early, "1w", schedule=schedule))[-1] == "2024-04-05"


def test_a_month_is_stamped_with_its_last_session() -> None:
    schedule = sessions("2024-02-26", "2024-04-30", holidays=("2024-03-29",))
    assert days_of(resample(table_on(schedule.sessions), "1mo", schedule=schedule)) == [
        "2024-02-29",
        "2024-03-28",
        "2024-04-30",
    ]


def test_minutes_become_weeks_as_they_do_by_way_of_days() -> None:
    schedule = sessions("2024-03-04", "2024-03-24")
    table = table_on(minutes_of(schedule, step=5), symbols=3, missing=0.2)
    at_once = resample(table, "1w", schedule=schedule)
    by_days = resample(resample(table, "1d", schedule=schedule), "1w", schedule=schedule)
    assert days_of(at_once) == days_of(by_days) == ["2024-03-08", "2024-03-15", "2024-03-22"]
    for name in ("open", "high", "low", "close"):
        assert np.array_equal(getattr(at_once, name), getattr(by_days, name))
    assert np.allclose(at_once.volume, by_days.volume)


def test_symbols_with_gaps_of_their_own_take_their_own_first_and_last() -> None:
    nan = np.nan
    close = np.array([[1.0, nan], [2.0, 5.0], [3.0, nan], [nan, nan]])
    table = PanelTable(
        timestamps=np.arange(4, dtype=np.int64) * 15 * MINUTE,
        symbols=("A", "B"),
        open=close + 0.5,
        high=close + 1.0,
        low=close - 0.5,
        close=close,
        volume=np.where(np.isnan(close), nan, 10.0),
    )
    made = resample(table, "1h")
    assert made.open.tolist() == [[1.5, 5.5]]
    assert made.high.tolist() == [[4.0, 6.0]]
    assert made.low.tolist() == [[0.5, 4.5]]
    assert made.close.tolist() == [[3.0, 5.0]]
    assert made.volume.tolist() == [[30.0, 10.0]]


def test_a_symbol_without_a_bar_in_a_group_has_none() -> None:
    table = table_on(np.arange(8, dtype=np.int64) * 30 * MINUTE, symbols=2)
    for name in ("open", "high", "low", "close", "volume"):
        getattr(table, name)[2:4, 1] = np.nan
    made = resample(table, "1h")
    for name in ("open", "high", "low", "close", "volume"):
        assert np.isnan(getattr(made, name)[:, 1]).tolist() == [False, True, False, False]
    bars = hc.Bars.from_numpy(
        table.timestamps, table.symbols, table.open, table.high, table.low, table.close, table.volume
    )
    assert resample(bars, "1h").panel.volume[1, 1] == 0.0


def test_a_split_within_a_week_puts_the_whole_bar_on_the_basis_after_it() -> None:
    days = ["2024-03-04", "2024-03-05", "2024-03-06", "2024-03-07", "2024-03-08"]
    close = np.array([100.0, 104.0, 52.0, 51.0, 50.0])[:, None]
    table = PanelTable(
        timestamps=to_nanoseconds(days),
        symbols=("A",),
        open=close,
        high=close + 2.0,
        low=close - 2.0,
        close=close,
        volume=np.full((5, 1), 10.0),
        split=np.array([1.0, 1.0, 2.0, 1.0, 1.0])[:, None],
        dividend=np.array([0.0, 0.4, 0.3, 0.1, 0.0])[:, None],
    )
    made = resample(table, "1w", as_of=datetime(2024, 3, 11, tzinfo=UTC))
    assert made.open[0, 0] == 50.0
    assert made.high[0, 0] == 54.0  # of the days after the split; those before reached 106 / 2 = 53
    assert made.low[0, 0] == 48.0
    assert made.close[0, 0] == 50.0
    assert made.volume[0, 0] == 2 * 20.0 + 30.0
    assert made.split is not None
    assert made.split[0, 0] == 2.0
    assert made.dividend is not None
    assert made.dividend[0, 0] == pytest.approx(0.4 / 2 + 0.3 + 0.1)
    assert table.close[0, 0] == 100.0
    adjusted = resample(replace(table, adjusted=True), "1w", as_of=datetime(2024, 3, 11, tzinfo=UTC))
    assert adjusted.open[0, 0] == 100.0


def test_a_split_at_the_start_of_a_group_moves_nothing_within_it() -> None:
    days = ["2024-03-04", "2024-03-05"]
    close = np.array([50.0, 52.0])[:, None]
    table = PanelTable(
        timestamps=to_nanoseconds(days),
        symbols=("A",),
        open=close,
        high=close,
        low=close,
        close=close,
        volume=close,
        split=np.array([2.0, np.nan])[:, None],
    )
    made = resample(table, "1w", as_of=datetime(2024, 3, 11, tzinfo=UTC))
    assert made.open[0, 0] == 50.0
    assert made.split is not None
    assert made.split[0, 0] == 2.0
    assert made.dividend is None


def test_a_holder_has_the_same_money_on_days_and_on_weeks_with_actions() -> None:
    schedule = sessions("2024-03-04", "2024-03-31")
    shape = (schedule.sessions.size, 1)
    split, dividend = np.ones(shape), np.zeros(shape)
    split[[13, 16], 0] = 2.0, 0.5
    dividend[[11, 13, 14, 15, 17], 0] = 1.0, 0.5, 0.25, 0.5, 1.0
    table = table_on(schedule.sessions)
    factor = np.cumprod(split, axis=0)
    prices = {name: getattr(table, name) / factor for name in ("open", "high", "low", "close")}
    bars = hc.Bars.from_numpy(table.timestamps, "S0", **prices, volume=table.volume, split=split, dividend=dividend)
    weeks = resample(bars, "1w", schedule=schedule)
    assert days_of(weeks) == ["2024-03-08", "2024-03-15", "2024-03-22", "2024-03-29"]
    # Both buy at the open of the second week, before any action.
    from_second = bars.between("2024-03-08")
    config = hc.BacktestConfig(initial_capital=1_000.0, proof="off")
    daily = hc.run_backtest("buy_and_hold", from_second, config=config).equity.to_numpy().ravel()[-1]
    weekly = hc.run_backtest("buy_and_hold", weeks, config=config).equity.to_numpy().ravel()[-1]
    assert weekly == pytest.approx(daily, rel=1e-12)


def test_what_bars_say_of_themselves_is_kept_and_how_they_were_made_is_added() -> None:
    table = replace(table_on(to_nanoseconds(["2024-03-04", "2024-03-05"])), notes=("only closes",))
    later = datetime(2024, 4, 1, tzinfo=UTC)
    assert resample(table, "1w", as_of=later).notes == ("only closes", "1w bars of 1d by the clock of UTC")
    bars = hc.Bars.from_numpy(table.timestamps, "A", table.open, table.high, table.low, table.close).with_source(
        "x", "v"
    )
    made = resample(bars, "1w", as_of=later)
    assert (made.source, made.version) == ("x", "v")
    assert isinstance(made, hc.Bars)


def test_the_same_interval_changes_nothing() -> None:
    table = table_on(to_nanoseconds(["2024-03-04", "2024-03-05"]))
    assert resample(table, "daily") is table
    assert days_of(resample(table, "1d", as_of=datetime(2024, 3, 5, tzinfo=UTC))) == ["2024-03-04"]
    bars = hc.Bars.from_numpy(table.timestamps, "A", table.open, table.high, table.low, table.close)
    assert len(resample(bars, "1d", as_of=int(bars.timestamps[1]))) == 1


@pytest.mark.parametrize(
    ("given", "interval", "words"),
    [
        ("1d", "5min", "1d can't be made into 5min: it is shorter"),
        ("1mo", "1w", "1mo can't be made into 1w: it is shorter"),
        ("1w", "1mo", "weeks reach over the ends of months"),
        ("30min", "45min", "expected a multiple of 30min"),
        ("1d", "2d", "interval='2d'"),
    ],
)
def test_intervals_that_can_not_be_made_are_refused(given: str, interval: str, words: str) -> None:
    table = table_on(to_nanoseconds(["2024-03-04", "2024-03-05"]))
    with pytest.raises(InputError, match=words):
        resample(table, interval, from_interval=given)


def test_no_complete_bar_is_an_error_that_says_so() -> None:
    table = table_on(to_nanoseconds(["2024-03-04", "2024-03-05"]))
    with pytest.raises(DateRangeError, match="no complete 1w bar in 2 bars of 1d from 2024-03-04 to 2024-03-05"):
        resample(table, "1w")
    with pytest.raises(DateRangeError, match="no complete 1w bar"):
        resample(table, "1w", as_of=0)


def test_bars_outside_of_the_sessions_are_refused() -> None:
    schedule = sessions("2024-03-04", "2024-03-08")
    early = np.append(schedule.opens[0] - MINUTE, minutes_of(schedule))
    with pytest.raises(
        DataError, match="1 bar lies outside of the sessions of America/New_York, .* 2024-03-04 14:29:00"
    ):
        resample(table_on(early), "1d", schedule=schedule, from_interval="1min")
    saturday = table_on(to_nanoseconds(["2024-03-08", "2024-03-09"]))
    with pytest.raises(DataError, match="2024-03-09 UTC; take them out"):
        resample(saturday, "1w", schedule=schedule)


def test_a_schedule_that_does_not_reach_the_end_of_the_week_is_refused() -> None:
    schedule = sessions("2024-03-04", "2024-03-14")
    with pytest.raises(InputError, match="given to 2024-03-14; .* they are needed to 2024-03-17"):
        resample(table_on(schedule.sessions), "1w", schedule=schedule)


def test_a_bar_that_reaches_over_the_end_of_its_group_is_refused() -> None:
    odd = to_nanoseconds(["2024-03-04"])[0] + np.arange(5) * 30 * MINUTE + 20 * MINUTE
    with pytest.raises(DataError, match="2024-03-04 00:50:00 UTC ends at 2024-03-04 01:20:00"):
        resample(table_on(odd), "1h")
