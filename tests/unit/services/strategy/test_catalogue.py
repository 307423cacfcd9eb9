from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from tests.unit.services.strategy.inline_children import EndedChildren, InlineChildren
from tests.unit.services.strategy.plugins import write_plugin

from hindcast.domain.errors import (
    ParameterError,
    PluginError,
    StrategyExitError,
    TimeLimitError,
    UnknownStrategyError,
    WorkLostError,
)
from hindcast.services.backtest.source_hash import strategy_hash
from hindcast.services.strategy.catalogue import StrategyCatalogue
from hindcast.strategies.builtin import BUILTIN_STRATEGIES
from hindcast.strategies.builtin.sma_crossover import SmaCrossover
from hindcast.strategies.factory import StrategyFactory


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "plugins"
    made.mkdir()
    return made


def catalogue_of(folder: Path, children: InlineChildren) -> StrategyCatalogue:
    return StrategyCatalogue(children, folder, code_hash=strategy_hash)


def files_of(children: InlineChildren) -> list[list[str]]:
    """The files that each discovery was given, by name."""
    return [
        [Path(file).name for file in payload["files"]]
        for task, payload in children.asked
        if task == "discover_strategies"
    ]


def test_built_in_types_are_known_without_a_child(folder: Path) -> None:
    children = InlineChildren()
    catalogue = catalogue_of(folder, children)
    assert [each.strategy_type for each in catalogue.templates()] == sorted(BUILTIN_STRATEGIES)
    catalogue.check("sma_crossover", {"short_window": 3, "long_window": 8})
    assert children.asked == []


def test_a_template_holds_what_a_form_needs(folder: Path) -> None:
    found = catalogue_of(folder, InlineChildren()).template("sma_crossover")
    assert found.defaults == {"short_window": 10, "long_window": 30}
    assert found.parameters_schema["properties"]["short_window"]["type"] == "integer"  # type: ignore[call-overload,index]  # JSON
    assert (found.source, found.lane, found.code_hash) == ("built-in", "vectorised", strategy_hash(SmaCrossover))
    assert found.summary
    assert found.doc.startswith(found.summary)


def test_plugins_are_found_with_their_file_and_nothing_is_registered_here(folder: Path) -> None:
    file = write_plugin(folder, "mine", config="window: int = Field(7, ge=2)")
    catalogue = catalogue_of(folder, InlineChildren())
    found = catalogue.template("mine")
    assert (found.source, found.defaults, found.summary) == (str(file), {"window": 7}, "What mine does.")
    assert catalogue.file_of("mine") == str(file)
    assert "mine" not in StrategyFactory.types()


def test_an_event_driven_plugin_is_told_as_such(folder: Path) -> None:
    (folder / "pairs.py").write_text(
        "import hindcast as hc\nclass Pairs(hc.EventStrategy):\n    STRATEGY_TYPE = 'pairs'\n"
        "    def on_bar(self, context):\n        pass\n"
    )
    assert catalogue_of(folder, InlineChildren()).template("pairs").lane == "event"


def test_the_folder_is_looked_at_once_until_it_changes(folder: Path) -> None:
    file = write_plugin(folder, "mine")
    children = InlineChildren()
    catalogue = catalogue_of(folder, children)
    for _ in range(3):
        catalogue.templates()
        catalogue.broken()
    assert len(children.asked) == 1
    write_plugin(folder, "mine", config="window: int = 9")
    os.utime(file, ns=(1, 1))
    assert catalogue.template("mine").defaults == {"window": 9}
    assert len(children.asked) == 2
    file.unlink()
    with pytest.raises(UnknownStrategyError):
        catalogue.template("mine")


def test_a_broken_plugin_is_told_with_its_traceback_and_hides_no_other(folder: Path) -> None:
    write_plugin(folder, "fine")
    (folder / "raises.py").write_text("def deep():\n    raise RuntimeError('not today')\ndeep()\n")
    (folder / "empty.py").write_text("")
    (folder / "_shared.py").write_text("raise RuntimeError('nobody loads this')\n")
    catalogue = catalogue_of(folder, InlineChildren())
    assert catalogue.template("fine").strategy_type == "fine"
    broken = {Path(file).name: said for file, said in catalogue.broken().items()}
    assert set(broken) == {"raises.py", "empty.py"}
    assert "RuntimeError: not today" in broken["raises.py"]
    assert "line 2, in deep" in broken["raises.py"]
    assert "holds no strategy" in broken["empty.py"]


