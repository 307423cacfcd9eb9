"""The shorthand of the hand-worked order cases: a run's inputs and what must come of it, on one line.

A case is ``bars | what is decided | rules | fills | ends of the orders | ambiguous or equity (optional)``; bars and
orders count from 1.

- A bar is ``open/high/low/close``, ``open/close``, one price for all four, or ``-`` for none; behind it ``v`` volume,
  ``x`` split, ``d`` dividend.
- Orders by hand: ``1: buy 10 limit=95 sl=90 tp=110; 2: cancel 1``, a bar's further ones without its number. Signals:
  ``B``, ``S``, ``.`` and ``=weight``, one per bar, with ``*strength`` and ``[limit=95,sl=90]`` behind them.
- A fill is ``bar [#order] [symbol] buy|sell quantity@price [fee money] [reason]``; the end of an order ``state [bar]
  [reason]``, and what else it must hold: ``limit=95``.
- ``~ 2@3`` lists what is ambiguous: order 2 on bar 3. Not listed is not ambiguous.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np

from hindcast.domain.backtest_config import BacktestConfig
from hindcast.domain.costs import (
    BuiltInSlippage,
    Commission,
    HalfSpreadSlippage,
    Slippage,
    SquareRootSlippage,
    VolumeShareSlippage,
)
from hindcast.domain.sizing import (
    BuiltInSizing,
    FixedCash,
    FixedQuantity,
    Kelly,
    RiskPerTrade,
    TargetWeight,
    VolatilityTarget,
)
from hindcast.engine import layout
from hindcast.engine.bars import Bars
from hindcast.engine.signals import SIGNAL_PRICES, Signals

HOUR: Final = 3_600_000_000_000

SIGNAL_WORDS: Final = {"B": layout.SIGNAL_BUY, "S": layout.SIGNAL_SELL, ".": layout.SIGNAL_HOLD}
PRICE_WORDS: Final = {
    "limit": "limit",
    "stop": "stop",
    "trail": "trailing",
    "trail%": "trailing_pct",
    "sl": "stop_loss",
    "tp": "take_profit",
    "ts": "trailing_stop",
    "ts%": "trailing_stop_pct",
}
COMMISSION: Final = {"order": "per_order", "share": "per_share", "rate": "rate", "min": "minimum", "max": "maximum"}
NUMBERS: Final = {
    "cash": "initial_capital",
    "lev": "max_leverage",
    "maint": "maintenance_margin",
    "pyr": "pyramiding",
    "lot": "lot_size",
    "tick": "tick_size",
    "cap": "max_participation",
}
SWITCHES: Final[dict[str, tuple[str, object]]] = {
    "close": ("fill_on", "close"),
    "short": ("allow_short", True),
    "reject": ("on_insufficient_cash", "reject"),
    "touch": ("limit_fill", "touch"),
    "optimistic": ("intrabar", "optimistic"),
    "pessimistic": ("intrabar", "pessimistic"),
    "ohlc": ("intrabar", "ohlc"),
}
SLIPPAGES: Final[dict[str, Callable[[float], BuiltInSlippage]]] = {
    "bps": lambda number: Slippage(bps=number),
    "half": HalfSpreadSlippage,
    "volume_share": VolumeShareSlippage,
    "square_root": SquareRootSlippage,
}
SIZERS: Final[dict[str, Callable[[list[float]], BuiltInSizing]]] = {
    "qty": lambda numbers: FixedQuantity(*numbers),
    "value": lambda numbers: FixedCash(*numbers),
    "weight": lambda numbers: TargetWeight(*numbers),
    "risk": lambda numbers: RiskPerTrade(*numbers),
    "kelly": lambda numbers: Kelly(numbers[0], window=int(numbers[1])),
    "vol": lambda numbers: VolatilityTarget(numbers[0], window=int(numbers[1]), periods_per_year=numbers[2]),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One call of a strategy by hand."""

    bar: int  # from 1
    verb: str  # buy, sell, close, target, cancel
    symbol: str
    arguments: dict[str, Any]  # by their names
    order_id: int = 0  # what to cancel


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCase:
    """One run's inputs: signals, or commands by hand."""

    bars: Bars
    config: BacktestConfig
    commands: tuple[Command, ...]
    signals: Signals | None
    warm_up: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FillLine:
    """One fill."""

    bar: int
    symbol: str
    side: str
    quantity: float
    price: float
    fee: float
    reason: str
    order: int  # 0: of whichever order


