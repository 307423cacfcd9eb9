"""What it means that the engine and the oracle agree: words and times exactly, numbers to 1e-9."""

from __future__ import annotations

from dataclasses import replace
from math import isclose, isnan, nan

from tests.oracle.records import Outcome, Trade

from hindcast.engine import layout
from hindcast.engine.bars import Bars
from hindcast.engine.history import PortfolioHistory, RecordArray
from hindcast.engine.trades import match_trades

RELATIVE = 1e-9


def with_excursions(history: PortfolioHistory, bars: Bars) -> PortfolioHistory:
    """The same history, its trades with the excursions that tables show."""
    panel = bars.panel
    split = None if bars.adjusted else panel.split
    trades, open_lots = match_trades(history.fills, close=panel.close, high=panel.high, low=panel.low, split=split)
    return replace(history, trades=trades, open_lots=open_lots)


def differences(history: PortfolioHistory, outcome: Outcome) -> list[str]:
    """Every disagreement, in words; empty where both say the same."""
    money = max([history.initial_capital, *(abs(row.equity) + row.gross for row in outcome.rows)])
    return [
        *_orders(history, outcome, money),
        *_fills(history, outcome, money),
        *_rows(history, outcome, money),
        *_trades("trade", history, history.trades, outcome.trades, money),
        *_trades("open lot", history, history.open_lots, outcome.open_lots, money),
        *_totals(history, outcome, money),
        *_ambiguous(history, outcome),
    ]


def _same(engine: float, oracle: float, scale: float = 0.0) -> bool:
    if isnan(engine) or isnan(oracle):
        return isnan(engine) and isnan(oracle)
    return isclose(engine, oracle, rel_tol=RELATIVE, abs_tol=RELATIVE * scale)


def _orders(history: PortfolioHistory, outcome: Outcome, money: float) -> list[str]:
    found = []
    names = history.symbols + history.extra_symbols
    if len(history.orders) != len(outcome.orders):
        found.append(f"orders: engine {len(history.orders)}, oracle {len(outcome.orders)}")
    for engine, oracle in zip(history.orders, outcome.orders, strict=False):
        words = {
            "id": (int(engine["order_id"]), oracle.order_id),
            "parent": (int(engine["parent_id"]), oracle.parent_id),
            "symbol": (names[engine["symbol"]], oracle.symbol),
            "status": (layout.STATUS_NAMES[engine["status"]], oracle.status),
            "reason": (layout.REASON_NAMES[engine["reason"]], oracle.reason),
            "created": (int(engine["created"]), oracle.created),
            "closed": (int(engine["closed"]), oracle.closed),
        }
        if oracle.reason != "bad_combination":
            words["type"] = (layout.TYPE_NAMES[engine["type"]], oracle.type)
            words["time in force"] = (layout.TIF_NAMES[engine["time_in_force"]], oracle.time_in_force)
        if oracle.filled > 0:
            words["side"] = (int(engine["side"]), oracle.side)
        numbers = {
            "filled": (float(engine["filled"]), oracle.filled, 0.0),
            "notional": (float(engine["notional"]), oracle.notional, 0.0),
            "charged": (float(engine["charged"]), oracle.charged, money),
        }
        if oracle.status != "rejected":
            numbers["limit"] = (float(engine["limit"]), oracle.limit, 0.0)
            numbers["stop"] = (float(engine["stop"]), oracle.stop, 0.0)
        if oracle.status == "filled" or (oracle.status == "open" and not isnan(oracle.remaining)):
            numbers["quantity"] = (float(engine["quantity"]), oracle.quantity, 0.0)
        found += [f"order {oracle.order_id} {k}: engine {a!r}, oracle {b!r}" for k, (a, b) in words.items() if a != b]
        found += [
            f"order {oracle.order_id} {k}: engine {a!r}, oracle {b!r}"
            for k, (a, b, scale) in numbers.items()
            if not _same(a, b, scale)
        ]
    return found


def _fills(history: PortfolioHistory, outcome: Outcome, money: float) -> list[str]:
    found = []
    if len(history.fills) != len(outcome.fills):
        found.append(f"fills: engine {len(history.fills)}, oracle {len(outcome.fills)}")
    for number, (engine, oracle) in enumerate(zip(history.fills, outcome.fills, strict=False), 1):
        words = {
            "bar": (int(engine["bar"]), oracle.bar),
            "symbol": (history.symbols[engine["symbol"]], oracle.symbol),
            "side": (int(engine["side"]), oracle.side),
            "order": (int(engine["order_id"]), oracle.order_id),
            "reason": (layout.REASON_NAMES[engine["reason"]], oracle.reason),
            "ambiguous": (int(engine["ambiguous"]), int(oracle.ambiguous)),
        }
        slippage = abs(oracle.price - oracle.unslipped) * oracle.quantity
        numbers = {
            "quantity": (float(engine["quantity"]), oracle.quantity, 0.0),
            "price": (float(engine["price"]), oracle.price, 0.0),
            "commission": (float(engine["commission"]), oracle.commission, money),
            "slippage": (float(engine["slippage"]), slippage, money),
            "position": (float(engine["position"]), oracle.position, oracle.quantity),
            "average cost": (float(engine["average_cost"]), oracle.average_cost, 0.0),
            "realised": (float(engine["realised"]), oracle.realised, money),
        }
        found += [f"fill {number} {k}: engine {a!r}, oracle {b!r}" for k, (a, b) in words.items() if a != b]
        found += [
            f"fill {number} {k}: engine {a!r}, oracle {b!r}"
            for k, (a, b, scale) in numbers.items()
            if not _same(a, b, scale)
        ]
    return found


