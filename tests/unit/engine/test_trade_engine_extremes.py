"""What random runs don't reach: full logs, extreme numbers, inputs that don't fit, and how often a kernel compiles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from tests.oracle.agreement import differences, with_excursions
from tests.oracle.commands import Command
from tests.oracle.engine_side import run_engine
from tests.oracle.inputs import DAY, Case
from tests.oracle.shorthand import read
from tests.oracle.simulator import simulate as plain_simulate

from hindcast.domain.backtest_config import BacktestConfig
from hindcast.domain.errors import SimulationError, StrategyError
from hindcast.domain.sizing import FixedCash
from hindcast.engine import layout, simulation
from hindcast.engine.bars import Bars
from hindcast.engine.history import PortfolioHistory
from hindcast.engine.kernels import simulate
from hindcast.engine.signals import Signals
from hindcast.engine.trade_engine import TradeEngine

ARRAYS = ("equity", "cash", "gross_exposure", "net_exposure", "orders", "fills", "trades", "open_lots", "ambiguous")
# With the compiler off, numpy warns where compiled code goes on with infinity.
beyond_float64 = pytest.mark.filterwarnings("ignore:(overflow|invalid value) encountered:RuntimeWarning")
TURNING = "10/11 12/10 9/9 8/12 11/10 10/10 12/13 | S B S B =-0.5 =0.7 . | short rate=0.001 bps=10 | | "


def run(case: Case) -> PortfolioHistory:
    return TradeEngine().simulate(case.signals, case.bars, case.config, warm_up=case.warm_up)


def bars_of(
    prices: np.ndarray,
    *,
    volume: np.ndarray | None = None,
    split: np.ndarray | None = None,
    dividend: np.ndarray | None = None,
) -> Bars:
    """Bars that stay at their price, a day apart."""
    stamps = np.arange(1, len(prices) + 1) * DAY
    names = [f"S{s:04}" for s in range(prices.shape[1])]
    return Bars.from_numpy(stamps, names, prices, prices, prices, prices, volume, split, dividend)


def busy(count: int = 40, symbols: int = 3) -> Case:
    """Targets on every bar and symbol, some of which work for several bars."""
    moves = np.random.default_rng(7).normal(0, 0.02, (count, symbols))
    prices = 50 * np.exp(np.cumsum(moves, axis=0))
    weights = np.random.default_rng(8).uniform(-1, 1, (count, symbols)) / symbols
    config = BacktestConfig(allow_short=True, max_leverage=2.0, max_participation=0.1)
    bars = bars_of(prices, volume=np.full(prices.shape, 2_000.0))
    return Case(bars=bars, signals=Signals.from_targets(weights), config=config)


def repriced(case: Case, factor: float) -> Case:
    """The same run with shares of another size: prices times a factor, so quantities over it."""
    panel = case.bars.panel
    prices = [getattr(panel, name) * factor for name in ("open", "high", "low", "close")]
    return replace(case, bars=Bars.from_numpy(case.bars.timestamps, case.bars.symbols, *prices))


def bracketed(count: int = 150, symbols: int = 3) -> Case:
    """A bracket on every bar and symbol, most of which end on their entry's own bar, and not for certain."""
    prices = 50 * np.exp(np.cumsum(np.random.default_rng(7).normal(0, 0.02, (count, symbols)), axis=0))
    side = np.full(prices.shape, layout.SIGNAL_BUY, dtype=np.int8)
    bars = Bars.from_numpy(
        np.arange(1, count + 1) * DAY, ["A", "B", "C"][:symbols], prices, prices * 1.05, prices * 0.95, prices
    )  # fmt: skip
    signals = Signals(side=side, stop_loss=prices * 0.96, take_profit=prices * 1.03)
    return Case(bars=bars, signals=signals, config=BacktestConfig(sizing=FixedCash(100.0), pyramiding=count))