@dataclass(frozen=True, slots=True, kw_only=True)
class EndLine:
    """What became of an order."""

    status: str
    bar: int  # 0 = open
    reason: str
    terms: dict[str, float]  # what else it must hold, by the names of the order log


@dataclass(frozen=True, slots=True, kw_only=True)
class Worked:
    """What a person worked out, or what a run did."""

    fills: tuple[FillLine, ...]
    ends: tuple[EndLine, ...]
    ambiguous: tuple[tuple[int, int], ...]  # order, bar; sorted
    equity: float | None


def read(line: str) -> tuple[OrderCase, Worked]:
    """A case, and what must come of it."""
    bars_text, decided, rules, fills, ends, *more = [part.strip() for part in line.split("|")]
    rows, words = _by_symbol(bars_text), rules.split()
    stamps = _stamps(len(next(iter(rows.values()))), words)
    by_hand = re.match(r"\d+:", decided) is not None
    case = OrderCase(
        bars=_bars(rows, stamps, adjusted="adjusted" in words),
        config=_config(words),
        commands=_commands(decided, stamps, next(iter(rows))) if by_hand else (),
        signals=None if by_hand else _signals(_by_symbol(decided), list(rows)),
        warm_up=int(_option(words, "warm", "0")),
    )
    ambiguous = [part[1:] for part in more if part.startswith("~")]
    equity = [part for part in more if not part.startswith("~")]
    expected = Worked(
        fills=tuple(_fill(text, next(iter(rows))) for text in fills.split(";") if text),
        ends=tuple(_end(text) for text in ends.split(",") if text),
        ambiguous=tuple(sorted(_pair(text) for text in " ".join(ambiguous).split())),
        equity=number(equity[0]) if equity else None,
    )
    return case, expected


def number(text: str) -> float:
    """A number, or a fraction such as 10000/95."""
    over, _, under = text.partition("/")
    return float(over) / float(under or 1)


def _by_symbol(text: str) -> dict[str, list[str]]:
    """``A: 10 11/12; B: …``; a single symbol needs no name."""
    parts = [part.strip() for part in text.split(";")]
    named = [part.split(":") if ":" in part else ["A", part] for part in parts]
    return {name.strip(): rest.split() for name, rest in named}


def _option(words: list[str], name: str, default: str) -> str:
    found = [word.partition("=")[2] for word in words if word.partition("=")[0] == name]
    return found[0] if found else default


def _stamps(count: int, words: list[str]) -> np.ndarray:
    """A day apart from the first of January 1970 on, or as many ``hours``."""
    return np.arange(count, dtype=np.int64) * int(_option(words, "hours", "24")) * HOUR


def _bars(rows: dict[str, list[str]], stamps: np.ndarray, *, adjusted: bool) -> Bars:
    names = ("open", "high", "low", "close", "volume", "split", "dividend")
    columns = {name: np.full((len(stamps), len(rows)), np.nan) for name in names}
    for s, bars in enumerate(rows.values()):
        for t, text in enumerate(bars):
            parts = re.fullmatch(r"(-|[\d.]+(?:/[\d.]+){0,3})((?:[vxd][\d.]+)*)", text)
            assert parts, f"{text!r} is no bar"
            if parts[1] != "-":
                prices = [float(price) for price in parts[1].split("/")]
                first, last = prices[0], prices[-1]
                assert len(prices) != 3, f"{text!r}: open/high/low/close, open/close, or one price"
                high, low = (prices[1], prices[2]) if len(prices) == 4 else (max(prices), min(prices))
                for name, price in zip(names, (first, high, low, last), strict=False):
                    columns[name][t, s] = price
            for letter, value in re.findall(r"([vxd])([\d.]+)", parts[2]):
                columns[{"v": "volume", "x": "split", "d": "dividend"}[letter]][t, s] = float(value)
    return Bars.from_numpy(
        stamps,
        list(rows),
        columns["open"],
        columns["high"],
        columns["low"],
        columns["close"],
        columns["volume"],
        columns["split"],
        columns["dividend"],
        adjusted,
    )


