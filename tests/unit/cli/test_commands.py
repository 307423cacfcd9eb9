"""The small commands: welcome, version, config, data, strategies."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.unit.cli.invoking import hindcast

GOOD_PLUGIN = '''
"""A plug-in."""
import hindcast as hc


class Mine(hc.BaseStrategy):
    """Never trade."""

    STRATEGY_TYPE = "mine_of_this_test"

    def generate_signals(self, data):
        return []
'''


@pytest.fixture
def plugin_dir(data_folder: Path) -> Path:
    folder = data_folder / "plugins" / "strategies"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """Work in an empty folder: the repository's own plug-ins and files stay out of it."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)


def test_asked_nothing_it_teaches_three_commands():
    answer = hindcast()
    assert answer.code == 0
    for words in ("demo", "run sma_crossover --symbols SPX", "strategies list"):
        assert words in answer.out
    assert max(len(line) for line in answer.out.splitlines()) <= 110


def test_it_says_its_version():
    answer = hindcast("--version")
    assert answer.code == 0
    assert answer.out.startswith("hindcast 0.")


def test_help_needs_no_readable_settings(elsewhere):
    Path("hindcast.toml").write_text("not toml at all")
    assert hindcast("run", "--help").code == 0
    answer = hindcast("config")
    assert answer.code == 2
    assert "is not TOML" in answer.err


@pytest.mark.parametrize("group", ["strategies", "data"])
def test_a_group_alone_shows_its_commands(group):
    answer = hindcast(group)
    assert "list" in answer.out + answer.err


def test_config_tells_value_and_origin_of_each_setting(data_folder):
    answer = hindcast("config")
    assert f"home = {data_folder}" in answer.out
    assert "from environment HINDCAST_HOME" in answer.out
    told = json.loads(hindcast("--home", "/elsewhere", "config", "--json").out)
    assert told["home"] == {"value": "/elsewhere", "origin": "flag --home"}
    assert told["plugin_dir"]["origin"] == "default"


def test_data_list_shows_symbols_and_dates_within_eighty_columns(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    answer = hindcast("data", "list")
    assert answer.code == 0
    (line,) = (line for line in answer.out.splitlines() if line.startswith("SPX "))
    assert line.split()[-4:] == ["1999-01-04", "2018-12-31", "5,031", "OHLC"]
    assert max(len(line.rstrip()) for line in answer.out.splitlines()) <= 80


def test_data_list_says_on_request_what_to_know_of_each_symbol():
    assert "only repeat the close before" not in hindcast("data", "list").out
    assert "only repeat the close before" in " ".join(hindcast("data", "list", "--notes").out.split())


def test_data_list_gives_machines_everything():
    told = json.loads(hindcast("data", "list", "--provider", "sample", "--json").out)
    symbols = {entry["symbol"]: entry for entry in told["sample"]}
    assert symbols["SPX"]["bars"] == 5031
    assert symbols["AAPL"]["single_price"] is True
    assert symbols["AAPL"]["note"]


def test_an_unknown_provider_is_refused():
    answer = hindcast("data", "list", "--provider", "nowhere")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith("error: ")


def test_strategies_list_has_the_four_built_in_ones():
    told = json.loads(hindcast("strategies", "list", "--json").out)
    assert {"buy_and_hold", "momentum", "rsi_mean_reversion", "sma_crossover"} <= {
        entry["strategy_type"] for entry in told["strategies"]
    }
    assert told["broken"] == {}
    assert "sma_crossover" in hindcast("strategies", "list").out


def test_a_plugin_is_listed_with_its_file_and_a_broken_one_with_its_traceback(plugin_dir):
    (plugin_dir / "good.py").write_text(GOOD_PLUGIN)
    (plugin_dir / "bad.py").write_text("import no_such_module_anywhere\n")
    answer = hindcast("strategies", "list")
    assert answer.code == 0
    assert "mine_of_this_test" in answer.out
    assert f"broken: {plugin_dir / 'bad.py'}" in answer.out
    assert "Traceback (most recent call last)" in answer.out
    assert "no_such_module_anywhere" in answer.out
    told = json.loads(hindcast("strategies", "list", "--json").out)
    sources = {entry["strategy_type"]: entry["source"] for entry in told["strategies"]}
    assert sources["mine_of_this_test"] == str(plugin_dir / "good.py")
    assert sources["momentum"] == "built-in"
    assert list(told["broken"]) == [str(plugin_dir / "bad.py")]


def test_strategies_show_has_parameters_with_bounds_defaults_and_a_command():
    answer = hindcast("strategies", "show", "sma_crossover")
    assert answer.code == 0
    (line,) = (line for line in answer.out.splitlines() if line.startswith("short_window"))
    assert "whole number" in line
    assert "≥" in line
    assert "10" in line
    assert "run sma_crossover --symbols SPX --param short_window=10 --param long_window=30" in answer.out


def test_a_strategy_without_parameters_says_so():
    assert "no parameters" in hindcast("strategies", "show", "buy_and_hold").out


def test_strategies_show_gives_machines_the_schema():
    told = json.loads(hindcast("strategies", "show", "momentum", "--json").out)
    assert set(told["defaults"]) == set(told["parameters_schema"]["properties"])


def test_an_unknown_strategy_is_refused_with_the_nearest_name():
    answer = hindcast("strategies", "show", "momentun")
    assert answer.code == 2
    assert "Did you mean 'momentum'?" in answer.err
