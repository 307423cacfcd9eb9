"""The shorthand that the hand-worked cases are written in: a run's inputs and what must come of it, on one line."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from tests.oracle.inputs import DAY, Case
from tests.oracle.records import Outcome

from hindcast.domain.backtest_config import BacktestConfig
from hindcast.domain.costs import Commission, Slippage
from hindcast.domain.sizing import FixedCash, FixedQuantity, Sizing, TargetWeight
from hindcast.engine import layout
from hindcast.engine.bars import Bars
from hindcast.engine.history import PortfolioHistory
from hindcast.engine.signals import Signals

WORDS = {"B": layout.SIGNAL_BUY, "S": layout.SIGNAL_SELL, ".": layout.SIGNAL_HOLD}
COMMISSION = {"order": "per_order", "share": "per_share", "rate": "rate", "min": "minimum", "max": "maximum"}
CONFIG = {
    "cash": "initial_capital",
    "lev": "max_leverage",
    "maint": "maintenance_margin",
    "borrow": "borrow_rate",
    "interest": "margin_rate",
    "pyr": "pyramiding",
    "lot": "lot_size",
    "cap": "max_participation",
}
SWITCHES: dict[str, tuple[str, object]] = {
    "close": ("fill_on", "close"),
    "short": ("allow_short", True),
    "reject": ("on_insufficient_cash", "reject"),
}
SIZERS: dict[str, Callable[[float], Sizing]] = {"qty": FixedQuantity, "value": FixedCash, "weight": TargetWeight}


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a person worked out."""

    fills: tuple[tuple[int, str, str, float, float, float, str], ...]  # bar, symbol, side, quantity, price, fee, reason
    orders: tuple[tuple[str, int, str], ...]  # state, bar of its end (0 = open), reason
    equity: float | None


def read(line: str) -> tuple[Case, Expected]:
    """``bars | signals | rules | fills | orders | equity at the end (optional)``; bars count from 1."""
    bars_text, signals_text, rules, fills, orders, *equity = [part.strip() for part in line.split("|")]
    bars, signals = _by_symbol(bars_text), _by_symbol(signals_text)
    words = rules.split()
    expected = Expected(
        fills=tuple(_fill(word) for word in fills.split(";") if word),
        orders=tuple(_order(word) for word in orders.split(",") if word),
        equity=_number(equity[0]) if equity else None,
    )
    case = Case(
        bars=_bars(bars, adjusted="adjusted" in words, days=int(_option(words, "days", "1"))),
        signals=_signals(signals, list(bars)),
        config=_config(words),
        warm_up=int(_option(words, "warm", "0")),
    )
    return case, expected


def seen(result: PortfolioHistory | Outcome) -> Expected:
    """The same of a run, by the engine or by the oracle."""
    if isinstance(result, Outcome):
        fills = [(f.bar, f.symbol, f.side, f.quantity, f.price, f.commission, f.reason) for f in result.fills]
        orders = [(order.status, order.closed, order.reason) for order in result.orders]
        equity = result.rows[-1].equity
    else:
        names, reasons = result.symbols, layout.REASON_NAMES
        fills = [
            (int(f["bar"]), names[f["symbol"]], int(f["side"]), float(f["quantity"]), float(f["price"]),
             float(f["commission"]), reasons[f["reason"]])
            for f in result.fills
        ]  # fmt: skip
        orders = [(layout.STATUS_NAMES[o["status"]], int(o["closed"]), reasons[o["reason"]]) for o in result.orders]
        equity = float(result.equity[-1])
    return Expected(
        fills=tuple((bar + 1, name, "buy" if side > 0 else "sell", *rest) for bar, name, side, *rest in fills),  # type: ignore[misc]  # a fill's own length
        orders=tuple((status, closed + 1, reason) for status, closed, reason in orders),
        equity=equity,
    )


def _by_symbol(text: str) -> dict[str, list[str]]:
    """``A: 10/10 11/12; B: …``; a single symbol needs no name."""
    parts = [part.strip() for part in text.split(";")]
    named = [part.split(":") if ":" in part else ["A", part] for part in parts]
    return {name.strip(): rest.split() for name, rest in named}


