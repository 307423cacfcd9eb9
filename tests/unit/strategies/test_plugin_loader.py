from __future__ import annotations

import os
import signal
import sys
import threading
from importlib.metadata import EntryPoint, EntryPoints

import pytest
from tests.architecture.source_tree import ROOT
from tests.unit.strategies.panels import decisions, random_bars

from hindcast.domain.errors import PluginError, UnknownStrategyError
from hindcast.strategies.factory import StrategyFactory
from hindcast.strategies.plugin_loader import StrategyPluginLoader

PLUGIN = """
from hindcast.strategies.protocol import BaseStrategy

class {name}(BaseStrategy):
    STRATEGY_TYPE = "{type}"
    def generate_signals(self, data):
        return []
"""


@pytest.fixture
def folder(tmp_path):
    modules = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - modules:
        if name.startswith("hindcast_plugins."):
            del sys.modules[name]


@pytest.fixture(autouse=True)
def clean_registry():
    before = StrategyFactory.registered()
    yield
    for name in StrategyFactory.registered().keys() - before.keys():
        StrategyFactory.remove(name)


def write(folder, file, text):
    path = folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def load(folder):
    loader = StrategyPluginLoader(folder, entry_points=False)
    loader.load_all()
    return loader


def test_each_file_of_the_folder_is_a_strategy(folder):
    write(folder, "one.py", PLUGIN.format(name="One", type="one"))
    write(folder, "two.py", PLUGIN.format(name="Two", type="two"))
    write(folder, "_shared.py", "raise RuntimeError('not for loading')")
    write(folder, "notes.txt", "no python")
    loader = load(folder)
    assert sorted(loader.loaded_plugins) == ["one", "two"]
    assert loader.broken_plugins == {}
    assert type(StrategyFactory.create("one")).__name__ == "One"


def test_a_folder_that_is_not_there_holds_no_plugin(folder):
    assert load(folder / "nowhere").loaded_plugins == {}


def test_a_plugin_may_register_itself(folder):
    write(
        folder,
        "self_made.py",
        """
from hindcast.strategies.factory import StrategyFactory

@StrategyFactory.register("self_made")
class Anything:
    def generate_signals(self, data):
        return []
""",
    )
    loader = load(folder)
    assert loader.loaded_plugins["self_made"].STRATEGY_TYPE == "self_made"


def test_what_a_plugin_imports_is_not_taken_for_its_own(folder):
    text = "from hindcast.strategies.builtin.sma_crossover import SmaCrossover\n"
    write(folder, "child.py", text + PLUGIN.format(name="Child", type="child"))
    assert list(load(folder).loaded_plugins) == ["child"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("def broken(:", "SyntaxError"),
        ("import sys; sys.exit(3)", "SystemExit: 3"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("import no_such_module_at_all", "No module named 'no_such_module_at_all'"),
        ("x = 1", "holds no strategy; expected a class with a STRATEGY_TYPE"),
        ("class Empty:\n    STRATEGY_TYPE = 'empty'", "Empty has neither generate_signals(data) nor on_bar(context)"),
        (
            "from hindcast.strategies.factory import StrategyFactory as F\n@F.register('sma_crossover')\nclass A: ...",
            "taken",
        ),
    ],
    ids=["raises", "syntax", "exits", "interrupts", "import", "no strategy", "no method", "built-in name"],
)
def test_a_broken_plugin_is_reported_and_does_not_stop_the_others(folder, text, words):
    path = write(folder, "broken.py", text)
    write(folder, "fine.py", PLUGIN.format(name="Fine", type="fine"))
    loader = load(folder)
    assert list(loader.loaded_plugins) == ["fine"]
    assert list(loader.broken_plugins) == [path]
    said = str(loader.broken_plugins[path])
    assert words in said
    assert str(path) in said


def test_the_report_of_a_broken_plugin_holds_its_traceback(folder):
    path = write(folder, "broken.py", "def helper():\n    return {}['missing']\n\nhelper()\n")
    said = str(load(folder).broken_plugins[path])
    assert "Traceback (most recent call last)" in said
    assert f'File "{path}", line 2, in helper' in said
    assert "KeyError: 'missing'" in said


def test_loading_one_broken_file_raises_its_error(folder):
    path = write(folder, "broken.py", "1 / 0")
    loader = StrategyPluginLoader(folder)
    with pytest.raises(PluginError, match="ZeroDivisionError"):
        loader.load_plugin(path)
    assert path in loader.broken_plugins
    with pytest.raises(PluginError, match="no plugin file"):
        loader.load_plugin(folder / "nowhere.py")


