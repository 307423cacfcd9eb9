"""Random markets, signals, calls and configurations, rich in what rules are for; each shrinks towards a plain one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st
from tests.oracle.choices import rarely
from tests.oracle.commands import Command
from tests.oracle.prices_near import near, order_prices
from tests.oracle.scripts import scripts

from hindcast.domain.backtest_config import BacktestConfig
from hindcast.domain.costs import (
    Commission,
    HalfSpreadSlippage,
    Slippage,
    SquareRootSlippage,
    VolumeShareSlippage,
)
from hindcast.domain.sizing import (
    FixedCash,
    FixedQuantity,
    Kelly,
    RiskPerTrade,
    Sizing,
    TargetWeight,
    VolatilityTarget,
)
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
    commands: tuple[Command, ...] = ()  # by hand; its signals are then all HOLD


def cells(shape: tuple[int, int], values: st.SearchStrategy[Any]) -> st.SearchStrategy[np.ndarray[Any, Any]]:
    """Arrays of a (T, S) panel."""
    size = shape[0] * shape[1]
    return st.lists(values, min_size=size, max_size=size).map(lambda drawn: np.array(drawn).reshape(shape))


@st.composite
def markets(draw: st.DrawFn, *, max_bars: int = 12, max_symbols: int = 4) -> Bars:
    """Bars with gaps, jumps, bars without volume, splits and dividends; stamps days apart, or years."""
    shape = max(draw(st.integers(1, max_bars)), draw(st.integers(1, max_bars))), draw(st.integers(1, max_symbols))
    names = draw(st.permutations(NAMES))[: shape[1]]
    unit = draw(st.sampled_from((DAY, DAY // 4)))
    steps = draw(st.lists(rarely(1, 3, 200, one_in=3), min_size=shape[0], max_size=shape[0]))
    split = draw(cells(shape, rarely(*SPLITS, one_in=8))) if draw(st.booleans()) else None
    moves = draw(cells(shape, st.integers(-9, 9))) * draw(st.sampled_from((0.011, 0.0437, 0.004, 0.0973)))
    close = draw(st.sampled_from((100.0, 7.31, 43.217))) * np.cumprod(1 + moves, axis=0)
    if split is not None:
        close = close / np.cumprod(split, axis=0)
    gap, width = draw(st.sampled_from((0.0041, 0.0173))), draw(st.sampled_from((0.0121, 0.0317)))
    open_ = close * (1 + draw(cells(shape, st.integers(-5, 5))) * gap)
    reach = draw(cells(shape, st.integers(0, 5))) * width
    high, low = np.maximum(open_, close) * (1 + reach), np.minimum(open_, close) * (1 - reach)
    missing = draw(cells(shape, rarely(False, True, one_in=7)))
    prices = {"open": open_, "high": high, "low": low, "close": close}
    if split is None and draw(st.booleans()):  # a coarse grid, so that prices meet
        prices = {name: np.maximum(np.round(array * 4) / 4, 0.25) for name, array in prices.items()}
    for array in prices.values():
        array[missing] = np.nan
    return Bars.from_numpy(
        np.cumsum(np.array(steps, dtype=np.int64)) * unit,
        names,
        **prices,
        volume=draw(cells(shape, st.sampled_from((1000.0, 1e9, 57.0, 0.0, 33.3, 400.0, 1e6, np.nan)))),
        split=split,
        dividend=draw(cells(shape, rarely(0.0, 1.3, 9.0))) if draw(st.booleans()) else None,
        adjusted=draw(rarely(False, True)),
    )


@st.composite
def signals_for(draw: st.DrawFn, bars: Bars) -> Signals:
    """BUY, SELL, HOLD and target weights (NaN, zero, negative, unchanged), with or without strengths and prices."""
    side = draw(cells(bars.shape, st.sampled_from((HOLD, BUY, SELL, TARGET, HOLD, BUY, SELL)))).astype(np.int8)
    weights = st.sampled_from((0.0, 0.3, 0.5, 1.0, 1.7, -0.4, -1.0, np.nan))
    weight = draw(cells(bars.shape, weights)) if (side == TARGET).any() else None
    strengths = st.sampled_from((1.0, 0.5, 0.01))
    strength = draw(cells(bars.shape, strengths)) if draw(st.booleans()) else None
    columns = draw(signal_prices(bars, side)) if draw(rarely(True, False, one_in=4)) else {}
    return Signals(side=side, weight=weight, strength=strength, **columns)


@st.composite
def signal_prices(draw: st.DrawFn, bars: Bars, side: np.ndarray[Any, Any]) -> dict[str, np.ndarray[Any, Any]]:
    """Columns of prices for BUYs and SELLs, and by mistake for a target; none where a column would be empty."""
    columns: dict[str, np.ndarray[Any, Any]] = {}
    for t, s in zip(*np.nonzero(side), strict=True):
        target = side[t, s] == TARGET
        if not draw(rarely(not target, target, one_in=10 if target else 5)):
            continue
        bad = draw(rarely(False, True, one_in=12))
        said = draw(order_prices(near(bars, t, s), 1 if side[t, s] == BUY else -1, bad=bad))
        for name, price in said.items():
            columns.setdefault(name, np.full(bars.shape, np.nan))[t, s] = price
    return columns


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
    """Configurations of all rules."""
    leverage = draw(st.sampled_from((1.0, 2.0, 0.6, 5.0)))
    sizers: tuple[Sizing, ...] = (
        TargetWeight(1.0),
        FixedQuantity(61.7),
        FixedCash(4111.0),
        TargetWeight(3.0),
        FixedCash(333.0),
        VolatilityTarget(0.9, window=3, periods_per_year=12),
        RiskPerTrade(0.02),
        Kelly(0.5, window=2),
    )
    slippages = (
        Slippage(bps=0.0),
        Slippage(bps=5.0),
        Slippage(bps=170.0),
        HalfSpreadSlippage(0.03),
        VolumeShareSlippage(0.1),
        SquareRootSlippage(0.04),
    )
    return BacktestConfig(
        initial_capital=draw(st.sampled_from((10_000.0, 1_234.56, 250_000.0, 100.0))),
        commission=draw(commissions()),
        slippage=draw(st.sampled_from(slippages)),
        sizing=draw(st.sampled_from(sizers)),
        fill_on=draw(rarely("next_open", "close", one_in=4)),
        limit_fill=draw(st.sampled_from(("through", "touch"))),
        intrabar=draw(st.sampled_from(("pessimistic", "optimistic", "ohlc"))),
        allow_short=draw(st.booleans()),
        max_leverage=leverage,
        maintenance_margin=draw(st.sampled_from((None, 0.9 / leverage if leverage > 1 else 0.9, 0.1))),
        borrow_rate=draw(st.sampled_from((0.0, 0.07))),
        margin_rate=draw(st.sampled_from((0.0, 0.11))),
        pyramiding=draw(st.sampled_from((0, 1, 3))),
        lot_size=draw(st.sampled_from((None, 1.0, None, 0.1, 10.0))),
        tick_size=draw(st.sampled_from((None, 0.25, None, 0.05, 1.0))),
        max_participation=draw(st.sampled_from((None, 0.1, None, 1.0))),
        on_insufficient_cash=draw(st.sampled_from(("reduce", "reject"))),
    )


@st.composite
def cases(draw: st.DrawFn, *, max_bars: int = 12, max_symbols: int = 4) -> Case:
    """A whole run's inputs, by signals."""
    bars = draw(markets(max_bars=max_bars, max_symbols=max_symbols))
    return Case(
        bars=bars,
        signals=draw(signals_for(bars)),
        config=draw(configs()),
        warm_up=draw(rarely(0, 2)),
    )


@st.composite
def hand_made(draw: st.DrawFn, *, max_bars: int = 12, max_symbols: int = 3) -> Case:
    """A whole run's inputs, by calls."""
    bars = draw(markets(max_bars=max_bars, max_symbols=max_symbols))
    config = draw(configs())
    return Case(
        bars=bars,
        signals=Signals.hold(bars.shape),
        config=config,
        commands=draw(scripts(bars, config.initial_capital)),
    )
