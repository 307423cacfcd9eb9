"""Running a backtest again, and saying whether it gives the same: the result verifies itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from numpy.typing import NDArray

from hindcast.domain.backtest import BacktestResult
from hindcast.domain.errors import ConfigError, ParameterError, StrategyError
from hindcast.domain.verification import TOLERANCE, Cause, Comparison, Verdict, Verification
from hindcast.services.backtest.environment import same_ground
from hindcast.services.backtest.manifest_changes import code_changes, manifest_changes
from hindcast.services.backtest.table_comparison import (
    ComparedTable,
    compare_metrics,
    compare_table,
    missing_table,
)

Columns = Mapping[str, NDArray[Any]]

# From what goes in to what comes out, so that the first difference is the one nearest to its cause.
TABLE_ORDER = ("bars", "benchmark", "orders", "fills", "positions", "trades", "open_trades", "equity")
# What a strategy asks for, as far as the orders tell it.
DECIDED = ("symbol", "side", "type", "quantity", "limit", "stop", "time_in_force", "created_at")


class Finished(Protocol):
    """A run that has ended: its summary and its tables."""

    @property
    def result(self) -> BacktestResult:
        """Its summary, with manifest and metrics."""
        ...

    @property
    def tables(self) -> Mapping[str, Columns]:
        """Its tables as numpy columns, by name."""
        ...


Again = Callable[[], Finished]


def verify(
    result: BacktestResult, tables: Mapping[str, Columns], again: Again, *, strategy_class: type | None = None
) -> Verification:
    """Run a backtest again and compare every table and every metric with what it gave then.

    Parameters
    ----------
    result, tables
        The run of then.
    again : callable
        Runs it once more, from nothing but the manifest. A second time is asked for only where something differs, to
        see whether the strategy agrees with itself.
    strategy_class : type, optional
        Whose code is looked at where the strategy can't be built or run any more.

    Raises
    ------
    HindcastError
        What `again` raises, but for what the strategy or the configuration no longer allows: that is the verdict
        `not_comparable`.
    """
    then = result.manifest
    try:
        new = again()
    except (StrategyError, ParameterError, ConfigError) as error:
        return Verification(
            backtest_id=result.backtest_id,
            manifest_id=then.id,
            verdict="not_comparable",
            causes=code_changes(then, strategy_class),
            reason=str(error),
        )
    now = new.result.manifest
    comparison: Comparison = "byte_for_byte" if same_ground(then.environment, now.environment) else "within_tolerance"
    compared = _compare(result, tables, new, tolerance=0.0 if comparison == "byte_for_byte" else TOLERANCE)
    verdict = _worst(compared)
    causes = manifest_changes(then, now)
    if verdict == "different":
        causes += _undeclared(tables, new, again, explained=bool(causes))
    return Verification(
        backtest_id=result.backtest_id,
        manifest_id=then.id,
        new_manifest_id=now.id,
        verdict=verdict,
        comparison=comparison,
        tables=tuple(each.table for each in compared),
        differences=tuple(difference for each in compared for difference in each.differences),
        causes=causes,
    )


def _compare(
    result: BacktestResult, tables: Mapping[str, Columns], new: Finished, *, tolerance: float
) -> list[ComparedTable]:
    """All tables of then, in an order that leads from causes to effects, and the metrics."""
    new_tables = new.tables
    names = [name for name in TABLE_ORDER if name in tables]
    names += [name for name in tables if name not in TABLE_ORDER]
    compared = [
        compare_table(name, tables[name], new_tables[name], tolerance=tolerance)
        if name in new_tables
        else missing_table(name, tables[name])
        for name in names
    ]
    return [*compared, compare_metrics(result, new.result, tolerance=tolerance)]


def _worst(compared: Sequence[ComparedTable]) -> Verdict:
    verdicts = {each.table.verdict for each in compared}
    if "different" in verdicts:
        return "different"
    return "equal_within_tolerance" if "equal_within_tolerance" in verdicts else "identical"


def _undeclared(tables: Mapping[str, Columns], new: Finished, again: Again, *, explained: bool) -> tuple[Cause, ...]:
    """What else explains a difference: a strategy that does not agree with itself, or depends on more than is known."""
    try:
        unsteady = _first_other_decision(new.tables, again().tables)
    except StrategyError as error:
        return (_decisions(f"of two runs just now, one failed: {error}"),)
    if unsteady is not None:
        return (_decisions(f"two runs just now differ from order {unsteady + 1} on"),)
    other = None if explained else _first_other_decision(tables, new.tables)
    if other is None:
        return ()
    return (
        _decisions(
            f"from order {other + 1} on they are not those of then, so it depends on something that the manifest does "
            "not name: the clock, a file, the network, what ran before it"
        ),
    )


def _decisions(found: str) -> Cause:
    return Cause(kind="decisions", name="strategy", said=f"gives other decisions on the same input: {found}")


def _first_other_decision(then: Mapping[str, Columns], now: Mapping[str, Columns]) -> int | None:
    """The first order, counted from 0, that was not asked for alike; None where all were."""
    orders = [
        {name: run["orders"][name] for name in DECIDED if name in run["orders"]} if "orders" in run else {}
        for run in (then, now)
    ]
    found = compare_table("orders", orders[0], orders[1], tolerance=0.0).differences
    return min((difference.row for difference in found if difference.row is not None), default=None)
