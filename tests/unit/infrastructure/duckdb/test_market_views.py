from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tests.unit.infrastructure.files.store.clean_series import (
    KNOWN_AT,
    MINUTE_NS,
    daily,
    dividend,
    random_series,
    split,
)

from hindcast.domain.errors import CorruptDataError, InputError
from hindcast.infrastructure.duckdb.market_views import MarketViews
from hindcast.infrastructure.files.store.bar_store import FileBarStore


@pytest.fixture
def store(tmp_path: Path) -> FileBarStore:
    return FileBarStore(tmp_path)


def publish(store, *series, provider="prices", interval="1d", known_at=KNOWN_AT):
    return store.publish(provider, interval, series, reason="import", known_at=known_at)


def test_bars_of_all_providers_are_one_view(store, tmp_path):
    publish(store, daily("A", "2024-01-02", [10, 11]), daily("삼성", "2024-01-02", [20]))
    publish(store, daily("A", "2024-01-02", [30]), provider="other", interval="5min")
    frame = MarketViews(tmp_path, store).query("SELECT * FROM bars ORDER BY provider, symbol, timestamp")
    assert list(frame.columns) == [
        "provider", "interval", "symbol", "timestamp", "open", "high", "low", "close", "volume",
    ]  # fmt: skip
    assert frame["provider"].tolist() == ["other", "prices", "prices", "prices"]
    assert frame["interval"].tolist() == ["5min", "1d", "1d", "1d"]
    assert frame["symbol"].tolist() == ["A", "A", "A", "삼성"]
    assert frame["close"].tolist() == [30, 10, 11, 20]
    assert str(frame["timestamp"].dt.tz) == "UTC"
    assert frame["timestamp"].iloc[2] == pd.Timestamp("2024-01-03", tz="UTC")


def test_only_the_newest_version_is_shown(store, tmp_path):
    publish(
        store, daily("A", "2024-01-02", [10, 11]), daily("B", "2024-01-02", [20]), daily("C", "2024-01-02", [5] * 9)
    )
    publish(store, daily("A", "2024-01-02", [10, 99]))
    publish(store, daily("A", "2024-01-04", [12]))
    frame = MarketViews(tmp_path, store).query("SELECT close FROM bars WHERE symbol = ? ORDER BY timestamp", ["A"])
    assert frame["close"].tolist() == [10, 99, 12]
    assert MarketViews(tmp_path, store).query("SELECT count(*) AS n FROM bars")["n"][0] == 13


def test_two_pieces_of_a_symbol_in_one_file_are_shown_once_each(store, tmp_path, monkeypatch):
    monkeypatch.setattr("hindcast.infrastructure.files.store.bar_publication.SMALL_FILES", 2)
    monkeypatch.setattr("hindcast.infrastructure.files.store.bar_publication.SMALL_ROWS", 20)
    for first, bars in (("2024-01-01", 3), ("2024-02-01", 25), ("2024-03-01", 2), ("2024-04-01", 4)):
        publish(store, daily("A", first, [float(bars)] * bars))
    files = [piece.path for piece in store.pieces()]
    assert files[0] == files[2] != files[1]
    frame = MarketViews(tmp_path, store).query("SELECT close FROM bars ORDER BY timestamp")
    assert frame["close"].tolist() == [3.0] * 3 + [25.0] * 25 + [2.0] * 2 + [4.0] * 4


def test_the_same_file_in_two_datasets_is_shown_for_both(store, tmp_path):
    for provider in ("one", "two"):
        publish(store, daily("A", "2024-01-02", [10, 11]), provider=provider)
    frame = MarketViews(tmp_path, store).query("SELECT provider, sum(close) AS s FROM bars GROUP BY ALL ORDER BY ALL")
    assert frame.to_numpy().tolist() == [["one", 21], ["two", 21]]


