"""What came of running a backtest again: the verdict, what differs, and what has changed since."""

from __future__ import annotations

from typing import ClassVar, Final, Literal

from pydantic import JsonValue

from hindcast.domain.errors import HindcastError, SimulationError
from hindcast.domain.records import CheckedRecord

Verdict = Literal["identical", "equal_within_tolerance", "different", "not_comparable"]
Comparison = Literal["byte_for_byte", "within_tolerance"]
CauseKind = Literal["data", "benchmark", "strategy", "parameters", "config", "engine", "environment", "decisions"]

TOLERANCE: Final = 1e-12
METRICS: Final = "metrics"  # the name that the metrics go by among the tables


class _Finding(CheckedRecord):
    error_class: ClassVar[type[HindcastError]] = SimulationError


class Difference(_Finding):
    """One column of a table, or one metric, that is not what it was."""

    table: str
    column: str  # empty: the number of rows, or the table as a whole
    row: int | None = None  # the first row that differs, counted from 0; None for a metric
    stored: JsonValue = None  # NaN and infinity as text, stamps as ISO text
    new: JsonValue = None
    count: int = 1  # rows that differ
    relative: float | None = None  # the largest, per unit of the column's largest value; None where it has none
    tolerated: bool = False  # within the tolerance of the comparison that was made


class TableComparison(_Finding):
    """One table, then and now; `metrics` has a column per metric."""

    name: str
    rows: int  # then
    new_rows: int
    columns: int  # compared
    verdict: Literal["identical", "equal_within_tolerance", "different"]


class Cause(_Finding):
    """Something that a result depends on and that is no longer what it was, or what else explains a difference."""

    kind: CauseKind
    name: str  # the manifest's field, the parameter, the package …
    then: JsonValue = None
    now: JsonValue = None
    said: str = ""  # what the two values don't say


class Verification(_Finding):
    """A result and the same backtest run again, compared.

    `identical`: every value of every table and every metric is the same, bit for bit. `equal_within_tolerance`: on
    another platform or with other packages, no number differs by more than 1e-12 of the largest in its column (of a
    metric: of itself, or of 1). `different`: more than that, or anything at all on the same platform and packages.
    `not_comparable`: it could not be run again; `reason` says why.
    """

    backtest_id: str
    manifest_id: str
    new_manifest_id: str | None = None  # None where it could not be run again
    verdict: Verdict
    comparison: Comparison | None = None  # byte for byte where platform and packages are those of then
    tolerance: float = TOLERANCE
    tables: tuple[TableComparison, ...] = ()
    differences: tuple[Difference, ...] = ()
    causes: tuple[Cause, ...] = ()  # data first; also listed where they made no difference
    reason: str = ""

    @property
    def reproduced(self) -> bool:
        """Whether the result is the same: bit for bit, or within the tolerance of the comparison that was made."""
        return self.verdict in ("identical", "equal_within_tolerance")

    @property
    def unexplained(self) -> bool:
        """Whether something differs although nothing that the manifest names has changed."""
        return self.verdict == "different" and all(cause.kind == "decisions" for cause in self.causes)

    def __str__(self) -> str:
        return self.summary

    @property
    def summary(self) -> str:
        """The verdict in one sentence."""
        if self.verdict == "not_comparable":
            return f"not comparable: {self.reason}"
        if self.verdict == "identical":
            return f"identical, bit for bit: {self._extent}"
        if self.verdict == "equal_within_tolerance":
            return f"equal within {self.tolerance:g}, on another platform or with other packages: {self._extent}"
        differing = [table.name for table in self.tables if table.verdict == "different"]
        known = "; not reproducible: nothing that the manifest names has changed" if self.unexplained else ""
        return f"different in {', '.join(differing)}{known}"

    @property
    def _extent(self) -> str:
        tables = [table for table in self.tables if table.name != METRICS]
        metrics = sum(table.columns for table in self.tables if table.name == METRICS)
        return f"{len(tables)} tables and {metrics} metrics"
