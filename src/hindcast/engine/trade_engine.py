"""TradeEngine: the typed face of the simulation kernel."""

from __future__ import annotations

from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from hindcast.domain.backtest_config import BacktestConfig
from hindcast.domain.errors import SimulationError, StrategyError
from hindcast.domain.sizing import FixedCash, FixedQuantity, TargetWeight
from hindcast.engine import layout
from hindcast.engine.bars import Bars
from hindcast.engine.history import PortfolioHistory
from hindcast.engine.kernels import simulate, state
from hindcast.engine.signals import Signals
from hindcast.engine.stamps import DAY_NS
from hindcast.engine.trades import match_trades

FloatArray = NDArray[np.float64]

Scalar = TypeVar("Scalar", bound=np.generic)

# Orders and fills to make room for at first. What is not written to takes no memory, only addresses.
MOST_ROOM: Final = 1_000_000

_NOTHING: Final = np.zeros((1, 1))


class TradeEngine:
    """Simulates decisions on bars: fills, orders and the books at every close."""

    def simulate(
        self, signals: Signals, market_data: Bars, config: BacktestConfig, *, warm_up: int = 0
    ) -> PortfolioHistory:
        """Trade the signals on the bars by the rules of the configuration.

        Parameters
        ----------
        signals : Signals of shape (T, S)
            Each decision is made with its own bar's close and filled on a later bar (or, with `fill_on="close"`, at
            that close).
        market_data : Bars of shape (T, S)
        config : BacktestConfig
        warm_up : int
            Signals on the first so many bars are ignored, and counted.

        Returns
        -------
        PortfolioHistory

        Raises
        ------
        StrategyError
            The signals have another shape than the bars, or targets without weights.
        SimulationError
            Prices or sizes are so large that the books exceed float64.

        Notes
        -----
        The rules stand in docs/concepts/simulation.md. Symbols are worked and summed in the order of their names, so
        the order of columns does not matter; the same input gives the same bytes.
        """
        rules = _rules(config)
        market = _market(market_data)
        decisions = _decisions(signals, market_data.shape, warm_up)
        books = _books(market_data, config.initial_capital, int(np.count_nonzero(decisions.side)))
        bars = len(market_data)
        reached = simulate.advance(market, decisions, books, rules, 0, bars)
        while reached < bars:
            books = _with_more_room(books)
            reached = simulate.advance(market, decisions, books, rules, reached, bars)
        return _history(market_data, config, books)


def _rules(config: BacktestConfig) -> state.Rules:
    commission = config.commission
    size_kind, size = _size(config)
    maintenance = config.maintenance_margin
    return state.Rules(
        per_order=commission.per_order,
        per_share=commission.per_share,
        rate=commission.rate,
        minimum=commission.minimum,
        maximum=np.inf if commission.maximum is None else commission.maximum,
        slippage=config.slippage.bps / 1e4,
        size_kind=size_kind,
        size=size,
        fill_on_close=config.fill_on == "close",
        allow_short=config.allow_short,
        max_leverage=config.max_leverage,
        maintenance=0.5 / config.max_leverage if maintenance is None else maintenance,
        borrow_rate=config.borrow_rate,
        margin_rate=config.margin_rate,
        pyramiding=config.pyramiding,
        lot=config.lot_size or 0.0,
        max_participation=config.max_participation or 0.0,
        reject=config.on_insufficient_cash == "reject",
    )


def _size(config: BacktestConfig) -> tuple[int, float]:
    match config.sizing:
        case TargetWeight(weight=weight):
            return layout.SIZE_TARGET_WEIGHT, weight
        case FixedQuantity(quantity=quantity):
            return layout.SIZE_FIXED_QUANTITY, quantity
        case FixedCash(cash=cash):
            return layout.SIZE_FIXED_CASH, cash


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
        close=panel.close,
        volume=panel.volume,
        has_actions=has_actions,
        split=_read_only(split),
        dividend=_read_only(dividend),
        by_name=np.array(sorted(range(len(bars.symbols)), key=lambda s: bars.symbols[s]), dtype=np.int64),
    )


def _decisions(signals: Signals, shape: tuple[int, int], warm_up: int) -> state.Decisions:
    strength, weight = signals.strength, signals.weight
    for name, array in (("side", signals.side), ("strength", strength), ("weight", weight)):
        if array is not None and array.shape != shape:
            raise StrategyError(f"{name} has shape {array.shape}; expected {shape} (bars, symbols)")
    if weight is None and (signals.side == layout.SIGNAL_TARGET).any():
        raise StrategyError("signals hold targets but no `weight`; expected target weights of shape (bars, symbols)")
    return state.Decisions(
        side=_read_only(np.ascontiguousarray(signals.side, dtype=np.int8)),
        has_strength=strength is not None,
        strength=_read_only(_NOTHING if strength is None else np.ascontiguousarray(strength, dtype=np.float64)),
        weight=_read_only(_NOTHING if weight is None else np.ascontiguousarray(weight, dtype=np.float64)),
        warm_up=warm_up,
    )


def _books(bars: Bars, initial_capital: float, signals: int) -> state.Books:
    count, symbols = bars.shape
    room = 8 * symbols + min(signals, MOST_ROOM)
    books = state.Books(
        positions=np.zeros(symbols, dtype=layout.POSITION_DTYPE),
        working=np.zeros(4 * symbols, dtype=np.int64),
        orders=np.empty(room, dtype=layout.ORDER_DTYPE),
        fills=np.empty(room, dtype=layout.FILL_DTYPE),
        counts=np.zeros(state.COUNTS, dtype=np.int64),
        money=np.zeros(state.MONEYS),
        curve=np.empty((count, state.CURVES)),
    )
    books.positions["mark"] = np.nan
    books.positions["signal_order"] = -1
    books.positions["margin_order"] = -1
    books.money[state.CASH] = initial_capital
    books.money[state.RECORDED_CASH] = initial_capital
    books.counts[state.RUINED_AT] = -1
    return books


def _with_more_room(books: state.Books) -> state.Books:
    """The same books with twice the room for orders and fills."""
    orders = np.empty(2 * len(books.orders), dtype=layout.ORDER_DTYPE)
    fills = np.empty(2 * len(books.fills), dtype=layout.FILL_DTYPE)
    orders[: len(books.orders)] = books.orders
    fills[: len(books.fills)] = books.fills
    return books._replace(orders=orders, fills=fills)


def _history(bars: Bars, config: BacktestConfig, books: state.Books) -> PortfolioHistory:
    fills = _sealed(books.fills[: books.counts[state.COUNT_FILLS]])
    orders = _sealed(books.orders[: books.counts[state.COUNT_ORDERS]])
    curve = _sealed(np.ascontiguousarray(books.curve.T))
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
    return PortfolioHistory(
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
        ruined_at=int(books.counts[state.RUINED_AT]),
        ignored_signals=int(books.counts[state.COUNT_IGNORED]),
        stale_symbols=tuple(sorted(stale)),
    )


def _read_only(array: NDArray[Scalar]) -> NDArray[Scalar]:
    """A view that can't be written to: numba compiles each kernel anew for arrays that can."""
    return _sealed(array.view())


def _sealed(array: NDArray[Scalar]) -> NDArray[Scalar]:
    array.flags.writeable = False
    return array
