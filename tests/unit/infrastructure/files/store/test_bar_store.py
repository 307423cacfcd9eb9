from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from tests.unit.infrastructure.files.store.clean_series import (
    DAY_NS,
    KNOWN_AT,
    MINUTE_NS,
    USD,
    daily,
    days,
    dividend,
    missing,
    ns,
    random_series,
    series_of,
    split,
)

from hindcast.domain.errors import (
    CorruptDataError,
    DataError,
    DateRangeError,
    InputError,
    NotFoundError,
    SymbolError,
)
from hindcast.domain.market_data import Coverage, SeriesTerms
from hindcast.infrastructure.files.store.bar_store import FileBarStore
from hindcast.services.ports import BarStore


@pytest.fixture
def store(tmp_path: Path) -> FileBarStore:
    return FileBarStore(tmp_path)


def publish(store: BarStore, *series, provider="prices", interval="1d", reason="import", known_at=KNOWN_AT):
    return store.publish(provider, interval, series, reason=reason, known_at=known_at)


def stamps_of(table) -> list[str]:
    return [str(stamp) for stamp in table.timestamps.view("M8[ns]").astype("M8[m]")]


def test_an_empty_store_has_nothing(store):
    assert store.datasets() == ()
    assert store.versions("prices", "1d") == ()
    assert store.series("prices", "1d") == {}
    assert list(store.check()) == []
    assert list(store.pieces()) == []
    with pytest.raises(SymbolError, match="prices has no 1d bars of 'A'"):
        store.read("prices", "1d", ["A"])


def test_bars_come_back_as_they_were_published(store):
    one, two = daily("A", "2024-01-02", [10, 11, 12]), daily("B", "2024-01-03", [20, 21, 22])
    version = publish(store, one, two)
    table = store.read("prices", "1d", ["B", "A"])
    assert table.symbols == ("B", "A")
    assert stamps_of(table) == [f"2024-01-0{number}T00:00" for number in (2, 3, 4, 5)]
    assert np.array_equal(table.close, np.array([[np.nan, 10], [20, 11], [21, 12], [22, np.nan]]), equal_nan=True)
    assert np.array_equal(table.open, table.close - 0.25, equal_nan=True)
    assert np.array_equal(table.high, table.close + 1, equal_nan=True)
    assert np.array_equal(table.low, table.close - 1, equal_nan=True)
    assert np.array_equal(table.volume, table.close * 100, equal_nan=True)
    assert (table.split, table.dividend, table.adjusted, table.notes) == (None, None, False, ())
    assert table.version == version.id


def test_a_panel_is_the_caller_s_own(store):
    publish(store, daily("A", "2024-01-02", [10, 11]), daily("B", "2024-01-02", [10, 11]))
    table = store.read("prices", "1d", ["A"])
    for array in (table.timestamps, table.close, table.volume):
        assert array.flags.c_contiguous
        assert array.flags.writeable
        array[:] = 0
    assert store.read("prices", "1d", ["A"]).close.tolist() == [[10], [11]]


def test_a_version_tells_what_made_it(store):
    version = publish(store, daily("B", "2024-01-02", [1.5]), daily("A", "2024-01-02", [2.5, 3]), reason="fetch")
    assert (version.provider, version.interval, version.parent, version.reason) == ("prices", "1d", None, "fetch")
    assert (version.known_at, version.changed, version.restated) == (KNOWN_AT, ("A", "B"), ())
    assert (version.symbols, version.rows) == (2, 3)
    assert store.versions("prices", "1d") == (version,)
    assert store.datasets() == (("prices", "1d"),)


def test_versions_are_listed_newest_first_and_stay_readable(store):
    first = publish(store, daily("A", "2024-01-02", [10, 11]))
    later = KNOWN_AT.astimezone(UTC) + timedelta(days=1)
    second = publish(store, daily("A", "2024-01-02", [10, 99, 12]), known_at=later)
    assert store.versions("prices", "1d") == (second, first)
    assert (second.parent, second.restated, second.known_at) == (first.id, ("A",), later)
    assert store.read("prices", "1d", ["A"], version=first.id).close[:, 0].tolist() == [10, 11]
    assert store.read("prices", "1d", ["A"], version=second.id).close[:, 0].tolist() == [10, 99, 12]
    assert store.series("prices", "1d", first.id)["A"].rows == 2
    assert store.series("prices", "1d")["A"].rows == 3


