from __future__ import annotations

from pathlib import Path

import pytest

from hindcast.domain.errors import InputError, StorageError
from hindcast.strategies.events import is_event_strategy
from hindcast.strategies.plugin_loader import StrategyPluginLoader
from hindcast.strategies.scaffold import strategy_name, write_strategy


@pytest.mark.parametrize("event", [False, True])
def test_a_new_strategy_can_be_loaded_as_it_stands(tmp_path: Path, event: bool) -> None:
    file = write_strategy(tmp_path / "new", "my_idea", event=event)
    assert file == tmp_path / "new" / "my_idea.py"
    loader = StrategyPluginLoader(tmp_path, entry_points=False)
    try:
        (strategy_class,) = loader.load_plugin(file).values()
    finally:
        loader.unload()
    assert (strategy_class.__name__, is_event_strategy(strategy_class)) == ("MyIdea", event)
    assert strategy_class.STRATEGY_TYPE == "my_idea"  # type: ignore[attr-defined]  # a class of a file
    assert "__" not in file.read_text().replace("__future__", "")


@pytest.mark.parametrize(("given", "name"), [("mine", "mine"), ("Mean-Reversion 2", "mean_reversion_2"), (" a ", "a")])
def test_names_are_spelled_as_files_are(given: str, name: str) -> None:
    assert strategy_name(given) == name


@pytest.mark.parametrize(
    "given", ["", "_private", "2fast", "a/b", "../up", "class", "a" * 61, "naïve", "momentum", "Buy-and-Hold", "a.py"]
)
def test_what_can_be_no_name_is_refused(tmp_path: Path, given: str) -> None:
    with pytest.raises(InputError):
        write_strategy(tmp_path / "new", given)
    assert not (tmp_path / "new").exists()


def test_a_file_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("precious")
    with pytest.raises(InputError, match="there already"):
        write_strategy(tmp_path, "mine")
    assert (tmp_path / "mine.py").read_text() == "precious"


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="can't write"):
        write_strategy(tmp_path / "file" / "folder", "mine")
