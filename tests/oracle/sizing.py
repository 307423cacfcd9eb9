"""The built-in sizers: how much a signal of strength 1 asks for."""

from __future__ import annotations

from math import inf, sqrt

from tests.oracle.reading import Market, Rules
from tests.oracle.records import Bracket

NONE = 1e-12  # returns that differ by less differ by the rounding of their division


def size_of(
    rules: Rules, market: Market, name: str, bar: int, *, equity: float, entry: float, bracket: Bracket
) -> tuple[str, float] | None:
    """("quantity", units) or ("value", money) at strength 1; None where it is undefined or zero."""
    sizer = rules.sizer
    share = equity / len(market.names)
    if sizer.kind == "quantity":
        return "quantity", sizer.size
    if sizer.kind == "cash":
        return "value", sizer.size
    if sizer.kind == "weight":
        return "value", sizer.size * share
    if sizer.kind == "risk":
        distance = _risk(entry, bracket)
        return ("quantity", sizer.size * equity / distance) if distance > 0 else None
    weight = _weight(rules, returns(market, name, bar, sizer.window))
    return ("value", weight * share) if weight > 0 else None


def _risk(entry: float, bracket: Bracket) -> float:
    """|entry - stop-loss|; 0 where there is none."""
    if bracket.stop_loss == bracket.stop_loss:
        return abs(entry - bracket.stop_loss)
    if bracket.trail_amount == bracket.trail_amount:
        return bracket.trail_amount
    if bracket.trail_fraction == bracket.trail_fraction:
        return bracket.trail_fraction * entry
    return 0.0


def _weight(rules: Rules, found: list[float] | None) -> float:
    """VolatilityTarget's and Kelly's weight; 0 where it is undefined."""
    if found is None:
        return 0.0
    mean = sum(found) / len(found)
    variance = sum((number - mean) ** 2 for number in found) / (len(found) - 1)
    if rules.sizer.kind == "volatility":
        volatility = sqrt(variance) * sqrt(rules.sizer.periods_per_year)
        return min(rules.sizer.size / volatility if variance > NONE**2 else inf, rules.max_leverage)
    if variance <= NONE**2:
        return 0.0
    return min(max(rules.sizer.size * mean / variance, 0.0), rules.max_leverage)


def returns(market: Market, name: str, bar: int, window: int) -> list[float] | None:
    """The last `window` returns between consecutive closes up to the bar, splits undone; None where there are fewer."""
    found: list[float] = []
    before = None
    factor = 1.0  # splits since the close before
    for t in range(bar + 1):
        factor *= market.splits[t].get(name, 1.0)
        traded = market.bars[t].get(name)
        if traded is None:
            continue
        if before is not None:
            found.append(traded.close * factor / before - 1)
        before, factor = traded.close, 1.0
    return found[-window:] if len(found) >= window else None
