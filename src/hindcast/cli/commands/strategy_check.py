"""`hindcast strategies check`: everything that is wrong with a strategy, before a backtest is."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from hindcast.cli.commands.run_flags import Parameters
from hindcast.cli.machine_json import print_json
from hindcast.cli.run_options import read_parameters
from hindcast.cli.session import Session, session_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic import JsonValue

    from hindcast.services.strategy.templates import StrategyTemplate
    from hindcast.services.strategy.validation import ValidationReport

FOUND_ERRORS = 1


def check(
    context: typer.Context,
    strategy: Annotated[
        str, typer.Argument(metavar="TYPE|FILE.py", help="A strategy's name, or the file that holds it.")
    ],
    param: Parameters = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Check a strategy: its parameters, a run on 300 sample bars, the look-ahead proof; exit code 1 for errors.

    Its code runs in a process of its own, for at most 30 seconds.
    """
    session = session_of(context)
    reports = (
        _of_file(session, Path(strategy), param or [])
        if _is_file(strategy)
        else (_of_type(session, strategy, param or []),)
    )
    valid = all(report.valid for report in reports)
    if as_json:
        print_json({"valid": valid, "reports": [report.model_dump(mode="json") for report in reports]})
    else:
        from hindcast.cli.screen import console
        from hindcast.cli.views.check_view import print_check

        for report in reports:
            print_check(console(), report)
    if not valid:
        raise typer.Exit(FOUND_ERRORS)


def _is_file(strategy: str) -> bool:
    return strategy.endswith(".py") or os.sep in strategy


def _of_type(session: Session, strategy_type: str, given: Sequence[str]) -> ValidationReport:
    services = session.services
    template = services.catalogue.template(strategy_type)
    return services.strategy_validator.validate(strategy_type, _parameters(template, given))


def _of_file(session: Session, file: Path, given: Sequence[str]) -> tuple[ValidationReport, ...]:
    from hindcast.domain.errors import InputError
    from hindcast.services.strategy.validation import broken_report

    if not file.is_file():
        raise InputError(
            f"there is no file {file}; expected a strategy's file, or a name from `hindcast strategies list`"
        )
    services = session.services
    found = services.catalogue.look_at(file)
    if not found.templates:
        return (broken_report(file.name, "\n".join(found.broken.values())),)
    validator = services.strategy_validator
    return tuple(
        validator.validate_file(each.source, _parameters(each, given), strategy_type=each.strategy_type)
        for each in found.templates
    )


def _parameters(template: StrategyTemplate, given: Sequence[str]) -> dict[str, JsonValue]:
    return cast("dict[str, JsonValue]", read_parameters(given, template.parameters_schema))