def test_the_same_bars_again_are_no_new_version(store):
    first = publish(store, random_series("A", 500, 1), random_series("B", 400, 2))
    again = publish(store, random_series("A", 500, 1), reason="fetch", known_at=datetime(2025, 1, 1, tzinfo=UTC))
    assert again == first
    assert store.versions("prices", "1d") == (first,)


def test_an_interval_may_be_spelled_as_a_person_would(store):
    publish(store, daily("A", "2024-01-02", [10]), interval="daily")
    assert store.datasets() == (("prices", "1d"),)
    assert store.read("prices", "1D", ["A"]).close.tolist() == [[10]]


def test_providers_and_intervals_are_apart(store):
    publish(store, daily("A", "2024-01-02", [10]))
    publish(store, daily("A", "2024-01-02", [20]), provider="other")
    publish(store, daily("A", "2024-01-02", [30]), interval="5min")
    assert store.datasets() == (("other", "1d"), ("prices", "1d"), ("prices", "5min"))
    assert [store.read(*dataset, ["A"]).close[0, 0] for dataset in store.datasets()] == [20, 10, 30]


def test_a_version_of_another_dataset_is_not_found(store):
    version = publish(store, daily("A", "2024-01-02", [10]))
    publish(store, daily("A", "2024-01-02", [20]), provider="other")
    with pytest.raises(NotFoundError, match="is of prices/1d, not of other/1d"):
        store.read("other", "1d", ["A"], version=version.id)


@pytest.mark.parametrize("version", ["", "0" * 64, "../../../etc/passwd", "Z" * 64])
def test_a_version_that_is_not_there_is_not_found(store, version):
    publish(store, daily("A", "2024-01-02", [10]))
    with pytest.raises(NotFoundError, match="no version"):
        store.read("prices", "1d", ["A"], version=version)
    with pytest.raises(NotFoundError, match="no version"):
        store.series("prices", "1d", version)


def test_a_range_takes_in_both_its_ends(store):
    publish(store, daily("A", "2024-01-02", [1.5, 2, 3, 4, 5]))
    start, end = ns("2024-01-03"), ns("2024-01-05")
    assert store.read("prices", "1d", ["A"], start, end).close[:, 0].tolist() == [2, 3, 4]
    assert store.read("prices", "1d", ["A"], start + 1, end - 1).close[:, 0].tolist() == [3]
    assert store.read("prices", "1d", ["A"], None, end).close[:, 0].tolist() == [1.5, 2, 3, 4]
    assert store.read("prices", "1d", ["A"], end).close[:, 0].tolist() == [4, 5]


def test_a_range_of_many_rows_is_the_same_as_a_cut_of_all(store):
    series = random_series("M", 200_000, 3, step=MINUTE_NS)
    publish(store, random_series("L", 70_000, 5, step=MINUTE_NS), series, interval="1min")
    for first, last in ((0, 10), (65_000, 66_000), (131_000, 199_999), (199_999, 199_999), (0, 199_999)):
        table = store.read("prices", "1min", ["M"], int(series.timestamps[first]), int(series.timestamps[last]))
        assert np.array_equal(table.timestamps, series.timestamps[first : last + 1])
        assert np.array_equal(table.low[:, 0], series.low[first : last + 1])


def test_a_range_without_a_bar_is_told_with_what_there_is(store):
    publish(store, daily("A", "2024-01-02", [10, 11]), daily("B", "2024-02-02", [10, 11]))
    with pytest.raises(DateRangeError, match="B has no bar to 2024-01-31; it is stored from 2024-02-02 to 2024-02-03"):
        store.read("prices", "1d", ["A", "B"], None, ns("2024-01-31"))
    with pytest.raises(DateRangeError, match="A has no bar from 2024-01-04"):
        store.read("prices", "1d", ["A"], ns("2024-01-04"))
    with pytest.raises(DateRangeError, match="swap them"):
        store.read("prices", "1d", ["A"], ns("2024-01-04"), ns("2024-01-03"))


def test_a_symbol_whose_source_gave_no_bar_has_a_coverage_and_no_rows(store):
    publish(store, series_of("A", [], [], [days("2024-01-01", "2024-01-31")]))
    found = store.series("prices", "1d")["A"]
    assert (found.first, found.last, found.rows) == (0, 0, 0)
    assert found.coverage.covered == (days("2024-01-01", "2024-01-31"),)
    with pytest.raises(DateRangeError, match="A has no bar at all"):
        store.read("prices", "1d", ["A"])