def test_nothing_that_a_broken_plugin_registered_is_left(folder):
    text = "from hindcast.strategies.factory import StrategyFactory as F\n@F.register('half')\nclass Half: ...\n1 / 0\n"
    loader = load(write(folder, "half.py", text).parent)
    assert loader.broken_plugins
    with pytest.raises(UnknownStrategyError):
        StrategyFactory.get("half")


def test_a_mended_plugin_is_no_longer_broken_and_replaces_its_class(folder):
    path = write(folder, "p.py", PLUGIN.format(name="P", type="p"))
    loader = load(folder)
    first = StrategyFactory.get("p")
    path.write_text("1 / 0", encoding="utf-8")
    loader.load_all()
    assert path in loader.broken_plugins
    path.write_text(PLUGIN.format(name="P", type="p") + "    extra = 1  # mended\n", encoding="utf-8")
    loader.load_all()
    assert loader.broken_plugins == {}
    assert StrategyFactory.get("p") is not first
    assert StrategyFactory.get("p").extra == 1  # type: ignore[attr-defined]  # as written above


def test_two_files_with_the_same_type_are_told_with_both_names(folder):
    first = write(folder, "a_first.py", PLUGIN.format(name="First", type="same"))
    second = write(folder, "b_second.py", PLUGIN.format(name="Second", type="same"))
    loader = load(folder)
    said = str(loader.broken_plugins[second])
    assert str(first) in said
    assert str(second) in said
    assert StrategyFactory.get("same").__name__ == "First"


def test_two_classes_of_one_file_with_the_same_type_are_refused(folder):
    text = PLUGIN.format(name="A", type="same") + PLUGIN.format(name="B", type="same")
    path = write(folder, "both.py", text)
    assert "A and B have the same STRATEGY_TYPE 'same'" in str(load(folder).broken_plugins[path])


def test_files_of_the_same_name_in_two_folders_do_not_clash(folder):
    write(folder, "a/plugin.py", PLUGIN.format(name="P", type="from_a"))
    write(folder, "b/plugin.py", PLUGIN.format(name="P", type="from_b"))
    first, second = load(folder / "a").loaded_plugins["from_a"], load(folder / "b").loaded_plugins["from_b"]
    assert first.__module__ == "hindcast_plugins.plugin"
    assert first.__module__ != second.__module__
    assert sys.modules[first.__module__].P is first
    assert sys.modules[second.__module__].P is second


@pytest.mark.skipif(os.name == "nt", reason="signals are sent differently there")
def test_an_interrupt_by_the_user_is_not_swallowed(folder):
    path = write(folder, "slow.py", "import os, signal\nos.kill(os.getpid(), signal.SIGINT)\nwhile True: pass\n")
    with pytest.raises(KeyboardInterrupt):
        StrategyPluginLoader(folder).load_plugin(path)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_plugins_may_be_loaded_in_a_thread(folder):
    write(folder, "broken.py", "raise KeyboardInterrupt")
    write(folder, "fine.py", PLUGIN.format(name="Fine", type="fine"))
    loader = StrategyPluginLoader(folder, entry_points=False)
    thread = threading.Thread(target=loader.load_all)
    thread.start()
    thread.join()
    assert (len(loader.loaded_plugins), len(loader.broken_plugins)) == (1, 1)


def test_entry_points_of_installed_packages_are_loaded_too(folder, monkeypatch):
    group = "hindcast.strategies"
    good = EntryPoint("packaged", "tests.unit.strategies.test_factory:Sleeper", group)
    bad = EntryPoint("lost", "no_such_module_at_all:Thing", group)
    odd = EntryPoint("odd", "tests.unit.strategies.panels:bars_of", group)
    monkeypatch.setattr("importlib.metadata.entry_points", lambda group: EntryPoints([good, bad, odd]))
    loader = StrategyPluginLoader(folder)
    loader.load_all()
    assert set(loader.broken_plugins) == {"lost", "odd"}
    assert "No module named 'no_such_module_at_all'" in str(loader.broken_plugins["lost"])
    assert "expected a strategy class" in str(loader.broken_plugins["odd"])
    assert len(loader.loaded_plugins) == 1


def test_the_sample_plugin_loads_decides_and_looks_at_no_later_bar():
    loader = load(ROOT / "plugins" / "strategies")
    assert loader.broken_plugins == {}
    strategy = StrategyFactory.create("donchian_breakout", {"entry_window": 10, "exit_window": 5})
    bars = random_bars(bars=300)
    side = decisions(strategy, bars)
    close, high, low = bars.panel.close, bars.panel.high, bars.panel.low
    for t in range(10, 300):
        assert ((side[t] == 1) == (close[t] > high[t - 10 : t].max(axis=0))).all()
        assert ((side[t] == 2) == (close[t] < low[t - 5 : t].min(axis=0))).all()
    assert (decisions(strategy, bars.head(200)) == side[:200]).all()
