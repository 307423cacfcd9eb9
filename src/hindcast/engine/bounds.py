"""Bounds: what a run's own commands give under the other readings of its ambiguous bars."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from hindcast.domain.errors import InputError
from hindcast.engine import layout
from hindcast.engine.simulation import POLICIES, Simulation

if TYPE_CHECKING:
    from hindcast.domain.backtest_config import BacktestConfig
    from hindcast.engine.bars import Bars
    from hindcast.engine.history import PortfolioHistory

IntArray = NDArray[np.int64]
RecordArray = NDArray[np.void]

# By the column of the order log or of its terms that holds a price: the bit that says it was given.
_ORDER_PRICES: Final = (("limit", layout.GIVEN_LIMIT), ("stop", layout.GIVEN_STOP))
_BRACKET_PRICES: Final = (
    ("stop_loss", layout.GIVEN_STOP_LOSS),
    ("child_trail_amount", layout.GIVEN_CHILD_TRAIL_AMOUNT),
    ("child_trail_fraction", layout.GIVEN_CHILD_TRAIL_FRACTION),
    ("take_profit", layout.GIVEN_TAKE_PROFIT),
)
_TRAILING_PRICES: Final = (
    ("trail_amount", layout.GIVEN_TRAIL_AMOUNT),
    ("trail_fraction", layout.GIVEN_TRAIL_FRACTION),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Final equity, money, under each reading of the bars that leave the order of prices open.

    They are scenarios, not proven extremes over all paths.
    """

    lower: float
    upper: float
    by_policy: dict[str, float]  # "pessimistic", "optimistic", "ohlc"
    run: float  # of the run itself


def find_bounds(history: PortfolioHistory, bars: Bars, config: BacktestConfig) -> Bounds:
    """Replay a run's commands under the pessimistic, the optimistic and the ohlc reading of each bar.

    Parameters
    ----------
    history : PortfolioHistory
        The run, of either lane.
    bars : Bars
        The bars that it ran on.
    config : BacktestConfig
        The configuration that it ran by.

    Returns
    -------
    Bounds
        Without an ambiguous order all readings are the run itself, and nothing is replayed.

    Raises
    ------
    InputError
        The run has orders of types of one's own: what their executors were given is not recorded.

    Notes
    -----
    The recorded commands are replayed: orders with the quantities, or cash values, that they had in the run, and
    cancellations. What splits have changed later is replayed as it was made, so a replay under the run's own policy is
    the run. Exits of brackets and margin orders come from the replay's own fills; where the strategy cancelled one,
    that of the replay is cancelled, if it works then.
    """
    final = float(history.equity[-1])
    if len(history.ambiguous) == 0:
        return Bounds(lower=final, upper=final, by_policy=dict.fromkeys(POLICIES, final), run=final)
    commands = recorded_commands(history)
    found = {policy: replay(commands, bars, config, policy) for policy in POLICIES}
    return Bounds(lower=min(final, *found.values()), upper=max(final, *found.values()), by_policy=found, run=final)


def replay(commands: RecordArray, bars: Bars, config: BacktestConfig, policy: str) -> float:
    """Final equity, money, of commands (COMMAND_DTYPE) under a policy for the order of prices within a bar."""
    rules = config.model_copy(update={"intrabar": policy})
    simulation = Simulation(bars, rules, commands=len(commands))
    simulation.advance(0, len(bars) + 1, commands.copy())
    return float(simulation.history().equity[-1])


def recorded_commands(history: PortfolioHistory) -> RecordArray:
    """What a run was asked for, as commands (COMMAND_DTYPE) that can be replayed under any policy.

    Raises InputError where an order is of a type of one's own.
    """
    custom = np.unique(history.orders["type"][history.orders["type"] >= layout.TYPE_CUSTOM])
    if len(custom):
        names = ", ".join(repr(history.type_names[code]) for code in custom)
        raise InputError(f"orders of type {names} can't be replayed; bounds are found for built-in order types only")
    if history.lane == "event":
        return _of_commands(history)
    return _of_orders(history)


def ambiguous_orders(history: PortfolioHistory) -> tuple[IntArray, IntArray, NDArray[np.bool_]]:
    """(index of the order, bar, whether it filled there) of each order on a bar that can be read in several ways."""
    marks = np.unique(history.ambiguous, axis=0) if len(history.ambiguous) else history.ambiguous
    order, bar = marks[:, 0], marks[:, 1]
    order = order[np.argsort(bar, kind="stable")]
    bar = np.sort(bar, kind="stable")
    bars = len(history.timestamps)
    fills = (history.fills["order_id"] - 1) * bars + history.fills["bar"]
    return order, bar, np.isin(order * bars + bar, fills)


