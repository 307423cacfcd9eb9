"""`hindcast verify` from end to end: a stored result, run again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.unit.cli.invoking import hindcast

from hindcast.strategies.factory import StrategyFactory

PLUGIN = """
import hindcast as hc


class Mine(hc.BaseStrategy):
    STRATEGY_TYPE = "mine_to_verify_by_command"

    def generate_signals(self, data):
        mean = data.close.rolling(20).mean()
        return hc.Signals.from_entries(buy=data.close > mean, sell=data.close < mean)
"""


@pytest.fixture(autouse=True)
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def stored() -> str:
    """The id of a stored result."""
    return hindcast("run", "sma_crossover", "--symbols", "SPX", "--benchmark", "SPX", "--quiet").out.strip()


def test_a_stored_result_is_identical_and_the_exit_code_is_0(stored: str, work: Path) -> None:
    answer = hindcast("verify", stored)
    assert (answer.code, answer.err) == (0, "")
    assert "Compared byte for byte" in answer.out
    assert answer.out.rstrip().splitlines()[-1].startswith("Identical, bit for bit: 8 tables and ")
    assert list(work.iterdir()) == []


def test_machines_get_the_whole_record(stored: str) -> None:
    told = json.loads(hindcast("verify", stored[:12], "--json").out)
    assert (told["backtest_id"], told["verdict"], told["comparison"]) == (stored, "identical", "byte_for_byte")
    assert told["new_manifest_id"] == told["manifest_id"]
    assert {table["name"] for table in told["tables"]} >= {"bars", "benchmark", "orders", "fills", "equity", "metrics"}
    assert told["differences"] == told["causes"] == []


def test_a_run_says_how_to_verify_it() -> None:
    answer = hindcast("run", "sma_crossover", "--symbols", "SPX")
    (stored,) = (line.split()[2] for line in answer.out.splitlines() if line.startswith("Stored as"))
    assert f"verify {stored}" in answer.out


@pytest.fixture
def plugin(data_folder: Path) -> Iterator[Path]:
    """The file of a plug-in; its type is forgotten afterwards."""
    folder = data_folder / "plugins" / "strategies"
    folder.mkdir(parents=True)
    (folder / "mine.py").write_text(PLUGIN)
    yield folder / "mine.py"
    StrategyFactory.remove("mine_to_verify_by_command")


def test_a_strategy_that_changed_is_different_and_the_exit_code_is_1(plugin: Path) -> None:
    stored = hindcast("run", "mine_to_verify_by_command", "--symbols", "SPX", "--quiet").out.strip()
    plugin.write_text(PLUGIN.replace("rolling(20)", "rolling(100)"))
    answer = hindcast("verify", stored)
    assert (answer.code, answer.err) == (1, "")
    assert "strategy code" in answer.out
    assert answer.out.rstrip().splitlines()[-1].startswith("Different in orders, fills,")
    machine = hindcast("verify", stored, "--json")
    assert (machine.code, machine.err) == (1, "")
    told = json.loads(machine.out)
    assert told["verdict"] == "different"
    assert [cause["name"] for cause in told["causes"]] == ["strategy_hash"]


def test_an_unknown_id_is_refused_as_by_report(stored: str) -> None:
    refused, reported = hindcast("verify", "nothing"), hindcast("report", "nothing")
    assert refused == reported
    assert refused.code == 2
    assert "no result has an id that begins with 'nothing'" in refused.err


def test_a_damaged_table_is_an_error(stored: str, data_folder: Path) -> None:
    equity = next(
        table
        for table in json.loads(hindcast("report", stored, "--json").out)["artefacts"]
        if table["name"] == "equity"
    )
    (data_folder / equity["path"]).write_bytes(b"PAR1")
    answer = hindcast("verify", stored)
    assert (answer.code, answer.out) == (1, "")
    assert "is not what was written" in answer.err