def test_a_schema_that_cannot_be_made_breaks_its_plugin_only(folder: Path) -> None:
    write_plugin(folder, "fine")
    write_plugin(
        folder,
        "odd",
        body="class Odd: ...",
        config="model_config = {'arbitrary_types_allowed': True}\nthing: Odd | None = None",
    )
    catalogue = catalogue_of(folder, InlineChildren())
    assert catalogue.template("fine").strategy_type == "fine"
    assert ["can't be described" in said for said in catalogue.broken().values()] == [True]


def test_of_two_plugins_with_one_type_the_second_is_broken_and_names_both(folder: Path) -> None:
    first = write_plugin(folder, "twin")
    second = folder / "twin_again.py"
    second.write_text(first.read_text())
    for children in (InlineChildren(), EndedChildren({'"' + str(first) + '", "': StrategyExitError("it left")})):
        catalogue = catalogue_of(folder, children)
        assert catalogue.template("twin").source == str(first)
        said = catalogue.broken()[str(second)]
        assert str(first) in said
        assert str(second) in said


@pytest.mark.parametrize("error", [TimeLimitError("took longer than 10 s"), StrategyExitError("left with 3")])
def test_a_file_that_ends_its_process_costs_that_once_and_hides_no_other(folder: Path, error: Exception) -> None:
    write_plugin(folder, "a_fine")
    write_plugin(folder, "stuck")
    write_plugin(folder, "z_fine")
    children = EndedChildren({"stuck.py": error})
    catalogue = catalogue_of(folder, children)
    assert catalogue.template("a_fine").strategy_type == "a_fine"
    assert catalogue.template("z_fine").strategy_type == "z_fine"
    assert list(catalogue.broken()) == [str(folder / "stuck.py")]
    assert str(error) in catalogue.broken()[str(folder / "stuck.py")]
    assert sorted(files_of(children)) == [
        ["a_fine.py"],
        ["a_fine.py", "stuck.py", "z_fine.py"],
        ["stuck.py"],
        ["z_fine.py"],
    ]

    asked = len(children.asked)
    write_plugin(folder, "new")
    assert catalogue.template("new").strategy_type == "new"
    assert files_of(children)[asked:] == [["a_fine.py", "new.py", "z_fine.py"]], "the file that was stuck is left alone"
    assert list(catalogue.broken()) == [str(folder / "stuck.py")]


def test_a_file_that_ended_its_process_is_tried_again_when_it_has_changed(folder: Path) -> None:
    stuck = write_plugin(folder, "stuck")
    catalogue = catalogue_of(folder, EndedChildren({"stuck.py": TimeLimitError("too long")}))
    assert list(catalogue.broken()) == [str(stuck)]
    catalogue._children = InlineChildren()
    assert list(catalogue.broken()) == [str(stuck)]
    os.utime(stuck, ns=(1, 1))
    assert dict(catalogue.broken()) == {}
    assert catalogue.template("stuck").strategy_type == "stuck"


def test_a_child_that_is_lost_by_chance_is_started_again(folder: Path) -> None:
    write_plugin(folder, "mine")

    class LostOnce(InlineChildren):
        lost = 0

        def run(self, task: str, payload: Any, **rest: Any) -> Any:
            self.lost += 1
            if self.lost == 1:
                raise WorkLostError("killed from outside")
            return super().run(task, payload, **rest)

    catalogue = catalogue_of(folder, LostOnce())
    assert catalogue.template("mine").strategy_type == "mine"
    assert dict(catalogue.broken()) == {}


def test_a_file_that_kills_every_child_is_broken(folder: Path) -> None:
    write_plugin(folder, "mine")
    write_plugin(folder, "killer")
    catalogue = catalogue_of(folder, EndedChildren({"killer.py": WorkLostError("killed from outside")}))
    assert catalogue.template("mine").strategy_type == "mine"
    assert list(catalogue.broken()) == [str(folder / "killer.py")]


