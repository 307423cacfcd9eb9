"""`strategies new` and `strategies check`, with the children that users have."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.shared_children import use_children
from tests.unit.cli.invoking import hindcast
from tests.unit.services.strategy.plugins import write_plugin

from hindcast.infrastructure.processes.forked_children import ForkedChildren


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shared_children: ForkedChildren) -> Path:
    """Work in an empty folder, over the shared children."""
    use_children(monkeypatch, shared_children)
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.parametrize("flags", [(), ("--event",)])
def test_a_new_strategy_passes_its_check_at_once(data_folder: Path, flags: tuple[str, ...]) -> None:
    answer = hindcast("strategies", "new", "My-Idea", *flags)
    assert answer.code == 0, answer.err
    assert str(data_folder / "plugins" / "strategies" / "my_idea.py") in answer.out
    assert "strategies check my_idea" in answer.out
    checked = hindcast("strategies", "check", "my_idea", "--json")
    assert checked.code == 0, checked.out
    told = json.loads(checked.out)
    (report,) = told["reports"]
    assert told["valid"]
    assert (report["strategy_type"], report["findings"], report["verdict"]) == ("my_idea", [], "passed")
    assert report["decision_bars"] > 0


def test_a_new_strategy_may_lie_elsewhere(elsewhere: Path) -> None:
    answer = hindcast("strategies", "new", "mine", "--folder", "here")
    assert answer.code == 0, answer.err
    assert (elsewhere / "here" / "mine.py").is_file()
    assert f"strategies check {Path('here') / 'mine.py'}" in answer.out
    checked = hindcast("strategies", "check", "here/mine.py", "--param", "trend=20")
    assert checked.code == 0, checked.out
    assert "No error was found." in checked.out
    assert "Look-ahead proof: passed." in checked.out


def test_a_file_is_never_written_over() -> None:
    assert hindcast("strategies", "new", "mine").code == 0
    answer = hindcast("strategies", "new", "mine")
    assert answer.code == 2
    assert "there already" in answer.err


def test_errors_are_listed_with_their_remedies_and_the_exit_code_is_one() -> None:
    answer = hindcast("strategies", "check", "sma_crossover", "--param", "short_windw=5", "--param", "long_window=1")
    assert answer.code == 1
    said = " ".join(answer.out.split())
    assert "parameters.short_windw" in said
    assert "Call it 'short_window', or leave it out." in said
    assert "2 errors were found." in said


def test_a_look_ahead_is_an_error(elsewhere: Path) -> None:
    write_plugin(elsewhere, "peeks", generate="return (data.close.shift(-1) > data.close).astype(float)")
    answer = hindcast("strategies", "check", "peeks.py", "--json")
    assert answer.code == 1
    (report,) = json.loads(answer.out)["reports"]
    assert [finding["code"] for finding in report["findings"]] == ["look_ahead"]


def test_a_file_that_cannot_be_loaded_is_shown_with_its_traceback(elsewhere: Path) -> None:
    (elsewhere / "broken.py").write_text("import none_such\n")
    answer = hindcast("strategies", "check", "broken.py")
    assert answer.code == 1
    assert "Traceback (most recent call last)" in answer.out
    assert "none_such" in answer.out


@pytest.mark.parametrize(
    ("body", "code"),
    [("import os\nos._exit(0)", "exit"), ("import sys\nsys.exit(0)", "strategy_failed")],
)
def test_a_strategy_that_ends_its_process_is_told(elsewhere: Path, body: str, code: str) -> None:
    write_plugin(elsewhere, "leaves", generate=f"{body}\nreturn None")
    answer = hindcast("strategies", "check", "leaves.py", "--json")
    assert answer.code == 1
    (report,) = json.loads(answer.out)["reports"]
    assert [finding["code"] for finding in report["findings"]] == [code]


def test_what_is_not_there_is_told() -> None:
    assert hindcast("strategies", "check", "none.py").code == 2
    answer = hindcast("strategies", "check", "momentun")
    assert answer.code == 2
    assert "Did you mean 'momentum'?" in answer.err