@pytest.mark.parametrize("symbols", [[], ["A", "A"], ["A", ""], ["A", 5], ["A", "\ud800"]])
def test_symbols_are_named_each_once(store, symbols):
    publish(store, daily("A", "2024-01-02", [10]))
    with pytest.raises(SymbolError):
        store.read("prices", "1d", symbols)


def test_an_unknown_symbol_is_told_with_a_near_one(store):
    publish(store, daily("AAPL", "2024-01-02", [10]))
    with pytest.raises(SymbolError, match="Did you mean 'AAPL'"):
        store.read("prices", "1d", ["APPL"])
    with pytest.raises(SymbolError, match="no 1d bars of 'X'"):
        store.actions("prices", "1d", "X")


def test_symbols_may_be_any_text(store):
    names = ["../../../etc", "BRK/B", "^GSPC", "005930.KS", "삼성전자", "a b", "A", "a", "'; DROP", "x" * 500]
    publish(store, *(daily(name, "2024-01-02", [place + 2.5]) for place, name in enumerate(names)))
    assert store.read("prices", "1d", names).close[0].tolist() == [place + 2.5 for place in range(len(names))]
    assert set(store.series("prices", "1d")) == set(names)


@pytest.mark.parametrize("provider", ["", "A", "../x", "a/b", "-a", "a" * 42, "a\n", "삼성", ".", None])
def test_a_provider_s_name_that_could_be_a_path_is_refused(store, provider, tmp_path):
    for refused in (
        lambda: publish(store, daily("A", "2024-01-02", [10]), provider=provider),
        lambda: store.read(provider, "1d", ["A"]),
        lambda: store.versions(provider, "1d"),
    ):
        with pytest.raises(InputError, match="provider="):
            refused()
    assert list(tmp_path.rglob("*")) == []


def test_nonsense_is_not_published(store, tmp_path):
    good = daily("A", "2024-01-02", [10, 11])
    with pytest.raises(SymbolError, match="no symbol was named"):
        publish(store)
    with pytest.raises(SymbolError, match="named twice"):
        publish(store, good, good)
    with pytest.raises(InputError, match="has no time zone"):
        publish(store, good, known_at=datetime(2024, 1, 1))  # noqa: DTZ001  # that is the point
    with pytest.raises(DataError, match="A: row 2 is not after the row before it"):
        publish(store, replace(good, timestamps=good.timestamps[::-1].copy()))
    with pytest.raises(DataError, match=r"A: columns of \[1, 2\] rows"):
        publish(store, replace(good, close=good.close[:1]))
    with pytest.raises(InputError, match="interval="):
        publish(store, good, interval="7min")
    assert list(tmp_path.rglob("*")) == []


def test_notes_and_terms_come_back(store):
    terms = SeriesTerms(
        currency="KRW", calendar="XKRX", kind="index", name="코스피", notes=("closes only", "no volume")
    )
    publish(store, daily("^KS11", "2024-01-02", [2500.5], terms=terms), daily("A", "2024-01-02", [1.5]))
    assert store.series("prices", "1d")["^KS11"].terms == terms
    assert store.read("prices", "1d", ["A", "^KS11"]).notes == ("^KS11: closes only", "^KS11: no volume")


def test_a_panel_is_adjusted_where_all_its_symbols_are(store):
    adjusted = SeriesTerms(currency="USD", adjusted=True)
    acting = [split("2024-01-03", 2)]
    publish(
        store,
        daily("A", "2024-01-02", [10, 11, 12], terms=adjusted, actions=acting),
        daily("B", "2024-01-02", [10, 11, 12], terms=adjusted),
        daily("R", "2024-01-02", [10, 11, 12]),
        daily("S", "2024-01-02", [10, 11, 12], actions=acting),
    )
    assert store.read("prices", "1d", ["A", "B"]).adjusted
    assert store.read("prices", "1d", ["A"]).split is None
    mixed = store.read("prices", "1d", ["A", "R"])
    assert not mixed.adjusted
    assert mixed.split is None
    with pytest.raises(DataError, match="prices of B are adjusted for splits and dividends, those of S are raw"):
        store.read("prices", "1d", ["B", "S"])
    assert not store.read("prices", "1d", ["B", "S"], ns("2024-01-04")).adjusted


