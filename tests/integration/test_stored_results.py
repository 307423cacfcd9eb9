from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
from tests.contracts.records import a_result, some_tables
from tests.contracts.stores import stored_results
from tests.integration.processes import run

import hindcast as hc
from hindcast.bootstrap import ServiceFactory
from hindcast.domain.backtest import BacktestResult, BacktestStatus
from hindcast.domain.errors import InputError, NotFoundError
from hindcast.services.backtest.request import BacktestRequest
from hindcast.settings import load_settings

MAIN = """
from hindcast.bootstrap import ServiceFactory
from hindcast.services.backtest.request import BacktestRequest
from hindcast.settings import load_settings
services = ServiceFactory(load_settings())
result = services.run_backtest(BacktestRequest(
    strategy_type="sma_crossover", symbols=("SPX",), benchmark_symbol="S&P 500", name="Main"))
print(result.model_dump_json())
"""


def stored_run(home: Path, **request: object) -> BacktestResult:
    fields: dict[str, object] = {"strategy_type": "sma_crossover", "symbols": ("SPX",)}
    services = ServiceFactory(load_settings({"home": home}))
    return services.run_backtest(BacktestRequest(**(fields | request)))  # type: ignore[arg-type]  # a request's fields


def test_a_result_is_read_from_another_process(tmp_path: Path) -> None:
    written = BacktestResult.model_validate_json(run(MAIN, tmp_path))
    results = hc.open_results(tmp_path)
    assert results.list() == (written,)
    assert results.get(written.backtest_id[:12]) == written
    assert results.get(written.manifest.id) == written
    equity = results.table(written.backtest_id, "equity")
    assert equity["equity"].iloc[-1] == written.final_portfolio_value
    assert len(results.table(written.backtest_id, "trades")) == written.total_trades
    assert str(equity["timestamp"].dtype) == "datetime64[ns, UTC]"


def test_the_door_reads_the_folder_that_the_environment_names(data_folder: Path) -> None:
    made = stored_run(data_folder)
    assert hc.open_results().get(made.backtest_id) == made


def test_the_stored_tables_are_those_of_the_run_in_memory(tmp_path: Path) -> None:
    made = stored_run(tmp_path, benchmark_symbol="SPX")
    again = hc.run_backtest("sma_crossover", hc.load_bars("SPX"), benchmark="SPX")
    assert made.manifest.id == again.manifest.id
    results = hc.open_results(tmp_path)
    for name in again.tables:
        stored = results.table(made.backtest_id, name)
        assert list(stored.columns) == list(again.tables[name])
        assert len(stored) == len(next(iter(again.tables[name].values())))
    assert results.table(made.backtest_id, "trades").equals(again.trades)
    assert results.table(made.backtest_id, "orders").equals(again.orders)
    assert results.table(made.backtest_id, "fills").equals(again.fills)


def test_a_backtest_and_its_strategy_are_stored_beside_the_result(tmp_path: Path) -> None:
    made = stored_run(tmp_path, parameters={"short_window": 5}, name="Quick")
    services = ServiceFactory(load_settings({"home": tmp_path}))
    backtest = services.backtests.get(made.backtest_id)
    assert (backtest.name, backtest.status) == ("Quick", BacktestStatus.COMPLETED)
    assert services.strategies.get(backtest.strategy_id).parameters == {"short_window": 5}


def test_backtests_are_listed_with_the_newest_run_first(tmp_path: Path) -> None:
    services = ServiceFactory(load_settings({"home": tmp_path}))
    made = [stored_run(tmp_path, symbols=("SPX",), name=name).backtest_id for name in ("first", "second")]
    assert [backtest.id for backtest in services.backtests.list()] == made[::-1]
    assert all(backtest.created_at is not None for backtest in services.backtests.list())


def test_a_failed_run_stays_stored_as_failed_without_a_result(tmp_path: Path) -> None:
    with pytest.raises(hc.SymbolError):
        stored_run(tmp_path, symbols=("ZZZ",))
    services = ServiceFactory(load_settings({"home": tmp_path}))
    (backtest,) = services.backtests.list()
    assert backtest.status is BacktestStatus.FAILED
    assert "'ZZZ'" in (backtest.error_message or "")
    assert services.results.list() == ()


