"""Every error that Hindcast raises on purpose.

HindcastError
├── InputError                  what was asked for can't be: the caller can mend it
│   ├── ConfigError             a backtest's configuration, a setting
│   ├── ParameterError          a strategy's parameters
│   ├── UnknownStrategyError    no strategy of that name
│   ├── SymbolError             a symbol without data, or twice the same
│   ├── DateRangeError          an empty or inverted range
│   ├── NotFoundError           no stored object of that id
│   └── ConflictError           it changed meanwhile, its state forbids it, or its key was used before
├── AccessError                 who asks may not come in
│   ├── AuthenticationError     nobody knows who it is
│   ├── PermissionDeniedError   it is known who it is, and he may not do this
│   └── RateLimitError          too many requests; says when to go on
├── DataError                   bars that can't be true
│   ├── BarsError               a panel that breaks a rule; names symbol, date and value
│   ├── MissingDataError        a gap where the gap rule says `raise`
│   ├── ImportRefusedError      rows that can't be published: structure, or too many bad bars
│   └── BenchmarkError          no source for a benchmark, or no common dates
├── ProviderError               a vendor of data did not give what it was asked for
│   ├── ProviderUnavailableError  not reached, too slow, or failing: later it may work
│   ├── ProviderResponseError   an answer that is not what the vendor's documents promise
│   ├── QuotaError              too many requests; says when to go on
│   ├── EntitlementError        the key does not pay for this
│   ├── CredentialError         no key, or one that the vendor refuses
│   └── UnknownSymbolError      the vendor does not know the symbol
├── StrategyError               the strategy's own code failed, or gave back what it must not
│   ├── PluginError             a plugin that can't be loaded; holds its traceback
│   ├── TimeLimitError          the strategy's code took longer than a run may
│   ├── MemoryLimitError        the strategy's code wanted more memory than a run may have
│   └── StrategyExitError       the strategy's code ended the process that it ran in
├── SimulationError             the engine found its own books wrong: never a result
├── WorkLostError               a process was lost with its work, which can be done again
│   ├── WorkNotBegunError       no process for it could be started
│   └── WorkStoppedError        it was stopped because nobody waits for it any more
└── StorageError                what is kept can't be read or written
    ├── CorruptDataError        stored bytes that are not what was written
    └── StoreUnavailableError   the document store does not answer; says when to try again
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


class ConflictError(InputError):
    """It changed meanwhile, is in a state that forbids what was asked, or its idempotency key was used before."""

    remedy = "Read it again, and decide by what it is now."


class AccessError(HindcastError):
    """Who asks may not come in."""

    exit_code = 2


class AuthenticationError(AccessError):
    """Nobody knows who asks: no credentials, or wrong ones."""

    remedy = "Log in, or send `Authorization: Bearer` with the token that `hindcast serve` showed or with an API key."


class PermissionDeniedError(AccessError):
    """It is known who asks, and he may not do this."""

    remedy = "Use a key with a wider scope, or ask an admin."


class RateLimitError(AccessError):
    """Too many requests; `retry_after` says when to go on."""

    remedy = "Wait as long as Retry-After says."

    def __init__(self, message: str, *, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after  # seconds


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


class PartialDataWarning(UserWarning):
    """A source gave only a part of the days that were asked for; the message says which, why, and what to do."""


class ImportRefusedError(DataError):
    """Rows that can't be published: their structure is wrong, or too many of them are bad. Nothing was stored."""

    remedy = "Mend the rows at their source; the report names each with its reason."


class ProviderError(HindcastError):
    """A vendor of data did not give what it was asked for; nothing of the answer was stored."""

    remedy = "Try again later; what is stored already stays usable."


class ProviderUnavailableError(ProviderError):
    """The vendor was not reached, was too slow, or failed."""


class ProviderResponseError(ProviderError):
    """The vendor's answer is not what its documents promise: cut short, another symbol, no JSON, too large."""

    remedy = "Try again; if it stays, the vendor has changed its answers: please report it."


class QuotaError(ProviderError):
    """The vendor's limit of requests is reached; `retry_after` says when to go on."""

    remedy = "Wait as long as the message says, ask for fewer symbols, or use a key with a higher limit."

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after  # seconds; None where nobody knows


class EntitlementError(ProviderError):
    """The key does not pay for what was asked for."""

    remedy = "Use a key of a plan that has it, or import the bars from a file (`hindcast data import`)."


class CredentialError(ProviderError):
    """No key, or one that the vendor refuses."""

    exit_code = 2
    remedy = (
        "Set the vendor's key: `hindcast config` shows the setting, its environment variable and where it comes from."
    )


class UnknownSymbolError(ProviderError, SymbolError):
    """The vendor does not know the symbol."""

    exit_code = 2
    remedy = "Search the vendor's spelling with `hindcast data search WORDS`."


class StrategyError(HindcastError):
    """A strategy's own code failed, or returned what it must not."""

    exit_code = 2
    remedy = "Correct the strategy; the message says what was expected and what was found."


class PluginError(StrategyError):
    """A plugin file that can't be loaded; the message holds its traceback."""

    remedy = "Correct the plugin's file; the traceback shows where it failed."


class TimeLimitError(StrategyError):
    """The strategy's code took longer than a run may."""

    remedy = "Make the strategy faster, ask for fewer bars, or raise the limit (HINDCAST_JOB_SECONDS)."


class MemoryLimitError(StrategyError):
    """The strategy's code wanted more memory than a run may have."""

    remedy = "Make the strategy hold less, ask for fewer bars, or raise the limit (HINDCAST_JOB_MEMORY_MB)."


class StrategyExitError(StrategyError):
    """The strategy's code ended the process that it ran in, or made it crash."""

    remedy = "Take calls such as sys.exit, os._exit and os.kill out of the strategy; look for extensions that crash."


class SimulationError(HindcastError):
    """The engine found its own books wrong: the run is failed, never a result."""

    remedy = "This is a defect of Hindcast: please report it with the strategy, the data and the configuration."


class WorkLostError(HindcastError):
    """A process was lost with its work, through no fault of the work: it can be done again."""

    remedy = "Run it again: the work itself was not at fault."


class WorkNotBegunError(WorkLostError):
    """No process for the work could be started: nothing of it was begun."""

    remedy = "Look whether the machine has memory, processes and space for temporary files left, then run it again."


class WorkStoppedError(WorkLostError):
    """The work was stopped because nobody waits for it any more."""


class StorageError(HindcastError):
    """What is kept can't be read or written."""

    remedy = "Check that the data folder exists, may be written and has space (`hindcast config` shows where it is)."


class CorruptDataError(StorageError):
    """Stored bytes are not the bytes that were written."""

    remedy = (
        "Put the file that the message names back from a backup, or make it again: run the backtest, import or fetch "
        "the bars again."
    )


class StoreUnavailableError(StorageError):
    """The document store does not answer; `retry_after` says when to try again."""

    remedy = "Try again; where it stays so, look at the store: `hindcast config` shows which one is used."

    def __init__(self, message: str, *, retry_after: float = 2.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after  # seconds