def test_actions_stand_on_their_bars(store):
    events = [dividend("2024-01-03", 0.5), split("2024-01-05", 4)]
    publish(store, daily("A", "2024-01-02", [10, 11, 12, 13], actions=events), daily("B", "2024-01-02", [10] * 5))
    table = store.read("prices", "1d", ["B", "A"])
    assert table.dividend is not None
    assert table.dividend.tolist() == [[0, 0], [0, 0.5], [0, 0], [0, 0], [0, 0]]
    assert table.split is not None
    assert table.split.tolist() == [[1, 1], [1, 1], [1, 1], [1, 4], [1, 1]]
    assert store.actions("prices", "1d", "A") == tuple(events)
    assert store.actions("prices", "1d", "B") == ()
    early = store.read("prices", "1d", ["B", "A"], None, ns("2024-01-04"))
    assert early.split is None
    assert early.dividend.tolist() == [[0, 0], [0, 0.5], [0, 0]]
    assert store.read("prices", "1d", ["B"]).dividend is None


def test_a_later_start_keeps_the_actions_of_the_gap_before_it_and_no_earlier_ones(store):
    events = [dividend("2024-01-02", 0.25), dividend("2024-01-03", 0.5), split("2024-01-04", 2)]
    stamps = [ns(f"2024-01-0{number}") for number in (2, 3, 5, 6)]
    publish(store, series_of("one", stamps, [10, 11, 12, 13], actions=events))
    publish(store, series_of("two", stamps[:2], [10, 11], actions=events))
    publish(store, series_of("two", stamps[2:], [12, 13]))
    for symbol in ("one", "two"):
        table = store.read("prices", "1d", [symbol], stamps[2])
        assert table.split is not None
        assert table.split.tolist() == [[2], [1]]
        assert table.dividend is None


def test_coverage_is_what_sources_have_answered_for(store):
    publish(store, daily("A", "2024-01-02", [1.5, 2], unavailable=[missing("2023-01-01", "2024-01-01")]))
    publish(
        store,
        series_of(
            "A", [ns("2023-12-29")], [1.25], [days("2023-12-20", "2023-12-31"), days("2024-01-04", "2024-01-09")]
        ),
    )
    assert store.series("prices", "1d")["A"].coverage == Coverage(
        provider="prices",
        interval="1d",
        symbol="A",
        covered=(days("2023-12-20", "2023-12-31"), days("2024-01-02", "2024-01-09")),
        unavailable=(missing("2023-01-01", "2023-12-19"), missing("2024-01-01", "2024-01-01")),
    )


def test_many_small_publications_stay_few_files(store, tmp_path):
    for number in range(60):
        publish(store, *(daily(name, f"2024-{1 + number // 28:02}-{1 + number % 28:02}", [10.5]) for name in "ABC"))
        assert len({piece.content_hash for piece in store.pieces()}) <= 16
    table = store.read("prices", "1d", ["A", "B", "C"])
    assert table.close.shape == (60, 3)
    assert len(store.versions("prices", "1d")) == 60
    for version in store.versions("prices", "1d"):
        assert len(store.read("prices", "1d", ["B"], version=version.id).timestamps) == version.rows // 3


def test_a_publication_of_many_symbols_is_one_file(store, tmp_path):
    publish(store, *(random_series(f"S{number}", 50, number) for number in range(200)))
    assert len(list((tmp_path / "market" / "bars").rglob("*.parquet"))) == 1


def test_rows_beyond_one_file_are_split_over_several(store, monkeypatch):
    monkeypatch.setattr("hindcast.infrastructure.files.store.bar_publication.FILE_ROWS", 100)
    series = [random_series("A", 250, 1), random_series("B", 30, 2), random_series("C", 120, 3)]
    publish(store, *series)
    assert len({piece.content_hash for piece in store.pieces()}) == 4
    table = store.read("prices", "1d", ["C", "A"])
    assert np.array_equal(table.close[:, 1], series[0].close)
    assert np.array_equal(table.close[:120, 0], series[2].close)


def test_stamps_that_differ_make_the_union(store):
    rng = np.random.default_rng(7)
    for interval, step in (("1d", DAY_NS), ("1min", MINUTE_NS), ("60min", 1_000_000_007)):
        every = ns("2020-01-01") + np.arange(300) * step
        series = []
        for place in range(6):
            stamps = every[rng.random(300) < 0.7][place * 10 :]
            series.append(series_of(f"S{place}", stamps.tolist(), rng.uniform(5, 9, len(stamps)).tolist()))
        publish(store, *series, interval=interval)
        table = store.read("prices", interval, [each.symbol for each in series])
        assert np.array_equal(table.timestamps, np.unique(np.concatenate([each.timestamps for each in series])))
        for place, each in enumerate(series):
            there = np.isin(table.timestamps, each.timestamps)
            assert np.array_equal(table.close[there, place], each.close)
            assert np.isnan(table.close[~there, place]).all()