@pytest.mark.parametrize(
    "request_",
    [
        {"strategy_type": "nothing"},
        {"parameters": {"short_window": 0}},
        {"symbols": ()},
        {"symbols": ("SPX", "SPX")},
        {"symbols": ("",)},
    ],
)
def test_a_request_that_is_refused_leaves_nothing_behind(tmp_path: Path, request_: dict[str, object]) -> None:
    with pytest.raises(InputError):
        stored_run(tmp_path, **request_)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_views_answer_sql_over_all_results(tmp_path: Path) -> None:
    first = stored_run(tmp_path, name="one", benchmark_symbol="SPX")
    second = stored_run(tmp_path, strategy_type="buy_and_hold", symbols=("AAPL", "MSFT"), name="it's two")
    results = hc.open_results(tmp_path)
    counts = results.query("SELECT backtest_id, count(*) AS n FROM fills GROUP BY ALL ORDER BY n DESC")
    assert dict(zip(counts["backtest_id"], counts["n"], strict=True)) == {
        first.backtest_id: next(each.rows for each in first.artefacts if each.name == "fills"),
        second.backtest_id: 2,
    }
    row = results.query("SELECT * FROM results WHERE name = ?", ["it's two"]).iloc[0]
    assert row["backtest_id"] == second.backtest_id
    assert row["total_return"] == second.performance.total_return
    assert row["manifest_id"] == second.manifest.id
    last = results.query(
        "SELECT r.final_portfolio_value, arg_max(e.equity, e.timestamp) AS last FROM equity e JOIN results r "
        "USING (backtest_id) GROUP BY ALL"
    )
    assert (last["final_portfolio_value"] == last["last"]).all()
    assert results.query("SELECT count(DISTINCT backtest_id) AS n FROM benchmark")["n"][0] == 1
    for view in ("equity", "fills", "trades", "open_trades", "orders", "positions", "benchmark", "results"):
        assert "backtest_id" in results.query(f"SELECT * FROM {view} LIMIT 1").columns


def test_sql_tells_times_in_utc_wherever_the_machine_is(tmp_path: Path) -> None:
    stored_results(tmp_path).save(a_result(), some_tables())
    program = """
import hindcast
found = hindcast.open_results().query("SELECT timestamp, timestamp::DATE AS day FROM equity ORDER BY ALL")
print(found["timestamp"][0], str(found["day"][0])[:10], found["timestamp"].dtype)
"""
    for zone in ("America/New_York", "Asia/Seoul"):
        assert run(program, tmp_path, TZ=zone).split() == [
            "2020-01-01", "00:00:00+00:00", "2020-01-01", "datetime64[ns,", "UTC]",
        ]  # fmt: skip


def test_two_backtests_that_share_a_table_both_show_it(tmp_path: Path) -> None:
    stored_run(tmp_path)
    stored_run(tmp_path)
    assert len(list((tmp_path / "artefacts").rglob("*.parquet"))) == 7
    counts = hc.open_results(tmp_path).query("SELECT backtest_id, count(*) AS n FROM fills GROUP BY ALL")
    assert len(counts) == 2
    assert counts["n"].nunique() == 1


def test_views_over_an_empty_folder_are_empty(tmp_path: Path) -> None:
    results = hc.open_results(tmp_path / "not there yet")
    assert results.list() == ()
    assert len(results.query("SELECT * FROM fills")) == 0
    assert len(results.query("SELECT * FROM results")) == 0
    with pytest.raises(NotFoundError, match="'x'"):
        results.get("x")


@pytest.mark.parametrize(
    "sql",
    [
        "SELEC 1",
        "SELECT * FROM nothing",
        "",
        "SELECT 1; SELECT 2",
        "DROP TABLE results",
        "CREATE TABLE more (x INT)",
        "COPY (SELECT 1) TO '{home}/artefacts/x.parquet'",
        "ATTACH '{home}/artefacts/x.db'",
        "SET threads = 8",
        "INSTALL httpfs",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_blob('{home}/documents.sqlite')",
        "ATTACH '{home}/documents.sqlite' (TYPE sqlite)",
    ],
)
def test_what_is_no_select_over_the_results_is_refused(tmp_path: Path, sql: str) -> None:
    stored_run(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(InputError):
        hc.open_results(tmp_path).query(sql.format(home=tmp_path))
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("name", ["it's", "with space", "데이터", "a[1]b", "star*", "q?", "{x}", "per%20cent"])
def test_a_data_folder_may_have_any_name(tmp_path: Path, name: str) -> None:
    home = tmp_path / name
    stored = stored_results(home).save(a_result(), some_tables())
    results = hc.open_results(home)
    assert results.get("r1") == stored
    assert results.query("SELECT equity FROM equity")["equity"].tolist() == [100_000.0, 0.1 + 0.2]


def test_the_summary_is_json_that_any_tool_reads(tmp_path: Path) -> None:
    stored = stored_results(tmp_path).save(a_result(), {})
    connection = sqlite3.connect(tmp_path / "documents.sqlite")
    asked = "SELECT document ->> '$.performance.total_return', document FROM results WHERE id = 'r1'"
    total_return, document = connection.execute(asked).fetchone()
    connection.close()
    assert total_return == stored.performance.total_return
    assert json.loads(document)["performance"]["total_return"] == stored.performance.total_return
