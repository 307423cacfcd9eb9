"""The accounting proof: at the end of each run its books are kept a second time, and must be the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from hindcast.domain.errors import SimulationError
from hindcast.engine.accounting_report import AccountingReport
from hindcast.engine.kernels import accounting as kernel
from hindcast.engine.kernels import accounting_checks as checks
from hindcast.engine.stamps import day_text

if TYPE_CHECKING:
    from hindcast.domain.backtest_config import BacktestConfig
    from hindcast.engine.bars import Bars
    from hindcast.engine.history import PortfolioHistory

FloatArray = NDArray[np.float64]
RecordArray = NDArray[np.void]
Scalar = TypeVar("Scalar", bound=np.generic)

_NONE: Final = np.empty((0, 0))

# By check: the identity that it belongs to, what the run recorded, what it should be.
_CHECKS: Final = {
    checks.EQUITY: ("equity", "equity", "cash plus positions at their marks"),
    checks.GROSS: ("equity", "gross exposure", "the size of all positions at their marks"),
    checks.NET: ("equity", "net exposure", "the sum of all positions at their marks"),
    checks.CASH: ("cash", "cash", "what fills, dividends and financing leave of the capital"),
    checks.CHANGE: (
        "change",
        "the change of equity",
        "realised and unrealised profit and dividends, less commissions and financing",
    ),
    checks.DIVIDENDS: ("change", "dividends in total", "positions times dividends"),
    checks.FINANCING: ("change", "financing in total", "the rates on what was borrowed"),
    checks.POSITION: ("positions", "the position after a fill", "the sum of the fills, splits included"),
    checks.COST: ("positions", "the average cost after a fill", "that of the fills"),
    checks.REALISED: ("positions", "the profit realised by a fill", "its price against the average cost"),
    checks.TRADES: ("trades", "the profit of the trades", "the profit of the fills, less commissions"),
    checks.PRICE: ("prices", "a fill's price before slippage", "within its bar; the nearest is"),
    checks.CASH_ONLY: ("buying power", "cash after a buy", "at least"),
    checks.SHORT: ("buying power", "the position after a sale", "at least"),
    checks.FILLED: ("orders", "the quantity that an order has filled", "the sum of its fills"),
    checks.NOTIONAL: ("orders", "the notional of an order", "the sum of its fills"),
    checks.CHARGED: ("orders", "the commission of an order", "the sum of its fills"),
    checks.ASKED: ("orders", "the quantity that an order has filled", "at most what it asked for:"),
    checks.STATE: ("orders", "an order", "to have one state, and an end unless it is open"),
    checks.FILL: ("orders", "a fill", "in time, of a symbol of the panel, with finite amounts"),
    checks.ORDER_OF_FILL: (
        "orders",
        "a fill",
        "of its order's symbol and side, after its creation, before its end",
    ),
    checks.TRADE: ("trades", "a trade", "of a symbol of the panel, ended within the run"),
}
IDENTITIES: Final = ("equity", "cash", "change", "positions", "trades", "prices", "orders")


def check_accounts(history: PortfolioHistory, bars: Bars, config: BacktestConfig) -> AccountingReport:
    """Recompute a run's books from its fills and bars, and compare.

    Parameters
    ----------
    history : PortfolioHistory
        A whole run, over all of the bars.
    bars : Bars of shape (T, S)
    config : BacktestConfig

    Returns
    -------
    AccountingReport

    Raises
    ------
    SimulationError
        An identity doesn't hold: the message names it, bar, symbol, what was recorded and what it should be.

    Notes
    -----
    The identities are those of docs/concepts/simulation.md, "What is checked", to 1e-9 of the money (or units) that
    each is about. Closes are read once; where nothing is held they aren't read at all.
    """
    panel, symbols = bars.panel, bars.shape[1]
    split, dividend = _actions(bars)
    proof = _proof(history, config)
    kernel.audit(
        _read_only(bars.timestamps),
        _read_only(panel.open),
        _read_only(panel.low),
        _read_only(panel.high),
        _read_only(panel.close),
        _read_only(split),
        _read_only(dividend),
        _read_only(history.equity),
        _read_only(history.cash),
        _read_only(history.gross_exposure),
        _read_only(history.net_exposure),
        _read_only(history.fills),
        _read_only(history.orders),
        _read_only(history.trades),
        _read_only(history.open_lots),
        proof,
        np.zeros(symbols, dtype=kernel.BOOK_DTYPE),
        np.zeros(len(history.orders), dtype=kernel.SUM_DTYPE),
        np.zeros(len(history.orders), dtype=np.int8),
        np.zeros(symbols),
        np.zeros(symbols),
        np.zeros(symbols, dtype=np.int64),
    )
    if proof["check"][0] >= 0:
        raise SimulationError(_message(proof[0], bars))
    found = proof[0]
    return AccountingReport(deviations=tuple((name, float(found[f"{name}_deviation"])) for name in IDENTITIES))


def _actions(bars: Bars) -> tuple[FloatArray, FloatArray]:
    """Splits and dividends that a run applies, each (0, 0) where there are none."""
    panel = bars.panel
    split = _NONE if bars.adjusted or panel.split is None else panel.split
    dividend = _NONE if bars.adjusted or panel.dividend is None else panel.dividend
    return split, dividend


def _proof(history: PortfolioHistory, config: BacktestConfig) -> RecordArray:
    proof = np.zeros(1, dtype=kernel.PROOF_DTYPE)
    given = proof[0]
    given["initial_capital"] = config.initial_capital
    given["borrow_rate"] = config.borrow_rate
    given["margin_rate"] = config.margin_rate
    given["allow_short"] = config.allow_short
    given["cash_only"] = config.max_leverage <= 1.0 and not config.allow_short
    given["at_once"] = config.fill_on == "close"
    given["ruined_at"] = history.ruined_at
    given["total_dividends"] = history.total_dividends
    given["total_financing"] = history.total_financing
    given["check"] = -1
    return proof


def _message(proof: np.void, bars: Bars) -> str:
    check, bar, symbol, number = (int(proof[name]) for name in ("check", "bar", "symbol", "number"))
    identity, what, rule = _CHECKS[check]
    where = f"bar {bar + 1}"
    if 0 <= bar < len(bars):
        where += f" ({day_text(bars.timestamps[bar])})"
    if 0 <= symbol < len(bars.symbols):
        where += f", {bars.symbols[symbol]}"
    if number >= 0:
        where += f", number {number + 1}"
    said = f"expected {rule}"
    if check < checks.FILL:
        said = f"recorded {float(proof['recorded'])!r}, expected {rule} {float(proof['expected'])!r}"
    return f"the books don't balance ({identity}): {what} on {where}: {said}"


def _read_only(array: NDArray[Scalar]) -> NDArray[Scalar]:
    """A contiguous view that can't be written to: the kernel is compiled for one type of array only."""
    view = np.ascontiguousarray(array).view()
    view.flags.writeable = False
    return view