def test_many_who_ask_at_once_wait_for_one_look(folder: Path) -> None:
    write_plugin(folder, "mine")

    class Slow(InlineChildren):
        def run(self, task: str, payload: Any, **rest: Any) -> Any:
            time.sleep(0.1)
            return super().run(task, payload, **rest)

    children = Slow()
    catalogue = catalogue_of(folder, children)
    found: list[str] = []
    askers = [threading.Thread(target=lambda: found.append(catalogue.template("mine").source)) for _ in range(6)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    assert len(found) == 6
    assert len(children.asked) == 1


def test_an_unknown_type_is_told_with_near_names_and_broken_files(folder: Path) -> None:
    (folder / "raises.py").write_text("1 / 0\n")
    catalogue = catalogue_of(folder, InlineChildren())
    with pytest.raises(UnknownStrategyError, match=r"Did you mean 'sma_crossover'\?"):
        catalogue.check("sma_crosover")
    with pytest.raises(UnknownStrategyError, match=r"can't be loaded: raises\.py"):
        catalogue.template("mine")


def test_parameters_are_checked_where_the_code_may_run(folder: Path) -> None:
    file = write_plugin(folder, "mine", config="window: int = Field(7, ge=2)")
    children = InlineChildren()
    catalogue = catalogue_of(folder, children)
    with pytest.raises(ParameterError, match="long_window"):
        catalogue.check("sma_crossover", {"short_window": 9, "long_window": 3})
    with pytest.raises(ParameterError, match="window = 1"):
        catalogue.check("mine", {"window": 1})
    catalogue.check("mine", {"window": 3})
    built = [payload for task, payload in children.asked if task == "check_strategy"]
    assert [(payload["file"], payload["build_only"]) for payload in built] == [(str(file), True)] * 2


def test_one_file_is_looked_at_wherever_it_lies(folder: Path, tmp_path: Path) -> None:
    file = write_plugin(tmp_path / "elsewhere", "mine")
    catalogue = catalogue_of(folder, InlineChildren())
    assert [each.strategy_type for each in catalogue.look_at(file).templates] == ["mine"]
    assert list(catalogue.look_at(file.with_name("none.py")).broken) == [str(file.with_name("none.py"))]


def test_a_folder_that_is_not_there_holds_no_plugins(tmp_path: Path) -> None:
    assert dict(catalogue_of(tmp_path / "none", InlineChildren()).broken()) == {}


def test_a_file_that_no_longer_holds_the_type_is_told(folder: Path) -> None:
    write_plugin(folder, "mine")
    children = InlineChildren()
    catalogue = catalogue_of(folder, children)
    payload = {"strategy_type": "other", "file": str(folder / "mine.py"), "build_only": True}
    assert catalogue.template("mine").strategy_type == "mine"
    with pytest.raises(PluginError, match="holds mine"):
        children.run("check_strategy", payload)


def test_what_an_installed_package_offers_is_found_and_gone_with_it(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    children = InlineChildren()
    catalogue = catalogue_of(folder, children)
    site = tmp_path / "site"
    write_plugin(site, "offered_by_a_test").rename(site / "package_of_a_test.py")
    monkeypatch.syspath_prepend(str(site))
    with pytest.raises(UnknownStrategyError):
        catalogue.template("offered_by_a_test")
    metadata = site / "package_of_a_test-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: package-of-a-test\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(
        "[hindcast.strategies]\nmine = package_of_a_test:Mine\nlost = package_of_a_test:None_such\n"
    )
    os.utime(site, ns=(1, 1))
    assert catalogue.template("offered_by_a_test").source == "entry point mine"
    assert catalogue.file_of("offered_by_a_test") is None
    assert list(catalogue.broken()) == ["lost"]
    catalogue.check("offered_by_a_test", {"window": 4})
    with pytest.raises(ParameterError):
        catalogue.check("offered_by_a_test", {"windw": 4})
    (metadata / "entry_points.txt").unlink()
    os.utime(site, ns=(2, 2))
    with pytest.raises(UnknownStrategyError):
        catalogue.template("offered_by_a_test")


def test_a_plugin_that_tampers_with_what_is_told_of_it_is_broken(folder: Path) -> None:
    file = write_plugin(folder, "mine")

    class Tampered(InlineChildren):
        def run(self, task: str, payload: Any, **rest: Any) -> Any:
            return {"templates": "all of them"}

    catalogue = catalogue_of(folder, Tampered())
    assert list(catalogue.broken()) == [str(file)]
    assert "no Discovered" in catalogue.broken()[str(file)]