def _rows(history: PortfolioHistory, outcome: Outcome, money: float) -> list[str]:
    found = []
    for bar, row in enumerate(outcome.rows):
        for name, engine, oracle in (
            ("equity", history.equity[bar], row.equity),
            ("cash", history.cash[bar], row.cash),
            ("gross exposure", history.gross_exposure[bar], row.gross),
            ("net exposure", history.net_exposure[bar], row.net),
        ):
            if not _same(float(engine), oracle, money):
                found.append(f"bar {bar} {name}: engine {float(engine)!r}, oracle {oracle!r}")
    return found


def _trades(
    word: str, history: PortfolioHistory, engine_trades: RecordArray, oracle_trades: list[Trade], money: float
) -> list[str]:
    engines = sorted(engine_trades, key=lambda trade: (history.symbols[trade["symbol"]], int(trade["exit_bar"])))
    oracles = sorted(oracle_trades, key=lambda trade: (trade.symbol, trade.exit_bar))
    if len(engines) != len(oracles):
        return [f"{word}s: engine {len(engines)}, oracle {len(oracles)}"]
    found = []
    largest = dict.fromkeys(history.symbols, 0.0)
    for fill in history.fills:
        name = history.symbols[fill["symbol"]]
        largest[name] = max(largest[name], float(fill["quantity"]))
    for number, (engine, oracle) in enumerate(zip(engines, oracles, strict=True), 1):
        # What is left of a lot is a difference: its last digits are those of the largest fill that it came through.
        rounding = 1e-14 / RELATIVE * largest[oracle.symbol]
        pairs = {
            "symbol": (history.symbols[engine["symbol"]], oracle.symbol),
            "side": (int(engine["side"]), oracle.side),
            "entry bar": (int(engine["entry_bar"]), oracle.entry_bar),
            "exit bar": (int(engine["exit_bar"]), oracle.exit_bar),
        }
        numbers = {
            "quantity": (oracle.quantity, rounding),
            "entry_price": (oracle.entry_price, 0.0),
            "exit_price": (oracle.exit_price, 0.0),
            "commission": (oracle.commission, money),
            "pnl": (oracle.pnl, money),
            "return": (oracle.pnl / (oracle.entry_price * oracle.quantity) if oracle.entry_price else nan, 1.0),
            "mae": (oracle.worst, 1.0),
            "mfe": (oracle.best, 1.0),
        }
        found += [f"{word} {number} {k}: engine {a!r}, oracle {b!r}" for k, (a, b) in pairs.items() if a != b]
        found += [
            f"{word} {number} {k}: engine {float(engine[k])!r}, oracle {b!r}"
            for k, (b, scale) in numbers.items()
            if not _same(float(engine[k]), b, scale)
        ]
    return found


def _totals(history: PortfolioHistory, outcome: Outcome, money: float) -> list[str]:
    found = []
    for name, engine, oracle in (
        ("ruined at", history.ruined_at, outcome.ruined_at),
        ("ignored signals", history.ignored_signals, outcome.ignored_signals),
        ("stale symbols", sorted(history.stale_symbols), sorted(outcome.stale_symbols)),
    ):
        if engine != oracle:
            found.append(f"{name}: engine {engine!r}, oracle {oracle!r}")
    if not _same(history.total_financing, outcome.total_financing, money):
        found.append(f"financing: engine {history.total_financing!r}, oracle {outcome.total_financing!r}")
    if not _same(history.total_dividends, outcome.total_dividends, money):
        found.append(f"dividends: engine {history.total_dividends!r}, oracle {outcome.total_dividends!r}")
    return found


def _ambiguous(history: PortfolioHistory, outcome: Outcome) -> list[str]:
    """Which orders were ambiguous on which bars."""
    engine = sorted((int(history.orders["order_id"][index]), int(bar)) for index, bar in history.ambiguous)
    oracle = sorted(outcome.ambiguous)
    return [] if engine == oracle else [f"ambiguous (order, bar): engine {engine}, oracle {oracle}"]
