"""Two runs' tables and metrics, value by value."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hindcast.domain.backtest import BacktestResult
from hindcast.domain.verification import METRICS, Difference, TableComparison

Column = NDArray[Any]
Columns = Mapping[str, Column]

# Of the summary, what no table and no metric holds.
_SUMMARY = ("final_portfolio_value", "total_trades", "ruined")


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedTable:
    """One table's verdict, and each of its columns that is not bit for bit the same."""

    table: TableComparison
    differences: tuple[Difference, ...]


def compare_table(name: str, stored: Columns, new: Columns, *, tolerance: float) -> ComparedTable:
    """Compare a table's stored columns with the new ones of the same names, row by row.

    Parameters
    ----------
    name : str
    stored, new : mapping of names to columns of one length
        A column that only `new` has was not kept then, and is not compared.
    tolerance : float
        Largest difference of two numbers that is tolerated, per unit of the largest finite value of their column;
        0 tolerates none. Two NaN are equal; whole numbers, stamps, words and truth values must be the same.
    """
    rows, new_rows = _length(stored), _length(new)
    found = []
    if rows != new_rows:
        found.append(
            Difference(
                table=name,
                column="",
                row=min(rows, new_rows),
                stored=rows,
                new=new_rows,
                count=abs(rows - new_rows),
            )
        )
    for column, values in stored.items():
        if column not in new:
            found.append(Difference(table=name, column=column, stored=f"{rows} values", new=None, count=rows))
            continue
        difference = _compare_column(name, column, values, new[column], tolerance)
        if difference is not None:
            found.append(difference)
    return _compared(name, rows=rows, new_rows=new_rows, columns=len(stored), differences=found)


def missing_table(name: str, stored: Columns) -> ComparedTable:
    """A table that the new run does not have at all."""
    rows = _length(stored)
    gone = Difference(table=name, column="", stored=rows, new=None, count=rows)
    return _compared(name, rows=rows, new_rows=0, columns=len(stored), differences=[gone])


def compare_metrics(stored: BacktestResult, new: BacktestResult, *, tolerance: float) -> ComparedTable:
    """Compare every metric and the summary's figures; the tolerance is per unit of the larger value, or of 1."""
    then, now = _figures(stored), _figures(new)
    found = []
    for name, value in then.items():
        other = now.get(name)
        if _same(value, other):
            continue
        relative = _relative(value, other)
        found.append(
            Difference(
                table=METRICS,
                column=name,
                stored=_plain(value),
                new=_plain(other),
                relative=relative,
                tolerated=relative is not None and 0 < tolerance >= relative,
            )
        )
    return _compared(METRICS, rows=1, new_rows=1, columns=len(then), differences=found)


def _compared(name: str, *, rows: int, new_rows: int, columns: int, differences: list[Difference]) -> ComparedTable:
    if not differences:
        verdict = "identical"
    else:
        verdict = "equal_within_tolerance" if all(each.tolerated for each in differences) else "different"
    return ComparedTable(
        table=TableComparison.model_validate(
            {"name": name, "rows": rows, "new_rows": new_rows, "columns": columns, "verdict": verdict}
        ),
        differences=tuple(differences),
    )


def _compare_column(table: str, column: str, stored: Column, new: Column, tolerance: float) -> Difference | None:
    """What differs in a column over the rows that both have, None where nothing does."""
    common = min(len(stored), len(new))
    then, now = _canonical(stored[:common]), _canonical(new[:common])
    if then.dtype != now.dtype:
        return Difference(table=table, column=column, stored=str(then.dtype), new=str(now.dtype), count=common)
    differs = _bits(then) != _bits(now)
    if not differs.any():
        return None
    relative: float | None = None
    tolerated = np.zeros(common, dtype=np.bool_)
    if then.dtype.kind == "f":
        gaps = _gaps(then, now)
        tolerated = gaps <= tolerance if tolerance > 0 else tolerated
        largest = float(gaps[differs].max())
        relative = largest if math.isfinite(largest) else None
    counted = differs & ~tolerated
    shown = counted if counted.any() else differs
    first = int(np.argmax(shown))
    return Difference(
        table=table,
        column=column,
        row=first,
        stored=_plain(then[first]),
        new=_plain(now[first]),
        count=int(shown.sum()),
        relative=relative,
        tolerated=not counted.any(),
    )


def _gaps(then: Column, now: Column) -> NDArray[np.float64]:
    """Differences per unit of the column's largest finite value; infinite where only one is a number."""
    finite = np.concatenate((np.abs(then[np.isfinite(then)]), np.abs(now[np.isfinite(now)])))
    scale = float(finite.max(initial=0.0)) or 1.0
    with np.errstate(invalid="ignore", over="ignore"):
        gaps = np.abs(then - now) / scale
    same = (then == now) | (np.isnan(then) & np.isnan(now))
    gaps[same] = 0.0
    gaps[np.isnan(gaps)] = np.inf
    return np.asarray(gaps, dtype=np.float64)


def _canonical(values: Column) -> Column:
    """A column in the type that it is stored in."""
    types: dict[str, Any] = {"f": np.float64, "i": np.int64, "u": np.int64, "M": "M8[ns]", "b": np.bool_}
    return np.ascontiguousarray(values, dtype=types.get(values.dtype.kind, object))


def _bits(values: Column) -> Column:
    """What can be compared bit for bit: NaN equals itself, and -0.0 is not 0.0."""
    return values.view(np.int64) if values.dtype.kind in "fM" else values


def _figures(result: BacktestResult) -> dict[str, object]:
    return result.performance.model_dump() | {name: getattr(result, name) for name in _SUMMARY}


def _same(then: object, now: object) -> bool:
    """Whether two figures are the same, bit for bit; metrics are never NaN."""
    if isinstance(then, float) and isinstance(now, float):
        return then.hex() == now.hex()
    return then == now


def _relative(then: object, now: object) -> float | None:
    if not isinstance(then, float) or not isinstance(now, float):
        return None
    return abs(then - now) / max(1.0, abs(then), abs(now))


def _plain(value: Any) -> Any:
    """A value as JSON holds it."""
    if isinstance(value, np.datetime64):
        return None if np.isnat(value) else f"{value}Z"
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value.isoformat() if hasattr(value, "isoformat") else value


def _length(columns: Columns) -> int:
    return len(next(iter(columns.values()), ()))
