"""Publications against a naive model: a dictionary of rows and a set of days per symbol."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.infrastructure.files.store.clean_series import (
    DAY_NS,
    KNOWN_AT,
    daily,
    days,
    dividend,
    missing,
    ns,
    series_of,
    split,
)

from hindcast.domain.errors import CorruptDataError
from hindcast.domain.market_data import DateRange
from hindcast.infrastructure.files.store.bar_store import FileBarStore
from hindcast.infrastructure.files.store.blobs import market_blobs
from hindcast.infrastructure.files.store.data_manifests import load_manifest

START = date(2024, 1, 1)


@pytest.fixture
def store(tmp_path: Path) -> FileBarStore:
    return FileBarStore(tmp_path)


def publish(store: FileBarStore, *series):
    return store.publish("prices", "1d", series, reason="import", known_at=KNOWN_AT)


def closes(store: FileBarStore, symbol: str = "A") -> dict[str, float]:
    table = store.read("prices", "1d", [symbol])
    stamps = table.timestamps.view("M8[ns]").astype("M8[D]").astype(str).tolist()
    return dict(zip(stamps, table.close[:, 0].tolist(), strict=True))


def pieces(store: FileBarStore, symbol: str = "A") -> list[tuple[str, int]]:
    return [
        (piece.content_hash, piece.rows) for piece in store.pieces() if piece.symbol == symbol and piece.kind == "bars"
    ]


def test_rows_after_the_last_stored_one_are_a_piece_of_their_own(store):
    publish(store, daily("A", "2024-01-02", [10, 11]))
    before = pieces(store)
    version = publish(store, daily("A", "2024-01-04", [12]))
    assert pieces(store)[:1] == before
    assert [rows for _, rows in pieces(store)] == [2, 1]
    assert (version.changed, version.restated, version.rows) == (("A",), (), 3)


def test_rows_before_the_first_stored_one_are_a_piece_of_their_own(store):
    publish(store, daily("A", "2024-01-04", [12]))
    version = publish(store, daily("A", "2024-01-02", [10, 11]))
    assert [rows for _, rows in pieces(store)] == [2, 1]
    assert version.restated == ()
    assert list(closes(store).values()) == [10, 11, 12]


def test_an_answer_that_repeats_what_is_stored_and_goes_on_adds_only_what_is_new(store):
    publish(store, daily("A", "2024-01-02", [10, 11, 12]))
    before = pieces(store)
    version = publish(store, daily("A", "2024-01-02", [10, 11, 12, 13]))
    assert pieces(store)[:1] == before
    assert [rows for _, rows in pieces(store)] == [3, 1]
    assert version.restated == ()


def test_a_gap_that_is_filled_restates_nothing(store):
    publish(store, series_of("A", [ns("2024-01-02"), ns("2024-01-05")], [10, 13]))
    version = publish(store, daily("A", "2024-01-02", [10, 11, 12, 13]))
    assert list(closes(store).values()) == [10, 11, 12, 13]
    assert (version.changed, version.restated) == (("A",), ())


def test_a_value_that_changes_is_a_restatement(store):
    publish(store, daily("A", "2024-01-02", [10, 11, 12]), daily("B", "2024-01-02", [10]))
    version = publish(store, daily("A", "2024-01-03", [99]), daily("B", "2024-01-03", [11]))
    assert closes(store) == {"2024-01-02": 10, "2024-01-03": 99, "2024-01-04": 12}
    assert (version.changed, version.restated) == (("A", "B"), ("A",))


def test_a_bar_that_is_no_longer_told_of_is_taken_away(store):
    publish(store, daily("A", "2024-01-02", [10, 11, 12]))
    version = publish(store, series_of("A", [ns("2024-01-02")], [10], [days("2024-01-01", "2024-01-03")]))
    assert closes(store) == {"2024-01-02": 10, "2024-01-04": 12}
    assert version.restated == ("A",)


def test_a_bar_whose_new_row_is_in_quarantine_stays(store):
    publish(store, daily("A", "2024-01-02", [10, 11, 12]))
    stamps = [ns("2024-01-02"), ns("2024-01-04"), ns("2024-01-05")]
    covered = [days("2024-01-02", "2024-01-05")]
    version = publish(store, series_of("A", stamps, [10, 12, 13], covered, kept=[ns("2024-01-03"), ns("2024-02-01")]))
    assert list(closes(store).values()) == [10, 11, 12, 13]
    assert version.restated == ()


def test_only_the_pieces_that_are_spoken_of_are_written_anew(store):
    publish(store, daily("A", "2024-01-02", [10, 11]))
    publish(store, daily("A", "2024-02-02", [20, 21]))
    publish(store, daily("A", "2024-03-02", [30, 31]))
    before = pieces(store)
    publish(store, daily("A", "2024-02-03", [99]))
    assert [pieces(store)[place] for place in (0, 2)] == [before[0], before[2]]
    assert list(closes(store).values()) == [10, 11, 20, 99, 30, 31]


def test_other_symbols_are_left_alone(store):
    publish(store, daily("A", "2024-01-02", [10, 11]), daily("B", "2024-01-02", [20, 21]))
    before = pieces(store, "B")
    publish(store, daily("A", "2024-01-02", [10, 99]), daily("C", "2024-01-02", [30]))
    assert pieces(store, "B") == before
    assert set(store.series("prices", "1d")) == {"A", "B", "C"}


def test_a_file_that_is_mostly_out_of_use_is_written_anew(store):
    publish(store, *(daily(name, "2024-01-02", [10, 11]) for name in "ABC"))
    publish(store, *(daily(name, "2024-01-02", [20, 21]) for name in "AB"))
    assert len({digest for symbol in "ABC" for digest, _ in pieces(store, symbol)}) == 1
    assert closes(store, "C") == {"2024-01-02": 10, "2024-01-03": 11}


def test_a_version_names_only_the_files_that_it_needs(store, tmp_path):
    publish(store, daily("A", "2024-01-02", [10, 11]))
    (old,) = (tmp_path / "market" / "bars").rglob("*.parquet")
    version = publish(store, daily("A", "2024-01-02", [20, 21]))
    named = load_manifest(market_blobs(tmp_path), version.id).files
    assert list(named.values()) == [2]
    assert old.stem not in named


def test_a_damaged_file_does_not_refuse_other_symbols(store, tmp_path):
    publish(store, daily("A", "2024-01-02", [10, 11]))
    (path,) = (tmp_path / "market" / "bars").rglob("*.parquet")
    path.write_bytes(b"x")
    for number in range(20):
        publish(store, daily("B", f"2024-02-{1 + number:02}", [20.5]))
    assert len(closes(store, "B")) == 20
    with pytest.raises(CorruptDataError):
        publish(store, daily("A", "2024-01-03", [12]))


@pytest.mark.parametrize(
    ("kept", "mended"),
    [([], True), (["2024-01-03"], True), (["2023-12-31", "2024-02-01"], True), (["2024-01-04"], False)],
)
def test_a_damaged_file_is_mended_by_bars_for_all_of_it_unless_some_beside_them_are_to_stay(
    store, tmp_path, kept, mended
):
    publish(store, daily("A", "2024-01-02", [10, 11, 12]))
    (path,) = (tmp_path / "market" / "bars").rglob("*.parquet")
    path.write_bytes(b"x")
    stamps = [ns("2024-01-02"), ns("2024-01-03")]
    again = series_of("A", stamps, [10, 11.5], [days("2024-01-01", "2024-01-31")], kept=[ns(day) for day in kept])
    if mended:
        assert publish(store, again).restated == ("A",)
        assert closes(store) == {"2024-01-02": 10, "2024-01-03": 11.5}
    else:
        with pytest.raises(CorruptDataError):
            publish(store, again)


def test_actions_added_after_the_last_bar_restate_nothing(store):
    bars = daily("A", "2024-01-02", [10, 11, 12])
    first = [dividend("2024-01-03", 0.5), dividend("2024-02-01", 0.5)]
    publish(store, series_of("A", bars.timestamps.tolist(), [10, 11, 12], actions=first))
    coming = [dividend("2024-01-03", 0.5), dividend("2024-02-02", 0.6)]
    version = publish(store, daily("A", "2024-01-05", [13], actions=coming))
    assert version.restated == ()
    assert store.actions("prices", "1d", "A") == tuple(coming)


@pytest.mark.parametrize(
    "changed",
    [
        [],
        [dividend("2024-01-03", 0.4)],
        [dividend("2024-01-03", 0.5), split("2024-01-04", 2)],
        [dividend("2024-01-02", 0.5)],
    ],
)
def test_actions_that_change_the_past_are_a_restatement(store, changed):
    publish(store, daily("A", "2024-01-02", [10, 11, 12], actions=[dividend("2024-01-03", 0.5)]))
    version = publish(store, daily("A", "2024-01-05", [13], actions=changed))
    assert version.restated == ("A",)
    assert store.actions("prices", "1d", "A") == tuple(changed)


def test_a_source_that_says_nothing_of_actions_leaves_those_that_are_known(store):
    publish(store, daily("A", "2024-01-02", [10, 11, 12], actions=[dividend("2024-01-03", 0.5)]))
    version = publish(store, daily("A", "2024-01-05", [13]))
    assert version.restated == ()
    assert store.actions("prices", "1d", "A") == (dividend("2024-01-03", 0.5),)


def test_to_know_that_there_are_no_actions_is_news_once(store):
    first = publish(store, daily("A", "2024-01-02", [10]))
    second = publish(store, daily("A", "2024-01-02", [10], actions=[]))
    assert second.id != first.id
    assert second.restated == ()
    assert publish(store, daily("A", "2024-01-02", [10], actions=[])) == second


def test_actions_of_many_publications_stay_few_files(store):
    for number in range(40):
        publish(store, daily(f"S{number}", "2024-01-02", [10], actions=[dividend("2024-01-02", 0.5 + number)]))
    newest = [store.actions("prices", "1d", f"S{number}")[0].value for number in range(40)]
    assert newest == [0.5 + number for number in range(40)]
    assert len([path for path, _ in store.check() if path.startswith("actions/")]) == 40


def test_days_that_are_missing_again_are_no_new_version_for_a_later_question(store):
    first = publish(store, daily("A", "2024-01-02", [10], unavailable=[missing("2023-01-01", "2023-12-31")]))
    later = missing("2023-01-01", "2023-12-31", asked_at=KNOWN_AT + timedelta(days=1))
    assert publish(store, daily("A", "2024-01-02", [10], unavailable=[later])) == first
    other = missing("2023-01-01", "2023-12-31", reason="delisted")
    assert publish(store, daily("A", "2024-01-02", [10], unavailable=[other])) != first
    assert store.series("prices", "1d")["A"].coverage.unavailable == (other,)


@dataclass
class Model:
    """What one symbol should hold."""

    rows: dict[int, float] = field(default_factory=dict)
    covered: set[date] = field(default_factory=set)


def the_day(number: int) -> date:
    return START + timedelta(days=number)


def stamp(number: int) -> int:
    return ns(START.isoformat()) + number * DAY_NS


@st.composite
def publications(draw):
    """A few symbols, each with ranges of days, bars on some of them, and rows that stay though they are not told of."""
    made = []
    for symbol in draw(st.lists(st.sampled_from("ABC"), min_size=1, max_size=3, unique=True)):
        ranges = []
        for _ in range(draw(st.integers(0, 2))):
            first = draw(st.integers(0, 24))
            ranges.append((first, first + draw(st.integers(0, 9))))
        inside = sorted({number for first, last in ranges for number in range(first, last + 1)})
        told = draw(st.lists(st.sampled_from(inside), unique=True)) if inside else []
        bars = {number: draw(st.sampled_from([10.0, 20.0])) for number in sorted(told)}
        kept = draw(st.lists(st.integers(0, 34), max_size=3))
        made.append((symbol, ranges, bars, kept))
    return made


@settings(max_examples=60)
@given(st.lists(publications(), min_size=1, max_size=24))
def test_publications_agree_with_a_dictionary_of_rows(steps):
    models: dict[str, Model] = {}
    with tempfile.TemporaryDirectory() as folder:
        store = FileBarStore(Path(folder))
        history = []
        for step in steps:
            restated, changed = set(), set()
            for symbol, ranges, bars, kept in step:
                model = models.get(symbol)
                known = Model() if model is None else model
                inside = {the_day(number) for first, last in ranges for number in range(first, last + 1)}
                staying = {
                    number: close
                    for number, close in known.rows.items()
                    if the_day(number) not in inside or number in kept
                }
                after = Model(staying | bars, known.covered | inside)
                if any(after.rows.get(number) != close for number, close in known.rows.items()):
                    restated.add(symbol)
                if model is None or after != model:
                    changed.add(symbol)
                models[symbol] = after
            version = publish(
                store,
                *(
                    series_of(
                        symbol,
                        [stamp(number) for number in bars],
                        list(bars.values()),
                        [DateRange(first=the_day(first), last=the_day(last)) for first, last in ranges],
                        kept=[stamp(number) for number in kept],
                    )
                    for symbol, ranges, bars, kept in step
                ),
            )
            if changed:
                assert (set(version.changed), set(version.restated)) == (changed, restated)
                history.append((version, {symbol: dict(model.rows) for symbol, model in models.items()}))
            else:
                assert version == history[-1][0]
        found = store.series("prices", "1d")
        for symbol, model in models.items():
            covered = found[symbol].coverage.covered
            assert {
                each.first + timedelta(days=n) for each in covered for n in range((each.last - each.first).days + 1)
            } == (model.covered)
            assert all(one.last + timedelta(days=1) < two.first for one, two in pairwise(covered))
        for version, rows in history:
            for symbol, expected in rows.items():
                assert store.series("prices", "1d", version.id)[symbol].rows == len(expected)
                if expected:
                    table = store.read("prices", "1d", [symbol], version=version.id)
                    assert table.timestamps.tolist() == [stamp(number) for number in sorted(expected)]
                    assert table.close[:, 0].tolist() == [expected[number] for number in sorted(expected)]
                    assert np.array_equal(table.high, table.close + 1)