def _commands(text: str, stamps: np.ndarray, first_symbol: str) -> tuple[Command, ...]:
    commands, bar = [], 0
    for part in text.split(";"):
        numbered = re.match(r"\s*(\d+):", part)
        bar = int(numbered[1]) if numbered else bar
        verb, *words = part[numbered.end() if numbered else 0 :].split()
        assert verb in {"buy", "sell", "close", "target", "cancel"}, f"{verb!r} is no command"
        symbols = [word for word in words if word.isupper()]
        amounts = [word for word in words if re.fullmatch(r"-?[\d.]+|-?nan|-?inf", word)]
        arguments = dict(_argument(word, stamps) for word in words if word not in [*symbols, *amounts])
        if verb == "cancel":
            commands.append(Command(bar=bar, verb=verb, symbol="", arguments={}, order_id=int(amounts[0])))
            continue
        if amounts:
            arguments["weight" if verb == "target" else "quantity"] = float(amounts[0])
        symbol = symbols[0] if symbols else first_symbol
        commands.append(Command(bar=bar, verb=verb, symbol=symbol, arguments=arguments))
    return tuple(commands)


def _argument(word: str, stamps: np.ndarray) -> tuple[str, object]:
    name, _, value = word.partition("=")
    if name == "moc":
        return "on_close", True
    if name == "tif":
        return "time_in_force", value
    if name == "till":
        return "good_till", datetime.fromtimestamp(int(stamps[int(value) - 1]) / 1e9, tz=UTC)
    if name == "weight":
        return "weight", float(value)
    return PRICE_WORDS[name], float(value)


def _signals(rows: dict[str, list[str]], symbols: list[str]) -> Signals:
    shape = (len(next(iter(rows.values()))), len(symbols))
    side, strength = np.zeros(shape, dtype=np.int8), np.ones(shape)
    columns = {name: np.full(shape, np.nan) for name in ("weight", *SIGNAL_PRICES)}
    for s, name in enumerate(symbols):
        for t, text in enumerate(rows.get(name, ["."] * shape[0])):
            cell = re.fullmatch(r"([BS.]|=[-\w.]+)(?:\*([\d.]+))?(?:\[(.*)\])?", text)
            assert cell, f"{text!r} is no signal"
            side[t, s] = SIGNAL_WORDS.get(cell[1], layout.SIGNAL_TARGET)
            strength[t, s] = float(cell[2] or 1)
            columns["weight"][t, s] = float(cell[1][1:]) if cell[1][0] == "=" else np.nan
            for word in (cell[3] or "").split(","):
                if word:
                    option, _, value = word.partition("=")
                    columns[PRICE_WORDS[option]][t, s] = float(value)
    given = {name: column for name, column in columns.items() if not np.isnan(column).all()}
    return Signals(side=side, strength=None if (strength == 1).all() else strength, **given)


def _config(words: list[str]) -> BacktestConfig:
    options: dict[str, object] = {"initial_capital": 10_000.0}
    fees: dict[str, float] = {}
    for word in words:
        name, _, value = word.partition("=")
        if name in COMMISSION:
            fees[COMMISSION[name]] = float(value)
        elif name in NUMBERS:
            options[NUMBERS[name]] = float(value)
        elif name in SLIPPAGES:
            options["slippage"] = SLIPPAGES[name](float(value))
        elif name in SIZERS:
            options["sizing"] = SIZERS[name]([float(part) for part in value.split("/")])
        elif word in SWITCHES:
            option, setting = SWITCHES[word]
            options[option] = setting
        else:
            assert name in {"warm", "hours", "adjusted", "onesided"}, f"{word!r} is no rule"
    return BacktestConfig(**options, commission=Commission(**fees))


def _fill(text: str, first_symbol: str) -> FillLine:
    found = re.fullmatch(
        r"(\d+) (?:#(\d+) )?(?:(\w+) )?(buy|sell) ([\d./]+)@([\d./]+)(?: fee ([\d./]+))?(?: (\w+))?", text.strip()
    )
    assert found, f"{text!r} is no fill"
    bar, order, symbol, side, quantity, price, fee, reason = found.groups()
    return FillLine(
        bar=int(bar), symbol=symbol or first_symbol, side=side, quantity=number(quantity), price=number(price),
        fee=number(fee or "0"), reason=reason or "", order=int(order or 0),
    )  # fmt: skip


def _end(text: str) -> EndLine:
    status, *words = text.split()
    terms = {word.partition("=")[0]: number(word.partition("=")[2]) for word in words if "=" in word}
    plain = [word for word in words if "=" not in word]
    bar = int(plain.pop(0)) if plain and plain[0].isdigit() else 0
    return EndLine(status=status, bar=bar, reason=plain[0] if plain else "", terms=terms)


def _pair(text: str) -> tuple[int, int]:
    order, _, bar = text.partition("@")
    return int(order), int(bar)
