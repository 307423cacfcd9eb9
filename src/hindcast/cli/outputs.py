"""Running a backtest for a command: where its answer goes, and that it can go there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hindcast.cli.machine_json import check_target, write_json
from hindcast.cli.output_files import STDOUT, check_writable
from hindcast.cli.progress import progress_bar
from hindcast.cli.session import Session

if TYPE_CHECKING:
    from hindcast.domain.backtest import BacktestResult
    from hindcast.services.backtest.request import BacktestRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Outputs:
    """What is wanted of a run: a report, JSON, and how much on the screen."""

    report: Path | None = None
    json_target: str | None = None
    quiet: bool = False

    @property
    def for_people(self) -> bool:
        """Whether standard output belongs to a person, not to a machine."""
        return self.json_target != STDOUT

    def check(self) -> None:
        """Refuse files that can't be written, before any work is done for them. Raises InputError."""
        if self.report is not None:
            check_writable(self.report, "--report")
        check_target(self.json_target)


def run_and_show(session: Session, request: BacktestRequest, outputs: Outputs) -> BacktestResult:
    """Run a backtest, write what is to be written, and show the rest."""
    outputs.check()
    with progress_bar(shown=outputs.for_people and not outputs.quiet) as tell:
        result = session.services.run_backtest(request, tell)
    if outputs.report is not None:
        write_stored_report(session, result, outputs.report)
    if outputs.json_target is not None:
        write_json(outputs.json_target, result.model_dump(mode="json"))
    if outputs.for_people:
        _show(session, result, outputs)
    return result


def write_stored_report(session: Session, result: BacktestResult, path: Path) -> None:
    """Write a result's HTML report from its stored tables."""
    from hindcast.reporting.report import write_report

    write_report(path, result, session.tables(result))


def _show(session: Session, result: BacktestResult, outputs: Outputs) -> None:
    if outputs.quiet:
        print(result.backtest_id)
        return
    from hindcast.cli.screen import console
    from hindcast.cli.views.next_steps import print_next_steps, print_written
    from hindcast.cli.views.result_view import NEEDED_TABLES, print_result

    screen = console()
    print_result(screen, result, session.tables(result, NEEDED_TABLES))
    if outputs.report is not None:
        print_written(screen, outputs.report)
    print_next_steps(screen, result)
