"""The main job: SMA(10, 30) on the S&P 500, 1999 to 2018, from symbols and dates to a stored result."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tests.integration.processes import run

import hindcast as hc

PARAMETERS = {"short_window": 10, "long_window": 30}
CONFIG = hc.BacktestConfig(commission=hc.Commission(rate=0.001))
PLUGIN = Path(__file__).parents[1] / "data" / "plugins" / "original_design.py"

STORE = """
import json
from datetime import date
import hindcast as hc
from hindcast.bootstrap import ServiceFactory
from hindcast.services.backtest.request import BacktestRequest
from hindcast.settings import load_settings
result = ServiceFactory(load_settings()).run_backtest(BacktestRequest(
    strategy_type="sma_crossover", parameters={"short_window": 10, "long_window": 30}, symbols=("SPX",),
    start_date=date(1999, 1, 4), end_date=date(2018, 12, 31), benchmark_symbol="SPX",
    config=hc.BacktestConfig(commission=hc.Commission(rate=0.001))))
print(json.dumps({
    "id": result.manifest.id,
    "artefacts": {each.name: each.content_hash for each in result.artefacts},
    "performance": result.performance.model_dump_json(),
}))
"""


@pytest.fixture(scope="module")
def bars() -> hc.Bars:
    return hc.load_bars(["SPX"], start="1999-01-04", end="2018-12-31")


def test_the_main_job_gives_the_published_figures(bars: hc.Bars) -> None:
    made = hc.run_backtest("sma_crossover", bars, parameters=PARAMETERS, config=CONFIG)
    assert bars.shape == (5031, 1)
    assert made.metrics.total_return == pytest.approx(0.3125778463, abs=1e-9)
    assert made.metrics.max_drawdown == pytest.approx(0.3385007465, abs=1e-9)
    assert made.metrics.total_trades == len(made.trades) == 88


def test_two_processes_make_the_same_bytes(tmp_path: Path) -> None:
    found = [json.loads(run(STORE, tmp_path / f"seed-{seed}", PYTHONHASHSEED=seed)) for seed in ("0", "4242")]
    assert found[0] == found[1]
    bars = hc.load_bars("SPX", start="1999-01-04", end="2018-12-31")
    here = hc.run_backtest("sma_crossover", bars, parameters=PARAMETERS, config=CONFIG, benchmark="SPX")
    assert here.manifest.id == found[0]["id"]
    for name, content_hash in found[0]["artefacts"].items():
        files = list(tmp_path.rglob(f"{content_hash}.parquet"))
        assert len(files) == 2, name
        assert files[0].read_bytes() == files[1].read_bytes()


def test_the_run_shows_what_the_door_promises(bars: hc.Bars) -> None:
    made = hc.run_backtest("sma_crossover", bars, parameters=PARAMETERS, config=CONFIG, benchmark="SPX")
    assert isinstance(made.equity, pd.Series)
    assert isinstance(made.equity.index, pd.DatetimeIndex)
    assert str(made.equity.index.tz) == "UTC"
    assert made.equity.index.name == "timestamp"
    assert made.equity.iloc[0] == 100_000.0
    assert len(made.equity) == len(bars) + 1
    assert made.equity.iloc[-1] == made.result.final_portfolio_value
    assert list(made.fills.columns) == (
        "timestamp symbol side quantity price commission slippage order_id reason ambiguous".split()
    )
    assert list(made.trades.columns) == (
        "symbol side quantity entry_time entry_price exit_time exit_price pnl return commission mae mfe".split()
    )
    assert (
        list(made.orders.columns)
        == (
            "order_id parent_id symbol side type quantity filled_quantity limit stop time_in_force status reason "
            "created_at closed_at"
        ).split()
    )
    assert set(made.fills["side"]) == {"buy", "sell"}
    assert made.certificate.verdict == "passed"
    dumped = made.metrics.model_dump()
    assert dumped["total_return"] == made.metrics.total_return
    assert {"sharpe_ratio", "beta", "win_rate", "turnover"} <= set(dumped)
    assert len(made.manifest.id) == 64
    assert "sma_crossover: 31.26%, 88 trades" in repr(made)


def test_fills_happen_at_the_next_open_and_pay_their_commission(bars: hc.Bars) -> None:
    made = hc.run_backtest("sma_crossover", bars, parameters=PARAMETERS, config=CONFIG)
    fills, orders = made.fills, made.orders
    opens = bars.open["SPX"]
    assert (fills["price"].to_numpy() == opens.loc[fills["timestamp"]].to_numpy()).all()
    assert fills["commission"].to_numpy() == pytest.approx((fills["quantity"] * fills["price"] * 0.001).to_numpy())
    decided = orders.set_index("order_id")["created_at"].loc[fills["order_id"]]
    places = opens.index.get_indexer(pd.DatetimeIndex(fills["timestamp"]))
    assert (opens.index.get_indexer(pd.DatetimeIndex(decided)) == places - 1).all()


def test_money_is_conserved(bars: hc.Bars) -> None:
    made = hc.run_backtest("sma_crossover", bars, parameters=PARAMETERS, config=CONFIG)
    gained = made.trades["pnl"].sum() + made.open_trades["pnl"].sum()
    assert made.equity.iloc[-1] - 100_000.0 == pytest.approx(gained, abs=1e-6)


def test_a_class_an_instance_and_a_name_are_the_same_strategy(bars: hc.Bars) -> None:
    kind = hc.StrategyFactory.get("sma_crossover")
    ids = {
        hc.run_backtest("sma_crossover", bars, parameters=PARAMETERS).manifest.id,
        hc.run_backtest(kind, bars, parameters=PARAMETERS).manifest.id,
        hc.run_backtest(kind(**PARAMETERS), bars).manifest.id,
        hc.run_backtest("sma_crossover", bars, parameters={"short_window": np.int64(10)}).manifest.id,
    }
    assert len(ids) == 1


def test_the_report_is_one_file(bars: hc.Bars, tmp_path: Path) -> None:
    made = hc.run_backtest("sma_crossover", bars, parameters=PARAMETERS, config=CONFIG)
    page = made.to_html(tmp_path / "report.html").read_text(encoding="utf-8")
    assert page.lstrip().lower().startswith("<!doctype html>")


def test_a_plugin_of_the_original_design_runs_as_it_stands(tmp_path: Path) -> None:
    plugins = tmp_path / "plugins"
    plugins.mkdir()
    (plugins / "original_design.py").write_bytes(PLUGIN.read_bytes())
    program = """
