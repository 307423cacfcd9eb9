"""The process's edge: one sentence, a way on, an exit code; never a traceback."""

from __future__ import annotations

import pytest
import typer
from typer.testing import CliRunner

from hindcast.cli.failures import GuardedCommands
from hindcast.domain.errors import HindcastError, ParameterError, PluginError, SimulationError, StorageError


def ended(raised: BaseException, *, debug: bool = False):
    """How a program ends whose command raises this."""
    app = typer.Typer(cls=GuardedCommands, pretty_exceptions_enable=False)

    @app.command()
    def fail() -> None:
        raise raised

    @app.command()
    def other() -> None: ...

    return CliRunner(env={"HINDCAST_DEBUG": "1" if debug else ""}).invoke(app, ["fail"])


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ParameterError("short_window = 0: too small"), 2),
        (SimulationError("cash does not add up"), 1),
        (StorageError("the disk is full"), 1),
    ],
)
def test_an_error_becomes_its_sentence_its_remedy_and_its_exit_code(error, code):
    result = ended(error)
    assert result.exit_code == code
    assert result.stderr == f"error: {error}\n  {error.remedy}\n"
    assert result.stdout == ""


def test_only_the_sentence_of_a_plugins_error_is_shown_not_its_traceback():
    result = ended(PluginError("mine.py can't be loaded: NameError\nTraceback (most recent call last):\n  ..."))
    assert result.exit_code == 2
    assert "Traceback" not in result.stderr


def test_a_defect_is_told_as_one_without_a_traceback():
    result = ended(KeyError("weights"))
    assert result.exit_code == 70
    assert result.stderr.startswith("error: unexpected KeyError: 'weights'\n")
    assert "HINDCAST_DEBUG=1" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("raised", [KeyError("weights"), HindcastError("no")])
def test_debugging_lets_the_exception_through(raised):
    result = ended(raised, debug=True)
    assert result.exception is raised


def test_an_interrupt_ends_with_130():
    assert ended(KeyboardInterrupt()).exit_code == 130


def test_an_unknown_option_is_told_with_the_nearest_one_and_where_help_is():
    app = typer.Typer(cls=GuardedCommands)

    @app.command()
    def go(symbols: str = "") -> None: ...

    @app.command()
    def other() -> None: ...

    result = CliRunner().invoke(app, ["go", "--symbls", "x"])
    assert result.exit_code == 2
    assert "error: No such option: --symbls" in result.stderr
    assert "--symbols" in result.stderr
    assert "--help` shows what it takes" in result.stderr


def test_a_command_that_ends_well_ends_with_0():
    app = typer.Typer(cls=GuardedCommands)

    @app.command()
    def go() -> None: ...

    @app.command()
    def other() -> None: ...

    assert CliRunner().invoke(app, ["go"]).exit_code == 0
