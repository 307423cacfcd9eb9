"""Random markets, signals and configurations, rich in what rules are for; each shrinks towards a plain one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st

from hindcast.domain.backtest_config import BacktestConfig
from hindcast.domain.costs import Commission, Slippage
from hindcast.domain.sizing import FixedCash, FixedQuantity, Sizing, TargetWeight
from hindcast.engine import layout
from hindcast.engine.bars import Bars
from hindcast.engine.signals import Signals

DAY = 86_400_000_000_000
NAMES = ("MID", "ZED", "ABE", "aba")
SPLITS = (1.0, 2.0, 0.5, 1.5, 0.1)
HOLD, BUY, SELL, TARGET = layout.SIGNAL_HOLD, layout.SIGNAL_BUY, layout.SIGNAL_SELL, layout.SIGNAL_TARGET


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One run's inputs."""

    bars: Bars
    signals: Signals
    config: BacktestConfig
    warm_up: int = 0


def cells(shape: tuple[int, int], values: st.SearchStrategy[Any]) -> st.SearchStrategy[np.ndarray[Any, Any]]:
    """Arrays of a (T, S) panel."""
    size = shape[0] * shape[1]
    return st.lists(values, min_size=size, max_size=size).map(lambda drawn: np.array(drawn).reshape(shape))


def rarely(common: object, *others: object, one_in: int = 6) -> st.SearchStrategy[Any]:
    """Mostly the first value."""
    spread = [common] * (one_in * len(others) - len(others)) + list(others)
    return st.sampled_from(spread)


@st.composite
def markets(draw: st.DrawFn, *, max_bars: int = 12, max_symbols: int = 4) -> Bars:
    """Bars with gaps, jumps, bars without volume, splits and dividends; stamps days apart, or years."""
    shape = draw(st.integers(1, max_bars)), draw(st.integers(1, max_symbols))
    names = draw(st.permutations(NAMES))[: shape[1]]
    steps = draw(st.lists(rarely(1, 3, 200, one_in=3), min_size=shape[0], max_size=shape[0]))
    split = draw(cells(shape, rarely(*SPLITS, one_in=8))) if draw(st.booleans()) else None
    moves = draw(cells(shape, st.integers(-9, 9))) * draw(st.sampled_from((0.011, 0.0437, 0.0973)))
    close = draw(st.sampled_from((100.0, 7.31, 4321.7))) * np.cumprod(1 + moves, axis=0)
    if split is not None:
        close = close / np.cumprod(split, axis=0)
    open_ = close * (1 + draw(cells(shape, st.integers(-5, 5))) * 0.0173)
    reach = draw(cells(shape, st.integers(0, 5))) * 0.0121
    high, low = np.maximum(open_, close) * (1 + reach), np.minimum(open_, close) * (1 - reach)
    missing = draw(cells(shape, rarely(False, True, one_in=7)))
    prices = {"open": open_, "high": high, "low": low, "close": close}
    for array in prices.values():
        array[missing] = np.nan
    return Bars.from_numpy(
        np.cumsum(np.array(steps, dtype=np.int64)) * DAY,
        names,
        **prices,
        volume=draw(cells(shape, st.sampled_from((1000.0, 0.0, 1e9, 57.0, 33.3, np.nan)))),
        split=split,
        dividend=draw(cells(shape, rarely(0.0, 1.3, 9.0))) if draw(st.booleans()) else None,
        adjusted=draw(rarely(False, True)),
    )


@st.composite
def signals_for(draw: st.DrawFn, bars: Bars) -> Signals:
    """BUY, SELL, HOLD and target weights (NaN, zero, negative, unchanged), with or without strengths."""
    side = draw(cells(bars.shape, st.sampled_from((HOLD, BUY, SELL, TARGET, HOLD, BUY, SELL)))).astype(np.int8)
    weights = st.sampled_from((0.0, 0.3, 0.5, 1.0, 1.7, -0.4, -1.0, np.nan))
    weight = draw(cells(bars.shape, weights)) if (side == TARGET).any() else None
    strengths = st.sampled_from((1.0, 0.5, 0.01))
    strength = draw(cells(bars.shape, strengths)) if draw(st.booleans()) else None
    return Signals(side=side, weight=weight, strength=strength)


@st.composite
def commissions(draw: st.DrawFn) -> Commission:
    """None at all, or a mix of everything, with minimum and maximum."""
    if draw(st.booleans()):
        return Commission()
    minimum = draw(st.sampled_from((0.0, 3.0, 40.0)))
    return Commission(
        per_order=draw(st.sampled_from((0.0, 1.7, 30.0))),
        per_share=draw(st.sampled_from((0.0, 0.013, 0.7))),
        rate=draw(st.sampled_from((0.0, 0.001, 0.03))),
        minimum=minimum,
        maximum=draw(st.sampled_from((None, minimum, minimum + 55.0))),
    )


@st.composite
def configs(draw: st.DrawFn) -> BacktestConfig:
    """Configurations of all rules of this release."""
    leverage = draw(st.sampled_from((1.0, 2.0, 0.6, 5.0)))
    sizers: tuple[Sizing, ...] = (
        TargetWeight(1.0),
        FixedQuantity(61.7),
        FixedCash(4111.0),
        TargetWeight(3.0),
        FixedCash(333.0),
    )
    return BacktestConfig(
        initial_capital=draw(st.sampled_from((10_000.0, 1_234.56, 100.0))),
        commission=draw(commissions()),
        slippage=Slippage(bps=draw(st.sampled_from((0.0, 5.0, 170.0)))),
        sizing=draw(st.sampled_from(sizers)),
        fill_on=draw(st.sampled_from(("next_open", "close"))),
        allow_short=draw(st.booleans()),
        max_leverage=leverage,
        maintenance_margin=draw(st.sampled_from((None, 0.9 / leverage if leverage > 1 else 0.9, 0.1))),
        borrow_rate=draw(st.sampled_from((0.0, 0.07))),
        margin_rate=draw(st.sampled_from((0.0, 0.11))),
        pyramiding=draw(st.sampled_from((0, 1, 3))),
        lot_size=draw(st.sampled_from((None, 1.0, 0.1, 10.0))),
        max_participation=draw(st.sampled_from((None, 0.1, 1.0))),
        on_insufficient_cash=draw(st.sampled_from(("reduce", "reject"))),
    )


@st.composite
def cases(draw: st.DrawFn, *, max_bars: int = 12, max_symbols: int = 4) -> Case:
    """A whole run's inputs."""
    bars = draw(markets(max_bars=max_bars, max_symbols=max_symbols))
    return Case(
        bars=bars,
        signals=draw(signals_for(bars)),
        config=draw(configs()),
        warm_up=draw(rarely(0, 2)),
    )
