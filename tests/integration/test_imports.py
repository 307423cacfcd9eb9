"""Files and frames through the importer into the real store, and out again as bars."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.services.market_data.importing import rows_of

import hindcast as hc
from hindcast.bootstrap import ServiceFactory
from hindcast.domain.errors import ImportRefusedError, InputError
from hindcast.infrastructure.files.rows.row_reader import RowOptions, read_file
from hindcast.library.imports import import_bars
from hindcast.services.market_data.intake.source_rows import SourceRows
from hindcast.settings import load_settings

FIELDS = ("open", "high", "low", "close", "volume")


def frame_of(symbol="AAPL", count=1_500, first="2015-01-02") -> pd.DataFrame:
    rows = rows_of(symbol, count, first)
    columns = {name: getattr(rows, name).round(4) for name in FIELDS}
    return pd.DataFrame({"date": rows.timestamps.astype("M8[ns]"), "symbol": symbol, **columns})


def stored(symbols, provider="mine", **options) -> hc.Bars:
    return hc.load_bars(symbols, provider=provider, **options)


def services() -> ServiceFactory:
    return ServiceFactory(load_settings())


@pytest.mark.parametrize("form", ["files", "long csv", "long parquet", "wide frame", "pandas", "polars", "by symbol"])
def test_every_form_of_the_same_bars_is_the_same_version(tmp_path, form):
    frames = {"AAPL": frame_of("AAPL"), "MSFT": frame_of("MSFT", 1_200)}
    whole = pd.concat(frames.values())
    folder = tmp_path / "prices"
    folder.mkdir()
    source: object = folder
    match form:
        case "files":
            for symbol, frame in frames.items():
                frame.drop(columns="symbol").to_csv(folder / f"{symbol}.csv", index=False)
        case "long csv":
            whole.sort_values("date", kind="stable").to_csv(folder / "prices.csv", index=False)
        case "long parquet":
            whole.to_parquet(folder / "prices.parquet")
        case "wide frame":
            source = whole.set_index(["date", "symbol"]).unstack()
        case "pandas":
            source = whole
        case "polars":
            source = pl.from_pandas(whole)
        case "by symbol":
            source = {symbol: frame.drop(columns="symbol") for symbol, frame in frames.items()}
    report = import_bars(source, provider="mine", currency="USD")
    again = import_bars(whole, provider="mine", currency="USD")
    assert report.version is not None
    assert again.version is not None
    assert report.version.id == again.version.id
    assert (report.interval, report.rows_published, report.rows_bad) == ("1d", 2_700, 0)
    bars = stored(["AAPL", "MSFT"])
    for symbol, frame in frames.items():
        own = bars.select([symbol])
        present = ~np.isnan(own.panel.close[:, 0])
        for name in FIELDS:
            assert getattr(own.panel, name)[present, 0].tolist() == frame[name].tolist()


def test_a_run_uses_what_was_imported():
    import_bars(frame_of(), provider="mine")
    result = hc.run_backtest("sma_crossover", stored("AAPL"), parameters={"short_window": 10, "long_window": 30})
    assert result.metrics.total_trades


def test_a_second_import_adds_restates_and_keeps_the_version_before():
    first = import_bars(frame_of(count=1_000), provider="mine")
    longer = frame_of(count=1_100)
    longer["close"] = longer["close"].where(longer.index != 10, longer["close"] + 0.25)
    second = import_bars(longer, provider="mine")
    assert first.version is not None
    assert second.version is not None
    assert second.version.parent == first.version.id
    assert second.version.restated == ("AAPL",)
    assert any("1 of 1,000 bars that are stored already differ" in issue.message for issue in second.findings)
    assert stored("AAPL").shape == (1_100, 1)
    assert stored("AAPL", version=first.version.id).shape == (1_000, 1)


def test_a_refused_import_changes_nothing_and_its_report_can_be_read():
    kept = import_bars(frame_of(), provider="mine").version
    bad = frame_of()
    bad.loc[5:9, "high"] = 1.0
    with pytest.raises(ImportRefusedError, match=r"5 of 1,500 rows are bad \(0.33%") as told:
        import_bars(bad, provider="mine")
    assert kept is not None
    assert services().bar_store.versions("mine", "1d")[0].id == kept.id
    report = str(told.value).splitlines()[-1].split()[-1]
    found = json.loads(json.dumps(services().databases.quarantine.get(report)))
    assert [row["row"] for row in found["rows"]] == [6, 7, 8, 9, 10]
    accepted = import_bars(bad, provider="mine", max_bad_share=0.01)
    assert (accepted.rows_bad, accepted.rows_published) == (5, 1_495)


def test_bars_whose_new_rows_were_put_aside_stay_as_they_were():
    import_bars(frame_of(), provider="mine")
    bad = frame_of()
    bad.loc[5, "high"] = 1.0
    import_bars(bad, provider="mine")
    assert stored("AAPL").shape == (1_500, 1)


def test_coverage_is_saved_with_the_bars():
    import_bars(frame_of(count=1_000), provider="mine")
    known = services().databases.coverage.get("mine", "1d", "AAPL")
    assert known is not None
    assert [str(days) for days in known.covered] == ["2015-01-02 to 2018-11-01"]


def test_intraday_bars_are_stored_by_their_interval(tmp_path):
    stamps = pd.date_range("2018-01-02 09:30", periods=390, freq="1min")
    rows = rows_of(count=390)
    columns = {name: getattr(rows, name).round(4) for name in FIELDS}
    pd.DataFrame({"timestamp": stamps, **columns}).to_csv(tmp_path / "AAPL_1min.csv", index=False)
    with pytest.raises(ImportRefusedError, match="naive_time_zone"):
        import_bars(tmp_path, provider="mine")
    report = import_bars(tmp_path, provider="mine", timezone="America/New_York", calendar="XNYS")
    assert (report.interval, report.rows_published) == ("1min", 390)
    bars = stored("AAPL", interval="1min")
    assert str(bars.index[0]) == "2018-01-02 14:30:00+00:00"


def test_splits_of_yfinance_come_out_as_raw_prices_and_actions(tmp_path):
    frame = frame_of(count=1_000).drop(columns="symbol")
    frame["Adj Close"] = frame["close"]
    frame["Dividends"] = 0.0
    frame["Stock Splits"] = np.where(np.arange(1_000) == 500, 2.0, 0.0)
    frame.to_csv(tmp_path / "AAPL.csv", index=False)
    import_bars(tmp_path, provider="yahoo")
    raw = stored("AAPL", "yahoo")
    assert raw.panel.close[0, 0] == pytest.approx(2 * frame["close"][0])
    assert raw.panel.close[-1, 0] == frame["close"][999]
    (action,) = services().bar_store.actions("yahoo", "1d", "AAPL")
    assert (action.kind, action.value) == ("split", 2.0)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"provider": "sample"}, "has prices of its own"),
        ({"provider": "alpha_vantage"}, "has prices of its own"),
        ({"provider": "My Data"}, "My Data"),
        ({"provider": "mine", "interval": "7min"}, "interval='7min'"),
        ({"provider": "mine", "kind": "share"}, "kind='share'"),
        ({"provider": "mine", "currency": "dollars"}, "currency='dollars'"),
        ({"provider": "mine", "calendar": "XNYZ"}, "XNYZ"),
        ({"provider": "mine", "timezone": "New York"}, "New York"),
    ],
)
def test_what_can_not_be_is_refused_before_anything_is_stored(options, said):
    with pytest.raises(InputError, match=said):
        import_bars(frame_of(count=50), **options)
    assert services().bar_store.datasets() == ()


prices = st.floats(0.01, 1e6, allow_nan=False).map(lambda value: float(f"{value:.6g}"))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(
    rows=st.lists(st.tuples(prices, prices, prices, prices, st.integers(0, 10**12)), min_size=1, max_size=40),
    first=st.dates(pd.Timestamp("1900-01-01").date(), pd.Timestamp("2100-01-01").date()),
    form=st.sampled_from(["csv", "semicolons", "comma", "gz", "parquet", "text"]),
    newest_first=st.booleans(),
)
def test_numbers_and_stamps_come_back_as_they_were_written(tmp_path, rows, first, form, newest_first):
    frame = pd.DataFrame(rows, columns=list(FIELDS))
    frame.insert(0, "date", pd.date_range(first, periods=len(rows)).as_unit("s"))
    if newest_first:
        frame = frame.iloc[::-1]
    match form:
        case "csv" | "gz":
            file = tmp_path / f"S.csv{'.gz' if form == 'gz' else ''}"
            frame.to_csv(file, index=False)
        case "semicolons" | "comma":
            file = tmp_path / "S.csv"
            written = frame.assign(close=frame["close"].astype(float) + 0.0)
            written.to_csv(file, index=False, sep=";", decimal="," if form == "comma" else ".")
        case "parquet":
            file = tmp_path / "S.parquet"
            frame.to_parquet(file, index=False)
        case _:
            file = tmp_path / "S.csv"
            pd.concat([frame, frame.tail(1).assign(close="halted")]).to_csv(file, index=False)
    (found,) = read_file(file, RowOptions())
    assert isinstance(found, SourceRows)
    count = len(frame)
    assert (found.timestamps[:count].astype("M8[ns]") == frame["date"].to_numpy()).all()
    for name in FIELDS:
        assert getattr(found, name)[:count].tolist() == frame[name].astype(float).tolist()
    assert {rule: places.tolist() for rule, places in (found.faults or {}).items()} == (
        {"text_in_number": [count]} if form == "text" else {}
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"symbol": None}, {"timezone": 5}, {"adjusted": "no"}, {"negative_prices": 1}, {"max_bad_share": "a"},
        {"max_bad_share": True}, {"currency": None}, {"calendar": None}, {"kind": None},
    ],
    ids=str,
)  # fmt: skip
def test_options_of_another_type_are_refused_by_name(wrong):
    with pytest.raises(InputError, match=f"{next(iter(wrong))}=.*; expected"):
        import_bars(frame_of(), provider="mine", **wrong)


def test_where_no_row_is_good_nobody_is_told_to_leave_bad_rows_out():
    frame = pd.DataFrame({"date": ["01/02/2018", "01/03/2018"], "close": [1.0, 2.0]})
    with pytest.raises(ImportRefusedError, match="write the year first") as told:
        import_bars(frame, provider="mine", symbol="A")
    assert "max_bad_share" not in str(told.value)
    assert "No row is good" in str(told.value)
