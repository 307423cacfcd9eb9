from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tests.unit.services.backtest.panels import some_bars

import hindcast as hc
from hindcast.library import backtest
from hindcast.settings import load_settings


class Doubtful(hc.BaseStrategy):
    STRATEGY_TYPE = "doubtful"

    class Config(hc.StrategyConfig):
        level: float = 1.0

    def validate_parameters(self) -> None:
        if self.config.model_dump()["level"] > 2.0:
            raise hc.ParameterError("level must be at most 2")

    def generate_signals(self, data: hc.Bars) -> hc.Signals:
        return hc.Signals.hold(data.shape)


def test_a_strategy_that_is_already_built_is_asked_whether_its_parameters_fit() -> None:
    hc.run_backtest(Doubtful(level=1.5), some_bars())
    with pytest.raises(hc.ParameterError, match="level must be at most 2"):
        hc.run_backtest(Doubtful(level=3.0), some_bars())


def test_dates_may_be_dates_text_or_moments() -> None:
    wanted = hc.load_bars("SPX", start="2010-01-04", end="2010-01-08").fingerprint
    new_york = timezone(timedelta(hours=-5))
    for start, end in (
        (date(2010, 1, 4), date(2010, 1, 8)),
        (datetime(2010, 1, 4, tzinfo=UTC), datetime(2010, 1, 8, 23, 59, tzinfo=UTC)),
        (datetime(2010, 1, 4, tzinfo=new_york), datetime(2010, 1, 8, 20, tzinfo=new_york)),
        (pd.Timestamp("2010-01-04"), pd.Timestamp("2010-01-08", tz="Asia/Seoul")),
    ):
        assert hc.load_bars("SPX", start=start, end=end).fingerprint == wanted


@pytest.mark.parametrize("kind", ["name", "bars", "series"])
def test_a_benchmark_may_be_a_name_bars_or_a_series(kind: str) -> None:
    bars = some_bars()
    benchmark = {"name": "AAA", "bars": bars.select(["AAA"]), "series": bars.close["AAA"]}[kind]
    made = hc.run_backtest("buy_and_hold", bars, benchmark=benchmark)
    wanted = hc.run_backtest("buy_and_hold", bars, benchmark="AAA")
    assert made.metrics.beta == wanted.metrics.beta
    assert made.tables["benchmark"]["value"].tolist() == bars.panel.close[:, 0].tolist()


def test_bars_of_several_symbols_are_no_benchmark() -> None:
    with pytest.raises(hc.InputError, match="hold 2 symbols; expected one"):
        hc.run_backtest("buy_and_hold", some_bars(), benchmark=some_bars())


def test_a_run_without_a_benchmark_has_none() -> None:
    made = hc.run_backtest("buy_and_hold", some_bars())
    assert made.metrics.beta is None
    assert "benchmark" not in made.tables


def test_runs_in_many_threads_agree() -> None:
    found: list[str] = []

    def work() -> None:
        bars = hc.load_bars("SPX", start="2010-01-04", end="2012-12-31")
        made = hc.run_backtest("sma_crossover", bars, benchmark="NASDAQ")
        found.append(f"{made.manifest.id} {made.metrics.sharpe_ratio} {made.metrics.beta}")

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1


def test_the_services_follow_the_settings_of_the_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = backtest._services()
    assert backtest._services() is first
    monkeypatch.setenv("HINDCAST_HOME", str(tmp_path / "other"))
    second = backtest._services()
    assert second is not first
    assert second.settings == load_settings()


def test_frames_that_are_read_are_made_once_and_agree_with_the_tables() -> None:
    made = hc.run_backtest("buy_and_hold", some_bars())
    assert made.trades is made.trades
    assert np.array_equal(made.equity.to_numpy(), made.tables["equity"]["equity"])
    assert list(made.books.columns) == ["equity", "cash", "gross_exposure", "net_exposure"]
    assert list(made.positions.columns) == ["timestamp", "symbol", "quantity", "average_cost"]
    assert len(made.open_trades) == 2


class FirstAverage(hc.BaseStrategy):
    """Notes how many of the ready-made averages it was given."""

    seen = -1

    def generate_signals(self, data):
        type(self).seen = int(np.isfinite(data.indicators["sma_10"]).sum())
        return hc.Signals.hold(data.shape)


def bars_with_a_gap() -> hc.Bars:
    price = np.full((40, 2), 10.0)
    price[20, 0] = np.nan
    days = np.arange("2020-01-01", "2020-02-10", dtype="M8[D]")
    return hc.Bars.from_numpy(days, ["AAA", "BBB"], price, price, price, price)


@pytest.mark.parametrize(("rule", "averages"), [("forward_fill", 62), ("drop", 61)])
def test_the_gap_rule_of_the_configuration_decides_what_the_ready_made_columns_see(rule, averages):
    found = hc.run_backtest(FirstAverage, bars_with_a_gap(), config=hc.BacktestConfig(gap_rule=rule, proof="off"))
    assert FirstAverage.seen == averages
    assert found.manifest.config["gap_rule"] == rule


def test_the_gap_rule_raise_refuses_a_run_with_a_gap():
    with pytest.raises(hc.MissingDataError, match="AAA has no bar on 2020-01-21"):
        hc.run_backtest("buy_and_hold", bars_with_a_gap(), config=hc.BacktestConfig(gap_rule="raise"))
