"""What a check of a strategy found, and StrategyValidator, which has it made in a child process."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from pydantic import Field, JsonValue

from hindcast.domain.certificate import Verdict
from hindcast.domain.errors import (
    HindcastError,
    MemoryLimitError,
    ParameterError,
    PluginError,
    StrategyError,
    StrategyExitError,
    TimeLimitError,
    UnknownStrategyError,
)
from hindcast.domain.records import CheckedRecord
from hindcast.services.child_answers import record_of
from hindcast.services.ports import ChildLimits, ChildProcesses
from hindcast.services.strategy.bounded_children import BoundedChildren
from hindcast.services.strategy.catalogue import StrategyCatalogue

Severity = Literal["error", "warning", "info"]
FindingCode = Literal[
    "unknown_type",
    "plugin_broken",
    "unknown_parameter",
    "missing_parameter",
    "wrong_type",
    "out_of_bounds",
    "parameter_refused",
    "parameters_refused",
    "parameters_contradict",
    "parameters_unreadable",
    "cannot_be_built",
    "strategy_failed",
    "look_ahead",
    "not_reproducible",
    "time_limit",
    "memory_limit",
    "exit",
    "failed_on_replay",
    "warm_up_longer_than_sample",
    "decides_on_last_bar_only",
    "indicator_without_values",
    "orders_rejected",
    "slow",
    "no_decision",
    "targets_missing",
    "raises_on_altered_bars",
    "proof_sampled",
    "several_symbols",
]
CHECK_TASK: Final = "check_strategy"
CHECK_LIMITS: Final = ChildLimits(seconds=30.0, memory_bytes=1024**3)
_CHECKS_AT_ONCE: Final = 2

_ENDED: Final[Mapping[type[HindcastError], tuple[FindingCode, str]]] = {
    TimeLimitError: (
        "time_limit",
        "Make it faster: compute with whole columns rather than row by row, and end each loop.",
    ),
    MemoryLimitError: ("memory_limit", "Make it hold less: keep windows of the bars, not copies of all of them."),
    StrategyExitError: ("exit", StrategyExitError.remedy),
}
_OTHERWISE: Final[FindingCode] = "strategy_failed"
_CODES: Final[Mapping[type[HindcastError], FindingCode]] = {
    UnknownStrategyError: "unknown_type",
    PluginError: "plugin_broken",
    ParameterError: "parameters_refused",
}


class Finding(CheckedRecord):
    """One thing that a check found."""

    code: FindingCode = Field(description="A word for machines", examples=["unknown_parameter"])
    severity: Severity = Field(description="An error makes the strategy invalid", examples=["error"])
    field: str = Field(
        description="What it is about: `strategy_type`, a parameter, or the strategy's `code`",
        examples=["parameters.short_windw"],
    )
    message: str = Field(examples=["there is no parameter 'short_windw'. Did you mean 'short_window'?"])
    remedy: str = Field(description="What to do next", examples=["Call it 'short_window', or leave it out."])


class ValidationReport(CheckedRecord):
    """All that a check of a strategy found."""

    strategy_type: str = Field(examples=["sma_crossover"])
    valid: bool = Field(description="No finding is an error", examples=[False])
    findings: tuple[Finding, ...] = Field((), description="Errors first")
    symbols: tuple[str, ...] = Field((), description="Of the sample that it ran on; none where it came to no run")
    bars: int = Field(0, description="Of the sample")
    decision_bars: int = Field(0, description="On how many of them it decided something that counts")
    seconds: float | None = Field(None, description="Of one run on the sample")
    verdict: Verdict = Field(Verdict.NOT_RUN, description="Of the look-ahead proof")
    explanation: str = Field("No look-ahead proof was run.", description="The verdict in words")

    @classmethod
    def of(cls, strategy_type: str, *findings: Finding) -> ValidationReport:
        """The report of a check that came to no run."""
        return cls(strategy_type=strategy_type, valid=is_valid(findings), findings=findings)


def broken_report(name: str, told: str) -> ValidationReport:
    """The report on a file that can't be loaded, with the traceback."""
    return ValidationReport.of(name, finding_of(PluginError(told)))


def is_valid(findings: tuple[Finding, ...]) -> bool:
    """Whether none of the findings is an error."""
    return all(finding.severity != "error" for finding in findings)


class StrategyValidator:
    """Has strategies checked in a child process: parameters, building, a run on sample bars, the look-ahead proof."""

    def __init__(
        self, children: ChildProcesses, catalogue: StrategyCatalogue, *, limits: ChildLimits = CHECK_LIMITS
    ) -> None:
        self._children = BoundedChildren(
            children, at_once=_CHECKS_AT_ONCE, wait_seconds=1.0, doing="checks of strategies"
        )
        self._catalogue = catalogue
        self._limits = limits

    def validate(self, strategy_type: str, parameters: Mapping[str, JsonValue] | None = None) -> ValidationReport:
        """Check a type with these parameters. What is wrong with it is a finding, never an error.

        Raises WorkLostError where the child was lost through no fault of the strategy, RateLimitError where too many
        checks are at work.
        """
        try:
            file = self._catalogue.file_of(strategy_type)
        except UnknownStrategyError as error:
            return ValidationReport.of(strategy_type, finding_of(error, field="strategy_type"))
        return self._checked(strategy_type, parameters, file)

    def validate_file(
        self, file: str, parameters: Mapping[str, JsonValue] | None = None, *, strategy_type: str = ""
    ) -> ValidationReport:
        """Check the strategy of a file, wherever it lies. Raises as `validate` does."""
        return self._checked(strategy_type, parameters, file)

    def _checked(
        self, strategy_type: str, parameters: Mapping[str, JsonValue] | None, file: str | None
    ) -> ValidationReport:
        payload: dict[str, JsonValue] = {
            "strategy_type": strategy_type,
            "parameters": dict(parameters or {}),
            "plugin_dir": str(self._catalogue.plugin_dir),
            "file": file,
        }
        try:
            return record_of(ValidationReport, self._children.run(CHECK_TASK, payload, limits=self._limits))
        except StrategyError as error:
            return ValidationReport.of(strategy_type or file or "", finding_of(error))


def finding_of(error: HindcastError, *, field: str = "code") -> Finding:
    """An error as the finding that it stands for."""
    for kind, (code, remedy) in _ENDED.items():
        if isinstance(error, kind):
            return Finding(code=code, severity="error", field=field, message=str(error), remedy=remedy)
    code = next((code for kind, code in _CODES.items() if isinstance(error, kind)), _OTHERWISE)
    return Finding(code=code, severity="error", field=field, message=str(error), remedy=error.remedy)