def _number(text: str) -> float:
    """A number, or a fraction such as 1000/12.5."""
    over, _, under = text.partition("/")
    return float(over) / float(under or 1)


def _bars(rows: dict[str, list[str]], *, adjusted: bool, days: int) -> Bars:
    """Each bar is ``open/close``, or ``-`` for none, then v (volume), x (split), d (dividend) with their numbers."""
    count = len(next(iter(rows.values())))
    columns = {name: np.full((count, len(rows)), np.nan) for name in ("open", "close", "volume", "split", "dividend")}
    for s, bars in enumerate(rows.values()):
        for t, text in enumerate(bars):
            prices = re.match(r"-|([\d.]+)/([\d.]+)", text)
            assert prices, f"{text!r} is no bar"
            if prices[1]:
                columns["open"][t, s], columns["close"][t, s] = float(prices[1]), float(prices[2])
            for letter, number in re.findall(r"([vxd])([\d.]+)", text):
                columns[{"v": "volume", "x": "split", "d": "dividend"}[letter]][t, s] = float(number)
    return Bars.from_numpy(
        np.arange(1, count + 1) * days * DAY,
        list(rows),
        columns["open"],
        np.maximum(columns["open"], columns["close"]),
        np.minimum(columns["open"], columns["close"]),
        columns["close"],
        columns["volume"],
        columns["split"],
        columns["dividend"],
        adjusted,
    )


def _signals(rows: dict[str, list[str]], symbols: list[str]) -> Signals:
    """``B``, ``S``, ``.``, or ``=weight``; ``*strength`` behind."""
    columns = [rows.get(name, ["."] * len(next(iter(rows.values())))) for name in symbols]
    cells = [[text.partition("*") for text in row] for row in zip(*columns, strict=True)]
    return Signals(
        side=np.array([[WORDS.get(word, layout.SIGNAL_TARGET) for word, _, _ in row] for row in cells], dtype=np.int8),
        weight=np.array([[float(word[1:]) if word[0] == "=" else np.nan for word, _, _ in row] for row in cells]),
        strength=np.array([[float(strength or 1) for _, _, strength in row] for row in cells]),
    )


def _option(words: list[str], name: str, default: str) -> str:
    found = [word.partition("=")[2] for word in words if word.partition("=")[0] == name]
    return found[0] if found else default


def _config(words: list[str]) -> BacktestConfig:
    options: dict[str, object] = {"initial_capital": 1000.0}
    fees: dict[str, object] = {}
    for word in words:
        name, _, value = word.partition("=")
        if name in COMMISSION:
            fees[COMMISSION[name]] = float(value)
        elif name in CONFIG:
            options[CONFIG[name]] = float(value)
        elif name == "bps":
            options["slippage"] = Slippage(bps=float(value))
        elif name in SIZERS:
            options["sizing"] = SIZERS[name](float(value))
        elif word in SWITCHES:
            option, setting = SWITCHES[word]
            options[option] = setting
        else:
            assert name in {"warm", "days", "adjusted"}, f"{word!r} is no rule"
    return BacktestConfig(**options, commission=Commission(**fees))


def _fill(text: str) -> tuple[int, str, str, float, float, float, str]:
    """``bar [symbol] buy|sell quantity@price [fee money] [reason]``."""
    found = re.fullmatch(r"(\d+) (?:(\w+) )?(buy|sell) ([\d./]+)@([\d./]+)(?: fee ([\d./]+))?(?: (\w+))?", text.strip())
    assert found, f"{text!r} is no fill"
    bar, symbol, side, quantity, price, fee, reason = found.groups()
    return int(bar), symbol or "A", side, _number(quantity), _number(price), _number(fee or "0"), reason or ""


def _order(text: str) -> tuple[str, int, str]:
    """``state [bar of its end] [reason]``."""
    status, *rest = text.split()
    bar = int(rest.pop(0)) if rest and rest[0].isdigit() else 0
    return status, bar, rest[0] if rest else ""
