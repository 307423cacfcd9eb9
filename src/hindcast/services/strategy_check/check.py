"""The check of one strategy class: parameters, building, a run on sample bars.

The strategy's code runs here: this is called in a child process only.
"""

from __future__ import annotations

import linecache
from collections.abc import Mapping

from pydantic import JsonValue

from hindcast.domain.errors import HindcastError, ParameterError, StrategyError
from hindcast.services.strategy.validation import Finding, FindingCode, ValidationReport, finding_of, is_valid
from hindcast.services.strategy_check.indicator_findings import indicator_findings
from hindcast.services.strategy_check.parameter_findings import PARAMETERS, parameter_findings
from hindcast.services.strategy_check.run_findings import run_findings
from hindcast.services.strategy_check.sample import Sample
from hindcast.services.strategy_check.sample_run import SampleRun, run_on_sample
from hindcast.strategies.construction import build


def check_class(
    strategy_class: type, strategy_type: str, parameters: Mapping[str, JsonValue], sample: Sample
) -> ValidationReport:
    """Everything that is found, errors first. What the strategy raises is a finding."""
    try:
        wrong = parameter_findings(strategy_class, parameters)
    except StrategyError as error:
        wrong = (_failure("parameters_unreadable", error),)
    if wrong:
        return ValidationReport.of(strategy_type, *wrong)
    try:
        build(strategy_class, parameters)
    except ParameterError as error:
        return ValidationReport.of(strategy_type, finding_of(error, field=PARAMETERS))
    except StrategyError as error:
        return ValidationReport.of(strategy_type, _failure("cannot_be_built", error))
    try:
        run = run_on_sample(lambda: build(strategy_class, parameters), sample)
        found = [*run_findings(run), *_indicators(strategy_class, parameters, run)]
    except (StrategyError, ParameterError) as error:
        return ValidationReport.of(strategy_type, _failure("strategy_failed", error))
    return _report(strategy_type, run, found)


def _indicators(strategy_class: type, parameters: Mapping[str, JsonValue], run: SampleRun) -> list[Finding]:
    try:
        return list(indicator_findings(build(strategy_class, parameters), run.data))
    except HindcastError:
        raise
    except Exception as error:  # the strategy fence
        raise StrategyError(
            f"calculate_indicators failed when it was called a third time: {type(error).__name__}: {error}"
        ) from error


def _report(strategy_type: str, run: SampleRun, found: list[Finding]) -> ValidationReport:
    order = ("error", "warning", "info")
    findings = tuple(sorted(found, key=lambda finding: order.index(finding.severity)))
    return ValidationReport(
        strategy_type=strategy_type,
        valid=is_valid(findings),
        findings=findings,
        symbols=run.data.bars.symbols,
        bars=len(run.data.bars),
        decision_bars=len(run.decided),
        seconds=run.seconds,
        verdict=run.certificate.verdict,
        explanation=run.certificate.explanation,
    )


def _failure(code: FindingCode, error: HindcastError) -> Finding:
    line = _line_of(error)
    message = f"{error}; the line is: {line}" if line else str(error)
    return Finding(code=code, severity="error", field="code", message=message, remedy=error.remedy)


def _line_of(error: BaseException) -> str:
    """The innermost line of the user's own code on the way to an error; nothing where there is none."""
    found = ""
    cause: BaseException | None = error
    while cause is not None:
        step = cause.__traceback__
        while step is not None:
            module = str(step.tb_frame.f_globals.get("__name__", ""))
            if module.startswith("hindcast_plugins."):
                found = linecache.getline(step.tb_frame.f_code.co_filename, step.tb_lineno).strip()
            step = step.tb_next
        cause = cause.__cause__
    return found