def test_actions_series_and_versions_can_be_asked(store, tmp_path):
    publish(store, daily("A", "2024-01-02", [10, 11], actions=[split("2024-01-03", 2), dividend("2024-01-02", 0.5)]))
    second = publish(store, daily("A", "2024-01-02", [9, 11]), known_at=KNOWN_AT + timedelta(days=1))
    views = MarketViews(tmp_path, store)
    actions = views.query("SELECT symbol, day, kind, value FROM actions ORDER BY day")
    assert actions["kind"].tolist() == ["dividend", "split"]
    assert actions["day"].astype(str).tolist() == ["2024-01-02", "2024-01-03"]
    series = views.query("SELECT * FROM series").iloc[0]
    assert (series["symbol"], series["rows"], series["currency"], series["adjusted"]) == ("A", 2, "USD", False)
    assert series["last"] == pd.Timestamp("2024-01-03", tz="UTC")
    versions = views.query("SELECT * FROM versions ORDER BY known_at DESC")
    assert versions["id"].tolist() == [version.id for version in store.versions("prices", "1d")]
    assert versions["known_at"][0] == pd.Timestamp(second.known_at)
    assert versions["restated"].tolist() == [1, 0]


def test_an_empty_store_has_empty_views(store, tmp_path):
    views = MarketViews(tmp_path, store)
    for view in ("bars", "actions", "series", "versions"):
        assert len(views.query(f"SELECT * FROM {view}")) == 0
    assert "close" in views.query("SELECT * FROM bars").columns


def test_window_functions_work_over_the_bars(store, tmp_path):
    series = [random_series(name, 300, seed) for seed, name in enumerate("ABC")]
    publish(store, *series)
    frame = MarketViews(tmp_path, store).query(
        """
        SELECT symbol, timestamp, close,
               CASE WHEN count(close) OVER last_10 = 10 THEN avg(close) OVER last_10 END AS sma_10,
               close / lag(close) OVER by_symbol - 1 AS daily_return
        FROM bars
        WINDOW by_symbol AS (PARTITION BY symbol ORDER BY timestamp),
               last_10 AS (PARTITION BY symbol ORDER BY timestamp ROWS BETWEEN 9 PRECEDING AND CURRENT ROW)
        ORDER BY symbol, timestamp
        """
    )
    for name, each in zip("ABC", series, strict=True):
        found = frame[frame["symbol"] == name]
        closes = pd.Series(each.close)
        assert np.allclose(found["sma_10"], closes.rolling(10).mean(), equal_nan=True)
        assert np.allclose(found["daily_return"], closes.pct_change(), equal_nan=True)


def test_minutes_are_made_days_by_sql(store, tmp_path):
    series = random_series("M", 3 * 1440, 4, step=MINUTE_NS)
    publish(store, series, interval="1min")
    frame = MarketViews(tmp_path, store).query(
        """
        SELECT date_trunc('day', timestamp) AS day, first(open ORDER BY timestamp) AS open, max(high) AS high,
               last(close ORDER BY timestamp) AS close, sum(volume) AS volume
        FROM bars WHERE timestamp >= '2010-01-05' GROUP BY day ORDER BY day
        """
    )
    assert frame["open"].tolist() == series.open[1440::1440].tolist()
    assert frame["close"].tolist() == series.close[2 * 1440 - 1 :: 1440].tolist()
    assert frame["high"].tolist() == series.high[1440:].reshape(2, 1440).max(axis=1).tolist()


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TABLE x (a INT)",
        "SELECT 1; SELECT 2",
        "COPY bars TO '/tmp/x.csv'",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_parquet('/etc/passwd')",
        "SET enable_external_access = true",
        "ATTACH '/tmp/x.db'",
        "DELETE FROM series",
        "SELECT * FROM nowhere",
    ],
)
def test_anything_but_one_select_over_the_views_is_refused(store, tmp_path, sql):
    publish(store, daily("A", "2024-01-02", [10]))
    views = MarketViews(tmp_path, store)
    with pytest.raises(InputError):
        views.query(sql)


def test_a_damaged_file_is_told_before_a_number_is_given(store, tmp_path):
    publish(store, daily("A", "2024-01-02", [10]))
    (path,) = (tmp_path / "market" / "bars").rglob("*.parquet")
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(CorruptDataError, match="not what was written"):
        MarketViews(tmp_path, store)
    path.unlink()
    with pytest.raises(CorruptDataError, match="is gone"):
        MarketViews(tmp_path, store)
