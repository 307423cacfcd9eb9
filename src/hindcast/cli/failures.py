"""The process's edge: every failure becomes one sentence, a way on, and an exit code."""

from __future__ import annotations

import os
import sys
from typing import Any

import typer
from typer.core import TyperGroup

from hindcast.domain.errors import HindcastError

DEBUG_VARIABLE = "HINDCAST_DEBUG"
DEFECT_CODE = 70  # EX_SOFTWARE of sysexits.h
INTERRUPTED_CODE = 130


class GuardedCommands(TyperGroup):
    """The group of all commands; no traceback leaves it, unless HINDCAST_DEBUG asks for one."""

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run the commands; in standalone mode the process ends with the exit code."""
        guarded = extra.pop("standalone_mode", True)
        plain: dict[str, Any] = extra | {"standalone_mode": False}
        if not guarded:
            return super().main(*args, **plain)
        try:
            ended = super().main(*args, **plain)
        except KeyboardInterrupt:
            ended = _interrupted()
        except typer.Abort as error:
            ended = _interrupted() if isinstance(error.__cause__, KeyboardInterrupt) else _tell("nothing was read")
        except typer.TyperException as error:
            ended = _tell_usage(error)
        except HindcastError as error:
            ended = tell(error)
        except Exception as error:  # noqa: BLE001 the process's edge: a defect is told in a sentence as well
            ended = _tell_defect(error)
        sys.exit(ended if isinstance(ended, int) else 0)


def tell(error: HindcastError) -> int:
    """Print an error and its remedy; gives the exit code."""
    if os.environ.get(DEBUG_VARIABLE):
        raise error
    notes = getattr(error, "__notes__", ())  # what was done before it, say
    return _tell("; ".join((str(error).split("\n", 1)[0], *notes)), error.remedy, code=error.exit_code)


def _tell(sentence: str, remedy: str = "", *, code: int = 1) -> int:
    print(f"error: {sentence}", file=sys.stderr)
    if remedy:
        print(f"  {remedy}", file=sys.stderr)
    return code


def _tell_usage(error: typer.TyperException) -> int:
    """A command line that can't be understood; bare `hindcast strategies` gets its help instead."""
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "hindcast"
    if not error.format_message() or type(error).__name__.startswith("NoArgsIsHelp"):
        print(error.format_message(), file=sys.stderr)
        return 2
    return _tell(error.format_message(), f"`{path} --help` shows what it takes.", code=error.exit_code)


def _tell_defect(error: Exception) -> int:
    if os.environ.get(DEBUG_VARIABLE):
        raise error
    return _tell(
        f"unexpected {type(error).__name__}: {error}",
        f"This is a defect of Hindcast: set {DEBUG_VARIABLE}=1 to see where it failed, and please report it.",
        code=DEFECT_CODE,
    )


def _interrupted() -> int:
    print("interrupted", file=sys.stderr)
    return INTERRUPTED_CODE
