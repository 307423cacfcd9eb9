"""What `hindcast` says when it is asked nothing."""

from __future__ import annotations

from hindcast.cli.screen import program

_WELCOME = """\
Hindcast {version}: would this strategy have worked, and may you believe the answer?

Three commands to begin with, offline, on prices that come with the package:

  {program} demo
      a real backtest on the S&P 500, 1999-2018, with an HTML report
  {program} run sma_crossover --symbols SPX --param short_window=50 --param long_window=200
      one of your own; --start, --end, --commission-bps, --benchmark, --report say the rest
  {program} strategies list
      what can be run; a Python file in the plug-in folder adds one

Then: data list (the symbols) · data import (your own files) · report (the stored results) · compare · config
· serve (all of it over HTTP).
`{program} COMMAND --help` explains each; `--json` gives any answer for machines."""


def print_welcome() -> None:
    """Teach the first steps."""
    print(_WELCOME.format(version=_installed_version(), program=program()))


def print_version() -> None:
    """Print the name and the version."""
    print(f"hindcast {_installed_version()}")


def _installed_version() -> str:
    from importlib.metadata import version

    return version("hindcast-engine")
