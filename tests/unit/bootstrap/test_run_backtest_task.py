"""The task `run_backtest`, run here: what it takes, what it gives."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.unit.infrastructure.files.store.clean_series import KNOWN_AT, daily

from hindcast.bootstrap.tasks.plugin_types import load_type
from hindcast.bootstrap.tasks.run_backtest import run_backtest
from hindcast.domain.backtest import Backtest, BacktestResult, BacktestStatus
from hindcast.domain.errors import InputError, PluginError, SymbolError, UnknownStrategyError
from hindcast.domain.jobs import Job
from hindcast.domain.strategy import StrategySnapshot
from hindcast.infrastructure.files.artefacts import FileArtefactStore
from hindcast.infrastructure.files.store.bar_store import FileBarStore
from hindcast.strategies.factory import StrategyFactory

PLUGIN = """
from hindcast.strategies.builtin.buy_and_hold import BuyAndHold

class Mine(BuyAndHold):
    STRATEGY_TYPE = "{name}"
"""


def backtest(**changes: Any) -> Backtest:
    given: dict[str, Any] = {
        "id": "one",
        "name": "one",
        "strategy_id": "s",
        "owner": "ada",
        "symbols": ("SPX",),
        "start_date": date(2018, 1, 1),
        "status": BacktestStatus.RUNNING,
        "strategy": StrategySnapshot(strategy_type="buy_and_hold"),
        "job": Job(fence=3, attempt=1, worker="w", lease_ms=1),
    }
    return Backtest(**{**given, **changes})


def run(asked: Backtest, folder: Path) -> BacktestResult:
    payload = {
        "backtest": json.loads(asked.model_dump_json()),
        "home": str(folder),
        "plugin_dir": str(folder / "plugins"),
        "result_id": "one.3",
    }
    answer: Any = run_backtest(payload, lambda step, share: None)
    return BacktestResult.model_validate_json(json.dumps(answer["result"]))


@pytest.fixture
def plugins(tmp_path):
    """A folder of plug-ins; what a test loads of it is forgotten."""
    folder = tmp_path / "plugins"
    folder.mkdir()
    before = StrategyFactory.registered()
    yield folder
    for strategy_type in StrategyFactory.registered().keys() - before.keys():
        StrategyFactory.remove(strategy_type)


def test_a_claimed_backtest_gives_its_result_with_its_tables(tmp_path):
    result = run(backtest(), tmp_path)

    assert (result.id, result.owner, result.backtest_id) == ("one.3", "ada", "one")
    assert result.certificate.passed
    store = FileArtefactStore(tmp_path)
    assert {artefact.name for artefact in result.artefacts} >= {"equity", "fills", "orders"}
    assert all(len(store.table(artefact)) > 0 for artefact in result.artefacts)


def test_the_snapshot_is_what_runs(tmp_path):
    snapshot = StrategySnapshot(strategy_type="sma_crossover", parameters={"short_window": 5, "long_window": 9})
    result = run(backtest(strategy=snapshot), tmp_path)

    assert result.manifest.parameters["short_window"] == 5


def test_a_backtest_without_a_snapshot_is_refused(tmp_path):
    with pytest.raises(InputError, match="queue it again"):
        run(backtest(strategy=None), tmp_path)


def test_stored_bars_of_a_vendor_are_read_without_the_vendor(tmp_path):
    series = daily("IBM", "2024-01-02", [100.0 + number for number in range(40)])
    version = FileBarStore(tmp_path).publish("alpha_vantage", "1d", [series], reason="test", known_at=KNOWN_AT).id
    pin = f"alpha_vantage/1d@{version}"
    asked = backtest(provider="alpha_vantage", symbols=("IBM",), start_date=None, data_versions=(pin,))

    assert run(asked, tmp_path).data_versions == (pin,)


def test_what_a_run_raises_is_raised(tmp_path):
    with pytest.raises(SymbolError, match="NONE"):
        run(backtest(symbols=("NONE",)), tmp_path)


def test_only_the_plugin_that_names_the_type_is_read(plugins):
    (plugins / "a_trap.py").write_text("raise SystemExit('this one must not be read')")
    (plugins / "mine.py").write_text(PLUGIN.format(name="only_mine"))

    loader = load_type("only_mine", plugins)

    assert loader is not None
    assert set(loader.loaded_plugins) == {"only_mine"}
    assert loader.broken_plugins == {}


def test_a_type_whose_name_is_put_together_is_found_as_well(plugins):
    (plugins / "mine.py").write_text(PLUGIN.replace('"{name}"', '"put_" + "together"'))

    assert load_type("put_together", plugins) is not None
    assert "put_together" in StrategyFactory.types()


def test_a_broken_plugin_is_told_with_its_traceback(plugins):
    (plugins / "mine.py").write_text(PLUGIN.format(name="broken_one") + "\n1 / 0\n")

    with pytest.raises(PluginError, match=r"broken_one(.|\n)*ZeroDivisionError"):
        load_type("broken_one", plugins)


def test_a_type_that_nobody_has_stays_unknown(plugins, tmp_path):
    with pytest.raises(UnknownStrategyError, match="nobodys"):
        run(backtest(strategy=StrategySnapshot(strategy_type="nobodys")), tmp_path)