def _of_orders(history: PortfolioHistory) -> RecordArray:
    """Commands of the orders that signals made, and of the cancellations by later signals."""
    made = np.flatnonzero((history.orders["signal"] != layout.SIGNAL_HOLD) & _came_to_work(history))
    orders = history.orders[made]
    replaced = np.flatnonzero(
        (orders["status"] == layout.STATUS_CANCELLED) & (orders["reason"] == layout.REASON_REPLACED)
    )
    cancels = _blank(len(replaced))
    cancels["kind"] = layout.COMMAND_CANCEL_MADE
    cancels["bar"] = orders["closed"][replaced]
    commands = np.concatenate((cancels, _as_made(history, made)))
    sequence = np.argsort(commands["bar"], kind="stable")
    number = np.argsort(sequence)  # of each command, once they are in sequence
    commands["order"][: len(cancels)] = number[len(cancels) + replaced]
    return commands[sequence]


def _of_commands(history: PortfolioHistory) -> RecordArray:
    """The commands of an event-driven run; sizes that depend on its equity are what they came to."""
    commands, orders = history.commands.copy(), history.orders
    is_order = commands["kind"] == layout.COMMAND_ORDER
    made = commands["order"][is_order]
    recorded = _as_made(history, made)
    sized = np.isin(commands["ask"][is_order], (layout.ASK_WEIGHT, layout.ASK_TARGET_WEIGHT, layout.ASK_SIZER))
    for name in ("ask", "quantity", "value"):
        commands[name][is_order] = np.where(sized, recorded[name], commands[name][is_order])
    sizes = layout.GIVEN_QUANTITY | layout.GIVEN_WEIGHT
    given = commands["given"][is_order]
    commands["given"][is_order] = np.where(sized, (given & ~sizes) | (recorded["given"] & sizes), given)

    kept = np.zeros(len(commands), dtype=np.bool_)
    kept[is_order] = _came_to_work(history)[made]
    maker = np.full(len(orders), -1, dtype=np.int64)  # of each order, the command
    maker[made] = np.where(kept[is_order], np.flatnonzero(is_order), -1)
    target = commands["order"][~is_order]
    parent = orders["parent_id"][target]
    commands["role"][~is_order] = orders["role"][target]
    commands["symbol"][~is_order] = orders["symbol"][target]
    makers = maker[np.where(parent > 0, parent - 1, target)]
    is_margin = (parent == 0) & ~np.isin(target, made)
    kept[~is_order] = is_margin | (makers >= 0)
    number = np.cumsum(kept) - 1  # of each command that is kept
    commands["kind"][~is_order] = np.where(is_margin, layout.COMMAND_CANCEL_MARGIN, layout.COMMAND_CANCEL_MADE)
    commands["order"][~is_order] = np.where(is_margin, -1, number[makers])
    commands["order"][is_order] = -1
    return commands[kept]


def _came_to_work(history: PortfolioHistory) -> NDArray[np.bool_]:
    """Which orders were not rejected at their creation."""
    rejected: NDArray[np.bool_] = history.orders["status"] == layout.STATUS_REJECTED
    return ~rejected | (history.orders["worked"] >= 0)


def _as_made(history: PortfolioHistory, made: IntArray) -> RecordArray:
    """Commands that make these orders (indices) as they were at their creation."""
    orders, terms = history.orders[made], history.terms[made]
    commands = _blank(len(made))
    commands["bar"] = orders["created"]
    for name in ("symbol", "type", "time_in_force", "ask"):
        commands[name] = orders[name]
    ask = orders["ask"]
    commands["side"] = np.where(ask == layout.ASK_TARGET, 0, orders["side"])
    commands["quantity"] = np.where(ask == layout.ASK_QUANTITY, _before_splits("quantity", orders, terms), np.nan)
    commands["given"] = np.where(ask == layout.ASK_QUANTITY, layout.GIVEN_QUANTITY, 0)
    commands["value"] = _before_splits("value", orders, terms)
    trails = orders["type"] == layout.TYPE_TRAILING_STOP
    for prices, exist in (
        (_ORDER_PRICES, ~trails),
        (_TRAILING_PRICES, trails),
        (_BRACKET_PRICES, orders["bracket"] != 0),
    ):
        for name, bit in prices:
            commands[name] = price = np.where(exist, _before_splits(name, orders, terms), np.nan)
            commands["given"] |= np.where(np.isnan(price), 0, bit).astype(np.int16)
    dated = orders["time_in_force"] == layout.TIF_GTD
    commands["good_till"] = np.where(dated, terms["good_till"], 0)
    commands["given"] |= np.where(dated, layout.GIVEN_GOOD_TILL, 0).astype(np.int16)
    return commands


def _before_splits(name: str, orders: RecordArray, terms: RecordArray) -> NDArray[np.float64]:
    """A column of orders, or of their terms, as it was made; a fraction is no split's concern."""
    column: NDArray[np.float64] = (orders if name in (orders.dtype.names or ()) else terms)[name]
    made = f"made_{name}"
    if made not in (terms.dtype.names or ()):
        return column
    return np.where(orders["was_split"] == 1, terms[made], column)


def _blank(count: int) -> RecordArray:
    commands = np.zeros(count, dtype=layout.COMMAND_DTYPE)
    for name in layout.COMMAND_DTYPE.names or ():
        if layout.COMMAND_DTYPE[name].kind == "f":
            commands[name] = np.nan
    commands["order"] = -1
    return commands
