"""Simulation: one run of the kernel, step by step; every lane goes through it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from hindcast.domain.backtest_config import BacktestConfig
from hindcast.domain.costs import Commission, HalfSpreadSlippage, Slippage, SquareRootSlippage, VolumeShareSlippage
from hindcast.domain.errors import SimulationError, StrategyError
from hindcast.domain.sizing import (
    FixedCash,
    FixedQuantity,
    Kelly,
    RiskPerTrade,
    TargetWeight,
    VolatilityTarget,
)
from hindcast.engine import layout
from hindcast.engine.accounting import check_accounts
from hindcast.engine.bars import Bars
from hindcast.engine.history import PortfolioHistory
from hindcast.engine.kernels import simulate, state
from hindcast.engine.model_calls import ModelCalls, has_models, raise_kept
from hindcast.engine.order_executors import OrderExecutor
from hindcast.engine.signals import SIGNAL_PRICES, Signals
from hindcast.engine.stamps import DAY_NS
from hindcast.engine.trades import match_trades

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
RecordArray = NDArray[np.void]

Scalar = TypeVar("Scalar", bound=np.generic)

# Orders and fills to make room for at first. What is not written to takes no memory, only addresses.
MOST_ROOM: Final = 1_000_000

POLICIES: Final = {
    "pessimistic": layout.PESSIMISTIC,
    "optimistic": layout.OPTIMISTIC,
    "ohlc": layout.OHLC,
}

_NOTHING: Final = np.zeros((1, 1))
_NO_PRICES: Final = np.zeros((0, 1, 1))
_NO_COMMANDS: Final = np.empty(0, dtype=layout.COMMAND_DTYPE)


class Simulation:
    """The books of one run, and the kernel that moves them on.

    Parameters
    ----------
    bars : Bars of shape (T, S)
    config : BacktestConfig
    signals : Signals of shape (T, S), optional
        What a vectorised strategy decided.
    warm_up : int
        Signals on the first so many bars are ignored, and counted.
    executors : OrderExecutor objects
        Order types of one's own; the first has the code TYPE_CUSTOM.
    commands : int
        How many commands to make room for at first.

    Attributes
    ----------
    orders, terms, fills, ambiguous : arrays with room to spare; `counts` says how much of them is written.
    order_parameters : what `context.submit` was given, by order id.

    Raises
    ------
    StrategyError
        The signals have another shape than the bars, or targets without weights.
    """

    def __init__(
        self,
        bars: Bars,
        config: BacktestConfig,
        *,
        signals: Signals | None = None,
        warm_up: int = 0,
        executors: Sequence[OrderExecutor] = (),
        commands: int = 0,
    ) -> None:
        self.bars = bars
        self.config = config
        self.executors = tuple(executors)
        self.order_parameters: dict[int, Mapping[str, object]] = {}
        self._calls = ModelCalls(self, bars, config) if has_models(config, executors) else None
        self._market = _market(bars)
        self._rules = _rules(config, 0 if self._calls is None else self._calls.address)
        self._decisions = _decisions(signals, bars.shape, warm_up)
        expected = commands if signals is None else int(np.count_nonzero(signals.side))
        self._take(_books(bars, config.initial_capital, expected))

    def _take(self, books: state.Books) -> None:
        self._books = books
        self.counts = books.counts
        self.money = books.money
        self.curve = books.curve
        self.positions = books.positions
        self.working = books.working
        self.orders = books.orders
        self.terms = books.terms
        self.fills = books.fills

    @property
    def type_names(self) -> tuple[str, ...]:
        """The order types by code, custom ones included."""
        return (*layout.TYPE_NAMES, *(executor.order_type for executor in self.executors))

    def advance(self, first: int, last: int, commands: RecordArray | None = None) -> None:
        """Simulate bars first <= t < last, each with what was decided on the bar before it.

        `last` = T + 1 also does the decisions of the last bar. `first` = `last` only turns the commands of bar
        first - 1 into orders. `commands` (COMMAND_DTYPE, by bar) are those not yet handed over; each is consumed once,
        and its `order` then holds the index of the order that it made. Raises what a model of a user's own raised.
        """
        decisions = self._decisions
        # Where only commands are to be placed, the kernel gives the same bar whether it did so or wants more room.
        to_place = 0
        if commands is not None:
            decisions = decisions._replace(commands=commands)
            self.counts[state.COUNT_COMMANDS] = 0
            to_place = len(commands) if first == last and self.counts[state.RUINED_AT] < 0 else 0
        reached = first
        while True:
            done = simulate.advance(self._market, decisions, self._books, self._rules, reached, last)
            if self._calls is not None and self._calls.error is not None:
                raise_kept(self._calls.error)
            if done >= last and self.counts[state.COUNT_COMMANDS] >= to_place:
                return
            reached = done
            self._take(_with_more_room(self._books))

    def history(self, extra_symbols: Sequence[str] = ()) -> PortfolioHistory:
        """What the run leaves behind. Raises SimulationError where the books exceed float64 or don't balance."""
        return _history(self.bars, self.config, self._books, self.type_names, tuple(extra_symbols))


