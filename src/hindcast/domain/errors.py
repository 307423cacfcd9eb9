"""Every error that Hindcast raises on purpose.

HindcastError
├── InputError                  what was asked for can't be: the caller can mend it
│   ├── ConfigError             a backtest's configuration, a setting
│   ├── ParameterError          a strategy's parameters
│   ├── UnknownStrategyError    no strategy of that name
│   ├── SymbolError             a symbol without data, or twice the same
│   ├── DateRangeError          an empty or inverted range
│   └── NotFoundError           no stored object of that id
├── DataError                   bars that can't be true
│   ├── BarsError               a panel that breaks a rule; names symbol, date and value
│   ├── MissingDataError        a gap where the gap rule says `raise`
│   └── BenchmarkError          no source for a benchmark, or no common dates
├── StrategyError               the strategy's own code failed, or gave back what it must not
│   └── PluginError             a plugin that can't be loaded; holds its traceback
├── SimulationError             the engine found its own books wrong: never a result
└── StorageError                the data folder can't be read or written
    └── CorruptDataError        stored bytes that are not what was written
"""

from __future__ import annotations

from typing import ClassVar


class HindcastError(Exception):
    """Root of all errors that Hindcast raises on purpose."""

    exit_code: ClassVar[int] = 1
    remedy: ClassVar[str] = "Read the message: it holds the values, what was expected, and what to do next."


class InputError(HindcastError, ValueError):
    """What was asked for can't be done as asked; the caller can mend it."""

    exit_code = 2
    remedy = "Change the argument that the message names."


class ConfigError(InputError):
    """A configuration or setting that is out of bounds or contradicts another."""

    remedy = (
        "Correct the field that the message names; `hindcast run --help` lists a run's, `hindcast config` the settings."
    )


class ParameterError(InputError):
    """A strategy's parameter that is unknown, of the wrong type, or out of bounds."""

    remedy = "`hindcast strategies show TYPE` lists the parameters with their bounds and defaults."


class UnknownStrategyError(InputError):
    """No strategy is registered under the name that was asked for."""

    remedy = "`hindcast strategies list` shows the names; a file in the plugin folder adds one."


class SymbolError(InputError):
    """A symbol that has no data, is named twice, or is unknown to the panel."""

    remedy = "`hindcast data list` shows the symbols of each provider."


class DateRangeError(InputError):
    """A date range that is empty, inverted, or holds no bar."""

    remedy = "Choose a start before the end, inside the dates that `hindcast data list` shows."


class NotFoundError(InputError):
    """No stored object has the id that was asked for."""

    remedy = "`hindcast report` without an id lists the stored results."


class DataError(HindcastError, ValueError):
    """Market data that can't be true or can't be used."""

    exit_code = 2
    remedy = "Mend the data at its source: the message names symbol, date and value."


class BarsError(DataError):
    """Bars that break a rule of the panel; the message names symbol, date and value."""


class MissingDataError(DataError):
    """A gap in the data, where the gap rule is `raise`."""

    remedy = "Fill the gap at its source, or choose the gap rule `forward_fill` or `drop`."


class BenchmarkError(DataError):
    """A benchmark that no source has, or that shares no dates with the run."""

    remedy = "Give the benchmark's own values from Python, or choose one that `hindcast data list` shows."


class StrategyError(HindcastError):
    """A strategy's own code failed, or returned what it must not."""

    exit_code = 2
    remedy = "Correct the strategy; the message says what was expected and what was found."


class PluginError(StrategyError):
    """A plugin file that can't be loaded; the message holds its traceback."""

    remedy = "Correct the plugin's file; the traceback shows where it failed."


class SimulationError(HindcastError):
    """The engine found its own books wrong: the run is failed, never a result."""

    remedy = "This is a defect of Hindcast: please report it with the strategy, the data and the configuration."


class StorageError(HindcastError):
    """The data folder can't be read or written."""

    remedy = "Check that the data folder exists, may be written and has space (`hindcast config` shows where it is)."


class CorruptDataError(StorageError):
    """Stored bytes are not the bytes that were written."""

    remedy = "Delete the damaged file that the message names, and run the backtest again."
