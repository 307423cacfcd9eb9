"""The file that a new strategy begins with: it works as it stands, and its comments say what to change."""

from __future__ import annotations

import re
from keyword import iskeyword
from pathlib import Path
from typing import Final

from hindcast.domain.errors import InputError, StorageError
from hindcast.strategies.builtin import BUILTIN_STRATEGIES

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,59}")

_VECTORISED: Final = '''"""A strategy of your own. Check it with `hindcast strategies check __name__`."""

from __future__ import annotations

import hindcast as hc
from hindcast.engine.indicators import rsi, sma


class __class__(hc.BaseStrategy):
    """Buy a dip in a rising market, sell when it has recovered."""

    STRATEGY_TYPE = "__name__"  # the name that commands and the service know it by

    class Config(hc.StrategyConfig):
        """Its parameters: each with a type, bounds, a default, and what it means."""

        trend: int = hc.Field(100, ge=2, le=1_000, description="Bars of the average that the close must be above")
        oversold: float = hc.Field(45.0, gt=0, lt=100, description="RSI(14) below which a dip is bought")
        recovered: float = hc.Field(60.0, gt=0, lt=100, description="RSI(14) above which it is sold")

    config: Config

    def calculate_indicators(self, data: hc.Bars):
        """Columns of shape (bars, symbols), computed once. Each value may depend on its own bar and those before."""
        close = data.panel.close  # also .open, .high, .low, .volume: numpy arrays; data.close is a pandas frame
        return {"trend": sma(close, self.config.trend), "rsi": rsi(close, 14)}

    def generate_signals(self, data: hc.Bars):
        """Decisions, one per bar and symbol: each is made with its bar's close, and filled on the next bar."""
        close, found = data.panel.close, data.indicators
        buy = (close > found["trend"]) & (found["rsi"] < self.config.oversold)
        sell = found["rsi"] > self.config.recovered
        return hc.Signals.from_entries(buy, sell)
        # Or target weights, shares of equity:  return hc.Signals.from_targets(weights)
        # Or with exits:  return hc.Signals.from_entries(buy, sell, stop_loss=0.95 * close, take_profit=1.10 * close)
'''
_EVENT: Final = '''"""A strategy of your own, called at each bar. Check it with `hindcast strategies check __name__`."""

from __future__ import annotations

import hindcast as hc
from hindcast.engine.indicators import sma


class __class__(hc.EventStrategy):
    """In a rising market, buy with a stop below and a target above."""

    STRATEGY_TYPE = "__name__"  # the name that commands and the service know it by

    class Config(hc.StrategyConfig):
        """Its parameters: each with a type, bounds, a default, and what it means."""

        trend: int = hc.Field(50, ge=2, le=1_000, description="Bars of the average that the close must be above")
        loss: float = hc.Field(0.05, gt=0, lt=1, description="Where the stop lies, as a share of the price")
        profit: float = hc.Field(0.10, gt=0, description="Where the target lies, as a share of the price")

    config: Config

    def calculate_indicators(self, data: hc.Bars):
        """Columns of shape (bars, symbols), computed once; on_bar sees them up to the bar at hand."""
        return {"trend": sma(data.panel.close, self.config.trend)}

    def on_bar(self, context: hc.Context) -> None:
        """Called after each bar's close, from the first bar on which all indicators have values."""
        trend = context.indicators["trend"]
        for symbol in context.symbols:
            position = context.position(symbol)  # .quantity, .price, .average_cost, .market_value, .unrealised
            level = trend[symbol][-1] if len(context.symbols) > 1 else trend[-1]
            if position.quantity or any(order.symbol == symbol for order in context.orders):
                continue  # it is in, or on its way in; what it brought along gets it out
            if position.price > level:
                context.buy(
                    symbol,
                    weight=0.9 / len(context.symbols),  # of equity; or quantity=10
                    stop_loss=(1 - self.config.loss) * position.price,
                    take_profit=(1 + self.config.profit) * position.price,
                )
        # Also: context.sell(...), .close(symbol), .target(symbol, 0.3), .cancel(order_id), .cash, .equity, .index
'''


def strategy_name(text: str) -> str:
    """A name as types and files have it: `Mean-Reversion` is mean_reversion. Raises InputError."""
    name = re.sub(r"[\s-]+", "_", text.strip()).lower()
    if not _NAME.fullmatch(name) or iskeyword(name):
        raise InputError(
            f"{text!r} can't be a strategy's name; expected a letter, then letters, digits and '_', at most 60, for "
            "example 'my_strategy'"
        )
    if name in BUILTIN_STRATEGIES:
        raise InputError(f"'{name}' is a built-in strategy's name; choose another, such as 'my_{name}'")
    return name


def strategy_source(name: str, *, event: bool = False) -> str:
    """The source of a new strategy of this name, vectorised or called at each bar."""
    words = "".join(part.capitalize() for part in name.split("_") if part)
    return (_EVENT if event else _VECTORISED).replace("__name__", name).replace("__class__", words)


def write_strategy(folder: Path, name: str, *, event: bool = False) -> Path:
    """Write a new strategy's file into a folder, which is made where it is not there; gives its path.

    Raises InputError for a name that can't be one, or whose file is there already; StorageError.
    """
    known = strategy_name(name)
    file = folder / f"{known}.py"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with file.open("x", encoding="utf-8") as new:
            new.write(strategy_source(known, event=event))
    except FileExistsError:
        raise InputError(f"{file} is there already, and stays as it is; choose another name") from None
    except OSError as error:
        raise StorageError(f"can't write {file}: {error.strerror or error}") from error
    return file
