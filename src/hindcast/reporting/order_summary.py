"""Orders that did not end as asked, counted by state and reason."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from hindcast.reporting.formatting import quantity
from hindcast.reporting.reasons import explain
from hindcast.reporting.run_tables import Tables, floats, stamp_texts, stamps, words


@dataclass(frozen=True, slots=True, kw_only=True)
class OddOrders:
    """The orders that share one end and one reason."""

    status: str
    reason: str
    count: int
    first: str
    last: str
    example: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSummary:
    """How the run's orders ended."""

    total: int
    as_asked: int  # filled whole, with nothing to remark
    odd: tuple[OddOrders, ...]  # most frequent first


def order_summary(tables: Tables) -> OrderSummary:
    """Every order that was rejected, cancelled, expired, left open, reduced, or has a reason, grouped."""
    status, reason = words(tables, "orders", "status"), words(tables, "orders", "reason")
    pairs = [(str(state), str(why)) for state, why in zip(status, reason, strict=True)]
    tally = Counter(pair for pair in pairs if pair != ("filled", ""))
    rows: dict[tuple[str, str], list[int]] = {pair: [] for pair in tally}
    for row, pair in enumerate(pairs):
        if pair in rows:
            rows[pair].append(row)
    odd = tuple(_group(tables, state, why, np.array(rows[state, why])) for (state, why), _ in tally.most_common())
    return OrderSummary(total=len(pairs), as_asked=len(pairs) - sum(tally.values()), odd=odd)


def _group(tables: Tables, state: str, why: str, rows: np.ndarray[tuple[int], np.dtype[np.intp]]) -> OddOrders:
    created = stamps(tables, "orders", "created_at")[rows]
    first = rows[int(np.argmin(created))]
    asked, filled = floats(tables, "orders", "quantity")[first], floats(tables, "orders", "filled_quantity")[first]
    side, symbol = words(tables, "orders", "side")[first], words(tables, "orders", "symbol")[first]
    bounds = stamp_texts(np.array([created.min(), created.max()]))
    amount = f" {quantity(asked)}" if np.isfinite(asked) else ""
    return OddOrders(
        status=state,
        reason=_reason(state, why),
        count=len(rows),
        first=bounds[0],
        last=bounds[1],
        example=f"{side}{amount} {symbol}, filled {quantity(filled)}".strip(),
    )


def _reason(state: str, why: str) -> str:
    if state == "open" and not why:
        return "Still working when the run ended"
    said = explain(why)
    return f"Filled in part: {said[0].lower()}{said[1:]}" if state == "filled" else said
