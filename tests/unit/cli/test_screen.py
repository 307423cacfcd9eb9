"""The terminal, and the words to call the program by."""

from __future__ import annotations

import io
import sys

import pytest

from hindcast.cli import screen


@pytest.fixture
def nowhere_on_the_path(monkeypatch):
    monkeypatch.setenv("PATH", "")


def test_the_program_is_called_by_name_where_the_shell_finds_it(monkeypatch, tmp_path):
    script = tmp_path / "hindcast"
    script.write_text("#!/bin/sh\n")
    script.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert screen.program() == "hindcast"


@pytest.mark.usefixtures("nowhere_on_the_path")
def test_else_it_is_called_by_its_path_from_here(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [str(tmp_path / ".venv" / "bin" / "hindcast")])
    assert screen.program() == ".venv/bin/hindcast"


@pytest.mark.usefixtures("nowhere_on_the_path")
def test_a_program_elsewhere_is_called_by_its_whole_path(monkeypatch, tmp_path):
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.setattr(sys, "argv", [str(tmp_path / "bin" / "hindcast")])
    assert screen.program() == str(tmp_path / "bin" / "hindcast")


@pytest.mark.usefixtures("nowhere_on_the_path")
def test_a_module_is_called_as_a_module(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["/somewhere/hindcast/__main__.py"])
    assert screen.program() == "python -m hindcast"


def test_what_is_no_terminal_is_wide_unless_columns_says_otherwise(monkeypatch):
    monkeypatch.delenv("COLUMNS")
    assert screen.console().width == screen.PLAIN_WIDTH
    monkeypatch.setenv("COLUMNS", "66")
    assert screen.console().width == 66


def test_names_are_printed_as_they_are(capsys):
    screen.console().print("[red]AAA[/red] :smile:")
    assert capsys.readouterr().out == "[red]AAA[/red] :smile:\n"


def test_a_stream_without_a_character_gets_what_is_nearest(monkeypatch):
    output = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", output)
    screen.let_output_replace()
    output.write("−1.14% · –, ≥ 2 …\N{SNOWMAN}")
    output.flush()
    assert output.buffer.getvalue() == b"-1.14% - -, >= 2 ...?"


def test_a_stream_that_holds_everything_is_left_alone(monkeypatch):
    output = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    monkeypatch.setattr(sys, "stdout", output)
    screen.let_output_replace()
    output.write("−1.14%")
    output.flush()
    assert output.buffer.getvalue().decode() == "−1.14%"