@pytest.mark.parametrize("make", [busy, bracketed])
def test_logs_that_had_to_grow_hold_the_same_bytes(
    make: Callable[[int], Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    case = make(150)
    with_room = run(case)
    monkeypatch.setattr(simulation, "MOST_ROOM", 0)
    grown = run(case)
    assert len(with_room.orders) > 2 * (16 * len(case.bars.symbols) + 64)
    for name in ARRAYS:
        assert getattr(grown, name).tobytes() == getattr(with_room, name).tobytes()


@pytest.mark.parametrize("power", [-990, -500, 500, 990])
def test_the_size_of_a_share_changes_quantities_only(power: int) -> None:
    case, _ = read(TURNING)
    plain, other = run(case), run(repriced(case, 2.0**power))
    assert len(plain.fills) >= 6
    assert other.equity.tobytes() == plain.equity.tobytes()
    assert other.fills["realised"].tobytes() == plain.fills["realised"].tobytes()
    assert (other.fills["quantity"] * 2.0**power).tobytes() == plain.fills["quantity"].tobytes()


@pytest.mark.parametrize("capital", [1e-9, 1e15])
def test_any_capital_grows_at_the_same_rate(capital: float) -> None:
    case, _ = read(TURNING)
    other = replace(case, config=case.config.model_copy(update={"initial_capital": capital}))
    assert run(other).equity / capital == pytest.approx(run(case).equity / 1000.0, rel=1e-9)


@beyond_float64
def test_a_target_beyond_float64_is_cut_to_what_cash_covers_once() -> None:
    prices = np.full((4, 1), 1e-10)
    weights = np.array([[1e300], [np.nan], [np.nan], [np.nan]])
    history = run(Case(bars=bars_of(prices), signals=Signals.from_targets(weights), config=BacktestConfig()))
    assert history.fills["bar"].tolist() == [1]
    assert history.fills["quantity"] == pytest.approx([1e15])
    assert history.orders["status"].tolist() == [layout.STATUS_FILLED]
    assert history.orders["closed"].tolist() == [1]


@beyond_float64
def test_books_that_exceed_float64_are_an_error() -> None:
    prices = np.array([[1e-300], [1e-300], [1e300]])
    signals = Signals.from_targets(np.array([[1.0], [np.nan], [np.nan]]))
    with pytest.raises(SimulationError, match=r"equity at bar 3 is inf"):
        run(Case(bars=bars_of(prices), signals=signals, config=BacktestConfig()))


def test_a_warm_up_longer_than_the_run_ignores_every_signal() -> None:
    case = replace(busy(), warm_up=1_000)
    history = run(case)
    assert history.ignored_signals == case.signals.side.size
    assert len(history.orders) == 0
    assert np.all(history.equity == case.config.initial_capital)


@pytest.mark.parametrize("name", ["side", "strength", "weight", "limit", "trailing_stop_pct"])
def test_signals_of_another_shape_are_refused(name: str) -> None:
    case = busy()
    ones = np.ones(case.bars.shape)
    signals = replace(case.signals, strength=ones, limit=ones, trailing_stop_pct=ones)
    narrow = replace(signals, **{name: np.ascontiguousarray(getattr(signals, name)[:, :2])})
    with pytest.raises(StrategyError, match=rf"{name} has shape \(40, 2\); expected \(40, 3\)"):
        run(replace(case, signals=narrow))


def test_targets_without_weights_are_refused() -> None:
    case = busy()
    with pytest.raises(StrategyError, match="no `weight`"):
        run(replace(case, signals=Signals(side=case.signals.side)))


def test_the_kernel_compiles_once_for_writable_and_read_only_inputs() -> None:
    if not hasattr(simulate.advance, "signatures"):
        pytest.skip("the compiler is off")
    prices = np.full((5, 2), 10.0)
    run(busy())
    before = len(simulate.advance.signatures)
    for split in (None, np.ones(prices.shape)):
        for dividend in (None, np.zeros(prices.shape)):
            bars = bars_of(prices, split=split, dividend=dividend)
            for sealed in (False, True):
                side, strength = np.ones(prices.shape, dtype=np.int8), np.ones(prices.shape)
                side.flags.writeable = strength.flags.writeable = not sealed
                full = Signals(side=side, strength=strength, weight=strength, limit=prices, stop_loss=strength)
                for signals in (Signals(side=side), full):
                    run(Case(bars=bars, signals=signals, config=BacktestConfig()))
    assert len(simulate.advance.signatures) == before


def test_brackets_on_every_bar_are_worked_as_the_oracle_works_them() -> None:
    case = bracketed(60)
    outcome = plain_simulate(case.signals, case.bars, case.config)
    history = with_excursions(run(case), case.bars)
    assert differences(history, outcome) == []
    assert len(history.ambiguous) > 150


@pytest.mark.parametrize("intrabar", ["pessimistic", "optimistic", "ohlc"])
def test_hundreds_of_calls_on_one_bar_are_worked_as_the_oracle_works_them(intrabar: str) -> None:
    bars = bracketed(6).bars
    calls = [
        Command(bar=bar, call="buy", symbol=symbol, arguments={"quantity": 0.5, "limit": 50.0 - number / 100})
        for bar in (0, 3)
        for symbol in bars.symbols
        for number in range(100)
    ]
    config = BacktestConfig(intrabar=intrabar)
    case = Case(bars=bars, signals=Signals.hold(bars.shape), config=config, commands=tuple(calls))
    outcome = plain_simulate(case.signals, case.bars, case.config, commands=case.commands)
    assert differences(run_engine(case), outcome) == []
    assert len(outcome.orders) == 600
    assert len(outcome.fills) > 100


def test_many_symbols_on_few_bars_are_worked_by_name() -> None:
    count = 2_000
    prices = np.full((3, count), 10.0)
    names = [f"S{(7 * s) % count}" for s in range(count)]
    bars = Bars.from_numpy(np.arange(1, 4) * DAY, names, prices, prices, prices, prices)
    weights = np.full(prices.shape, np.nan)
    weights[0] = 2.0 / count
    history = run(Case(bars=bars, signals=Signals.from_targets(weights), config=BacktestConfig()))
    filled = [names[s] for s in history.fills["symbol"]]
    assert filled == sorted(names)[: count // 2]
    assert len(history.orders) == count
    assert history.cash[-1] == pytest.approx(0.0, abs=1e-4)


def test_a_commission_that_a_reverse_split_would_give_back_buys_nothing() -> None:
    case, _ = read("10/10 10/10v100 100/100v9000x0.1 | B . . | qty=100 cap=0.5 share=10 | | ")
    outcome = plain_simulate(case.signals, case.bars, case.config)
    history = with_excursions(run(case), case.bars)
    assert differences(history, outcome) == []
    assert history.cash[-1] >= -1e-9