def test_check_names_every_file(store, tmp_path):
    publish(store, daily("A", "2024-01-02", [10, 11], actions=[split("2024-01-03", 2)]))
    publish(store, daily("A", "2024-01-04", [12]))
    found = dict(store.check())
    files = {path.relative_to(tmp_path / "market").as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert set(found) == files - {"datasets/prices/1d/lock"}
    assert set(found.values()) == {None}


def test_check_finds_what_is_damaged_and_what_is_gone(store, tmp_path):
    publish(store, daily("A", "2024-01-02", [10, 11]))
    publish(store, daily("A", "2024-01-04", [12]))
    one, two = sorted((tmp_path / "market" / "bars").rglob("*.parquet"))
    one.write_bytes(one.read_bytes()[:-1])
    two.unlink()
    wrong = {name: error for name, error in store.check() if error is not None}
    assert {name.rsplit("/", 1)[1] for name in wrong} == {one.name, two.name}
    assert all(isinstance(error, CorruptDataError) for error in wrong.values())


def test_bars_published_anew_mend_a_damaged_file(store, tmp_path):
    publish(store, random_series("A", 300, 1), random_series("B", 300, 2))
    (path,) = (tmp_path / "market" / "bars").rglob("*.parquet")
    path.write_bytes(b"x" + path.read_bytes()[1:])
    with pytest.raises(CorruptDataError, match="not what was written"):
        store.read("prices", "1d", ["A"])
    version = publish(store, random_series("A", 300, 1), random_series("B", 300, 2))
    assert version.restated == ("A", "B")
    assert np.array_equal(store.read("prices", "1d", ["A"]).close[:, 0], random_series("A", 300, 1).close)
    assert [name for name, error in store.check() if error is not None] == []


def test_the_actions_of_one_symbol_change_without_its_bars(store):
    publish(store, daily("A", "2024-01-02", [10, 11, 12]), daily("B", "2024-01-02", [10, 11, 12]))
    nothing = series_of("A", [], [], [], actions=[dividend("2024-01-03", 0.5)])
    version = publish(store, nothing)
    assert (version.changed, version.restated, version.rows) == (("A",), ("A",), 6)
    assert store.actions("prices", "1d", "A") == (dividend("2024-01-03", 0.5),)
    assert store.read("prices", "1d", ["A"]).close[:, 0].tolist() == [10, 11, 12]
    assert publish(store, nothing) == version


def test_terms_that_mean_something_else_can_t_join_bars_that_stay(store):
    publish(store, daily("A", "2024-01-02", [10, 11, 12]))
    later = daily("A", "2024-01-05", [13])
    with pytest.raises(DataError, match="the stored bars are raw, the new ones adjusted"):
        publish(store, replace(later, terms=replace(USD, adjusted=True)))
    with pytest.raises(DataError, match="the stored bars are in USD, the new ones in EUR"):
        publish(store, replace(later, terms=replace(USD, currency="EUR")))
    with pytest.raises(DataError, match="the stored bars are raw, the new ones adjusted"):
        publish(store, daily("A", "2024-01-03", [11], terms=replace(USD, adjusted=True)))
    anew = daily("A", "2024-01-02", [5, 6, 7], terms=replace(USD, adjusted=True))
    assert publish(store, anew).restated == ("A",)
    assert store.read("prices", "1d", ["A"]).adjusted


def test_coverage_days_are_of_the_exchange_s_clock(store):
    """New York's after hours are already tomorrow in UTC; Sydney's morning is still yesterday."""
    for calendar, stamp in (("XNYS", ns("2024-01-03T00:30")), ("XASX", ns("2024-01-01T23:00"))):
        terms = SeriesTerms(calendar=calendar)
        covered = [days("2024-01-02", "2024-01-02")]
        publish(store, series_of(calendar, [stamp], [10], covered, terms=terms), interval="30min")
        version = publish(store, series_of(calendar, [], [], covered, terms=terms), interval="30min")
        assert version.restated == (calendar,)
        assert store.series("prices", "30min")[calendar].rows == 0
