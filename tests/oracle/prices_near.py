"""Random order prices near the market: often a coming bar's own, so that touches, gaps and same-bar cases happen."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isnan, nan

from hypothesis import strategies as st

from hindcast.engine.bars import Bars

KINDS = ("market", "limit", "stop", "stop_limit", "trailing", "market", "limit", "stop_limit", "stop", "trailing_pct")
FAMILIES = ("none", "both", "stop_loss", "take_profit", "trailing", "trailing_pct", "trailing_both", "both")
STEPS = (0.004, 0.013, 0.037, 0.1, 0.0)
BAD = (-1.0, 0.0, inf)


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbourhood:
    """Prices around one bar of one symbol."""

    last: float  # the last close seen, nan before the first
    coming: tuple[float, ...]  # prices of the next bars

    def above(self, price: float) -> list[float]:
        """Prices over this one, or on it."""
        return [near for near in self.coming if near >= price] + [price * (1 + step) for step in STEPS]

    def below(self, price: float) -> list[float]:
        """Prices under this one, or on it."""
        return [near for near in self.coming if near <= price] + [price * (1 - step) for step in STEPS]

    def anywhere(self) -> list[float]:
        """All of them, and some beside."""
        return [*self.coming, self.last, self.last * 1.013, self.last * 0.987, self.last * 1.1, self.last * 0.9]


def near(bars: Bars, t: int, s: int) -> Neighbourhood:
    """The neighbourhood of a bar and column."""
    panel = bars.panel
    seen = [float(price) for price in panel.close[: t + 1, s] if not isnan(price)]
    coming = [
        float(prices[later, s])
        for later in range(t + 1, min(t + 3, len(bars)))
        for prices in (panel.open, panel.high, panel.low, panel.close)
        if not isnan(prices[later, s])
    ]
    return Neighbourhood(last=seen[-1] if seen else nan, coming=tuple(coming))


@st.composite
def order_prices(draw: st.DrawFn, around: Neighbourhood, side: int, *, bad: bool = False) -> dict[str, float]:
    """Limit, stop, trailing and bracket of one order, mostly such that it can work; by the names of a context."""
    if isnan(around.last):
        return {}
    for_side = (around.above, around.below) if side > 0 else (around.below, around.above)
    better = for_side[0]  # what a position on this side hopes for
    worse = for_side[1]

    def one_of(prices: list[float]) -> float:
        return draw(st.sampled_from(prices))

    said: dict[str, float] = {}
    match draw(st.sampled_from(KINDS)):
        case "limit":
            said["limit"] = one_of(around.anywhere())
        case "stop":
            said["stop"] = one_of(better(around.last))
        case "stop_limit":
            said["stop"] = one_of(better(around.last))
            said["limit"] = one_of(better(said["stop"]) + worse(said["stop"]))
        case "trailing":
            said["trailing"] = draw(st.sampled_from((0.004, 0.03, 0.11))) * around.last
        case "trailing_pct":
            said["trailing_pct"] = draw(st.sampled_from((0.006, 0.03, 0.2)))
    entries = [said[name] for name in ("limit", "stop") if name in said] or [around.last]
    family = draw(st.sampled_from(FAMILIES))
    if family in {"both", "stop_loss"}:
        said["stop_loss"] = one_of(worse(min(entries) if side > 0 else max(entries)))
    if family in {"both", "take_profit", "trailing_both"}:
        said["take_profit"] = one_of(better(max(entries) if side > 0 else min(entries)))
    if family in {"trailing", "trailing_both"}:
        said["trailing_stop"] = draw(st.sampled_from((0.004, 0.03, 0.11))) * around.last
    if family == "trailing_pct":
        said["trailing_stop_pct"] = draw(st.sampled_from((0.006, 0.03, 0.2)))
    return {**said, **draw(_mistakes(around, said))} if bad else said


@st.composite
def _mistakes(draw: st.DrawFn, around: Neighbourhood, said: dict[str, float]) -> dict[str, float]:
    """One thing too many, or one that can't be."""
    names = ("limit", "stop", "trailing", "trailing_pct", "stop_loss", "take_profit", "trailing_stop")
    name = draw(st.sampled_from((*names, "trailing_stop_pct", *said)))
    return {name: draw(st.sampled_from((*BAD, around.last, around.last * 1.5, 0.05)))}