def _rules(config: BacktestConfig, callback: int) -> state.Rules:
    commission = config.commission
    built_in = commission if isinstance(commission, Commission) else Commission()
    slippage_kind, slippage = _slippage(config)
    size_kind, size, window, periods = _size(config)
    maintenance = config.maintenance_margin
    return state.Rules(
        per_order=built_in.per_order,
        per_share=built_in.per_share,
        rate=built_in.rate,
        minimum=built_in.minimum,
        maximum=np.inf if built_in.maximum is None else built_in.maximum,
        custom_commission=not isinstance(commission, Commission),
        slippage_kind=slippage_kind,
        slippage=slippage,
        size_kind=size_kind,
        size=size,
        size_window=window,
        size_periods=periods,
        fill_on_close=config.fill_on == "close",
        touch=config.limit_fill == "touch",
        intrabar=POLICIES[config.intrabar],
        allow_short=config.allow_short,
        max_leverage=config.max_leverage,
        maintenance=0.5 / config.max_leverage if maintenance is None else maintenance,
        borrow_rate=config.borrow_rate,
        margin_rate=config.margin_rate,
        pyramiding=config.pyramiding,
        lot=config.lot_size or 0.0,
        tick=config.tick_size or 0.0,
        max_participation=config.max_participation or 0.0,
        reject=config.on_insufficient_cash == "reject",
        callback=callback,
    )


def _slippage(config: BacktestConfig) -> tuple[int, float]:
    match config.slippage:
        case Slippage(bps=bps):
            return layout.SLIP_BASIS_POINTS, bps / 1e4
        case HalfSpreadSlippage(amount=amount):
            return layout.SLIP_HALF_SPREAD, amount
        case VolumeShareSlippage(k=k):
            return layout.SLIP_VOLUME_SHARE, k
        case SquareRootSlippage(k=k):
            return layout.SLIP_SQUARE_ROOT, k
        case _:
            return layout.SLIP_CUSTOM, 0.0


def _size(config: BacktestConfig) -> tuple[int, float, int, float]:
    """(kind, size, window, periods per year) of the sizer."""
    match config.sizing:
        case TargetWeight(weight=weight):
            return layout.SIZE_TARGET_WEIGHT, weight, 0, 0.0
        case FixedQuantity(quantity=quantity):
            return layout.SIZE_FIXED_QUANTITY, quantity, 0, 0.0
        case FixedCash(cash=cash):
            return layout.SIZE_FIXED_CASH, cash, 0, 0.0
        case VolatilityTarget(target=target, window=window, periods_per_year=periods):
            return layout.SIZE_VOLATILITY_TARGET, target, window, periods
        case RiskPerTrade(fraction=fraction):
            return layout.SIZE_RISK_PER_TRADE, fraction, 0, 0.0
        case Kelly(fraction=fraction, window=window):
            return layout.SIZE_KELLY, fraction, window, 0.0
        case custom:
            in_cash = custom.unit == "cash"
            return layout.SIZE_CUSTOM_CASH if in_cash else layout.SIZE_CUSTOM_QUANTITY, 0.0, 0, 0.0


def _market(bars: Bars) -> state.Market:
    panel = bars.panel
    has_actions = not bars.adjusted and (panel.split is not None or panel.dividend is not None)
    split, dividend = _NOTHING, _NOTHING
    if has_actions:
        split = np.ones(bars.shape) if panel.split is None else panel.split
        dividend = np.zeros(bars.shape) if panel.dividend is None else panel.dividend
    return state.Market(
        timestamps=bars.timestamps,
        open=panel.open,
        high=panel.high,
        low=panel.low,
        close=panel.close,
        volume=panel.volume,
        has_actions=has_actions,
        split=_read_only(split),
        dividend=_read_only(dividend),
        by_name=np.array(sorted(range(len(bars.symbols)), key=lambda s: bars.symbols[s]), dtype=np.int64),
    )


def _decisions(signals: Signals | None, shape: tuple[int, int], warm_up: int) -> state.Decisions:
    no_columns = np.full(state.PRICES, -1, dtype=np.int64)
    if signals is None:
        return state.Decisions(
            side=_read_only(np.zeros((1, 1), dtype=np.int8)),
            has_signals=False,
            has_strength=False,
            strength=_read_only(_NOTHING),
            weight=_read_only(_NOTHING),
            price_columns=no_columns,
            prices=_read_only(_NO_PRICES),
            warm_up=warm_up,
            commands=_NO_COMMANDS,
        )
    strength, weight = signals.strength, signals.weight
    given = {name: column for name in SIGNAL_PRICES if (column := getattr(signals, name)) is not None}
    for name, array in (("side", signals.side), ("strength", strength), ("weight", weight), *given.items()):
        if array is not None and array.shape != shape:
            raise StrategyError(f"{name} has shape {array.shape}; expected {shape} (bars, symbols)")
    if weight is None and (signals.side == layout.SIGNAL_TARGET).any():
        raise StrategyError("signals hold targets but no `weight`; expected target weights of shape (bars, symbols)")
    for place, name in enumerate(given):
        no_columns[SIGNAL_PRICES.index(name)] = place
    prices = np.stack([*given.values()]).astype(np.float64, copy=False) if given else _NO_PRICES
    return state.Decisions(
        side=_read_only(np.ascontiguousarray(signals.side, dtype=np.int8)),
        has_signals=True,
        has_strength=strength is not None,
        strength=_read_only(_NOTHING if strength is None else np.ascontiguousarray(strength, dtype=np.float64)),
        weight=_read_only(_NOTHING if weight is None else np.ascontiguousarray(weight, dtype=np.float64)),
        price_columns=no_columns,
        prices=_read_only(np.ascontiguousarray(prices)),
        warm_up=warm_up,
        commands=_NO_COMMANDS,
    )