import hindcast as hc
bars = hc.load_bars(["AAPL", "MSFT"], start="2010-01-04", end="2012-12-31")
made = hc.run_backtest("original_trend", bars, parameters={"buffer": 0.01})
print(len(made.fills), made.metrics.total_return, made.manifest.parameters["buffer"], made.manifest.id)
"""
    first = run(program, tmp_path / "home", HINDCAST_PLUGIN_DIR=str(plugins)).split()
    assert int(first[0]) > 10
    assert abs(float(first[1])) > 0.01
    assert first[2] == "0.01"
    plugins.rename(tmp_path / "elsewhere")
    assert run(program, tmp_path / "home", HINDCAST_PLUGIN_DIR=str(tmp_path / "elsewhere")).split() == first


def prices(**changes: list[float]) -> dict[str, object]:
    columns: dict[str, object] = {
        "date": ["2020-01-01", "2020-01-02", "2020-01-03"],
        "symbol": ["ABC"] * 3,
        "open": [10.0, 11.0, 12.0],
        "high": [10.5, 11.5, 12.5],
        "low": [9.5, 10.5, 11.5],
        "close": [10.1, 11.1, 12.1],
        "volume": [1.0, 2.0, 3.0],
    }
    return columns | changes


def framed(**changes: object) -> hc.Bars:
    return hc.Bars.from_pandas(pd.DataFrame(prices(**changes)))  # type: ignore[arg-type]  # bad ones are the point


ONE = [1.0, 1.0]


class Raising(hc.BaseStrategy):
    STRATEGY_TYPE = "raising"

    def generate_signals(self, data: hc.Bars) -> object:
        raise ValueError("no\nluck")


class Infinite(hc.BaseStrategy):
    STRATEGY_TYPE = "infinite"

    def generate_signals(self, data: hc.Bars) -> object:
        return np.full(data.shape, np.inf)


BAD: list[tuple[Callable[[hc.Bars], object], type[hc.HindcastError], list[str]]] = [
    (lambda bars: hc.run_backtest("sma_crosover", bars), hc.UnknownStrategyError, ["sma_crosover", "Did you mean"]),
    (
        lambda bars: hc.run_backtest("sma_crossover", bars, parameters={"short_windw": 3}),
        hc.ParameterError,
        ["short_windw", "Did you mean 'short_window'?"],
    ),
    (
        lambda bars: hc.run_backtest("sma_crossover", bars, parameters={"short_window": 30, "long_window": 10}),
        hc.ParameterError,
        ["30", "10"],
    ),
    (
        lambda bars: hc.run_backtest("sma_crossover", bars, parameters={"short_window": 30, "long_window": 30}),
        hc.ParameterError,
        ["30"],
    ),
    (lambda bars: hc.run_backtest("sma_crossover", bars, parameters=[3]), hc.ParameterError, ["list"]),  # type: ignore[arg-type]  # on purpose
    (
        lambda bars: hc.run_backtest("sma_crossover", bars, parameters={"short_window": "ten"}),
        hc.ParameterError,
        ["'ten'"],
    ),
    (lambda bars: hc.load_bars("SPX", start="2019-01-02", end="2018-01-02"), hc.DateRangeError, ["2019-01-02"]),
    (lambda bars: hc.load_bars("SPX", start="2050-01-01"), hc.DateRangeError, ["2050-01-01", "SPX"]),
    (lambda bars: hc.load_bars("SPX", start="tomorrow"), hc.InputError, ["tomorrow"]),
    (lambda bars: hc.load_bars("NOPE"), hc.SymbolError, ["NOPE"]),
    (lambda bars: hc.load_bars(["SPX", "SPX"]), hc.SymbolError, ["SPX", "twice"]),
    (lambda bars: hc.load_bars([]), hc.InputError, ["no symbols"]),
    (lambda bars: hc.load_bars(7), hc.InputError, ["7"]),  # type: ignore[arg-type]  # on purpose
    (lambda bars: hc.load_bars("SPX", provider="bloomberg"), hc.InputError, ["bloomberg"]),
    (lambda bars: framed(close=[10.1, np.nan, 12.1]), hc.BarsError, ["ABC", "2020-01-02", "nan"]),
    (lambda bars: framed(date=["2020-01-01", "2020-01-02", "2020-01-02"]), hc.BarsError, ["ABC", "2020-01-02"]),
    (lambda bars: framed(high=[10.5, 9.0, 12.5]), hc.BarsError, ["ABC", "2020-01-02", "9"]),
    (lambda bars: framed(low=[9.5, -1.0, 11.5]), hc.BarsError, ["ABC", "2020-01-02", "-1"]),
    (
        lambda bars: hc.Bars.from_numpy(["2020-01-02", "2020-01-01"], "ABC", ONE, ONE, ONE, ONE),
        hc.BarsError,
        ["2020-01-01", "2020-01-02"],
    ),
    (lambda bars: hc.BacktestConfig(initial_capital=-5), hc.ConfigError, ["-5"]),
    (lambda bars: hc.BacktestConfig(initial_capital=float("nan")), hc.ConfigError, ["nan"]),
    (lambda bars: hc.BacktestConfig(comission=1), hc.ConfigError, ["comission", "Did you mean 'commission'?"]),  # type: ignore[call-arg]  # on purpose
    (lambda bars: hc.BacktestConfig(sizing={"kind": "fixed_cash"}), hc.ConfigError, ["cash"]),
    (lambda bars: hc.Commission(rate=-0.1), hc.ConfigError, ["-0.1"]),
    (lambda bars: hc.FixedQuantity(0), hc.ConfigError, ["0"]),
    (lambda bars: hc.FixedCash(), hc.ConfigError, ["cash"]),
    (lambda bars: hc.run_backtest("buy_and_hold", bars, config={}), hc.ConfigError, ["dict"]),  # type: ignore[arg-type]  # on purpose
    (lambda bars: hc.run_backtest("buy_and_hold", bars, benchmark="KOSPI"), hc.BenchmarkError, ["KOSPI", "from_csv"]),
    (lambda bars: hc.run_backtest("buy_and_hold", bars, benchmark=3), hc.DataError, ["benchmark"]),
    (lambda bars: hc.run_backtest("buy_and_hold", [1, 2]), hc.InputError, ["list"]),  # type: ignore[arg-type]  # on purpose
    (
        lambda bars: hc.run_backtest(Raising, bars),
        hc.StrategyError,
        ["raising.generate_signals", "ValueError: no luck"],
    ),
    (lambda bars: hc.run_backtest(Infinite, bars), hc.StrategyError, ["infinite.generate_signals", "SPX", "inf"]),
    (lambda bars: hc.run_backtest(dict, bars), hc.StrategyError, ["dict", "generate_signals"]),
    (lambda bars: hc.run_backtest(Raising(), bars, parameters={"x": 1}), hc.InputError, ["already built"]),
    (lambda bars: hc.open_results().get("gone"), hc.NotFoundError, ["gone"]),
]


@pytest.mark.parametrize(("ask", "error", "words"), BAD)
def test_bad_input_gets_a_typed_error_of_one_sentence(
    bars: hc.Bars, ask: Callable[[hc.Bars], object], error: type[hc.HindcastError], words: list[str]
) -> None:
    with pytest.raises(error) as caught:
        ask(bars)
    said = str(caught.value)
    assert "\n" not in said
    assert len(said) < 600
    assert all(word in said for word in words), said
    assert isinstance(caught.value, hc.HindcastError)


def test_bad_input_writes_no_file(bars: hc.Bars, data_folder: Path) -> None:
    for ask, error, _ in BAD:
        with pytest.raises(error):
            ask(bars)
    assert list(data_folder.rglob("*")) == []