def _books(bars: Bars, initial_capital: float, decisions: int) -> state.Books:
    count, symbols = bars.shape
    room = 16 * symbols + 64 + min(decisions, MOST_ROOM)
    at_work = 16 * symbols + 64
    books = state.Books(
        positions=np.zeros(symbols, dtype=layout.POSITION_DTYPE),
        working=np.zeros(at_work, dtype=layout.WATCH_DTYPE),
        active=np.zeros(at_work, dtype=np.int64),
        orders=np.empty(room, dtype=layout.ORDER_DTYPE),
        terms=np.empty(room, dtype=layout.TERMS_DTYPE),
        fills=np.empty(room, dtype=layout.FILL_DTYPE),
        ambiguous=np.empty((room, 2), dtype=np.int64),
        request=np.zeros(1, dtype=layout.COMMAND_DTYPE),
        counts=np.zeros(state.COUNTS, dtype=np.int64),
        money=np.zeros(state.MONEYS),
        curve=np.empty((state.CURVES, count)),
    )
    books.positions["mark"] = np.nan
    books.positions["signal_order"] = -1
    books.positions["margin_order"] = -1
    books.positions["budget_bar"] = -1
    books.money[state.CASH] = initial_capital
    books.money[state.RECORDED_CASH] = initial_capital
    books.counts[state.RUINED_AT] = -1
    books.counts[state.NEXT_EXPIRY] = state.NEVER
    return books


def _with_more_room(books: state.Books) -> state.Books:
    """The same books with twice the room."""

    def larger(array: NDArray[Scalar]) -> NDArray[Scalar]:
        found = np.empty((2 * len(array), *array.shape[1:]), dtype=array.dtype)
        found[: len(array)] = array
        return found

    grown = {name: larger(getattr(books, name)) for name in ("orders", "terms", "fills", "ambiguous")}
    return books._replace(**grown, working=larger(books.working), active=larger(books.active))


def _history(
    bars: Bars,
    config: BacktestConfig,
    books: state.Books,
    type_names: tuple[str, ...],
    extra_symbols: tuple[str, ...],
) -> PortfolioHistory:
    counts = books.counts
    fills = _sealed(books.fills[: counts[state.COUNT_FILLS]])
    orders = _sealed(books.orders[: counts[state.COUNT_ORDERS]])
    curve = _sealed(books.curve)
    equity = curve[state.CURVE_EQUITY]
    if not np.isfinite(equity).all():
        bar = int(np.argmin(np.isfinite(equity)))
        raise SimulationError(f"equity at bar {bar + 1} is {equity[bar]}: prices or sizes exceed float64")
    panel = bars.panel
    split = None if bars.adjusted else panel.split
    trades, open_lots = match_trades(fills, close=panel.close, split=split)
    stamps = bars.timestamps
    held = np.flatnonzero(books.positions["quantity"])
    stale = [bars.symbols[s] for s in held if np.isnan(panel.close[-1, s])]
    history = PortfolioHistory(
        timestamps=stamps,
        start=int(stamps[0] - (stamps[1] - stamps[0] if len(stamps) > 1 else DAY_NS)),
        initial_capital=config.initial_capital,
        symbols=bars.symbols,
        equity=equity,
        cash=curve[state.CURVE_CASH],
        gross_exposure=curve[state.CURVE_GROSS],
        net_exposure=curve[state.CURVE_NET],
        orders=orders,
        fills=fills,
        trades=_sealed(trades),
        open_lots=_sealed(open_lots),
        total_financing=float(books.money[state.FINANCING]),
        total_dividends=float(books.money[state.DIVIDENDS]),
        ruined_at=int(counts[state.RUINED_AT]),
        ignored_signals=int(counts[state.COUNT_IGNORED]),
        stale_symbols=tuple(sorted(stale)),
        terms=_sealed(books.terms[: counts[state.COUNT_ORDERS]]),
        ambiguous=_sealed(books.ambiguous[: counts[state.COUNT_AMBIGUOUS]]),
        type_names=type_names,
        extra_symbols=extra_symbols,
    )
    return replace(history, accounting=check_accounts(history, bars, config))


def _read_only(array: NDArray[Scalar]) -> NDArray[Scalar]:
    """A view that can't be written to: numba compiles each kernel anew for arrays that can."""
    return _sealed(array.view())


def _sealed(array: NDArray[Scalar]) -> NDArray[Scalar]:
    array.flags.writeable = False
    return array
