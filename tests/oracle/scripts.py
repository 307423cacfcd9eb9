"""Random scripts of calls by hand: buy, sell, close, target and cancel, with all their arguments, good and bad."""

from __future__ import annotations

from datetime import timedelta
from math import inf, isnan, nan
from typing import Any

from hypothesis import strategies as st
from tests.oracle.choices import rarely
from tests.oracle.commands import EPOCH, Command
from tests.oracle.prices_near import near, order_prices

from hindcast.engine.bars import Bars

CALLS = ("buy", "sell", "buy", "buy", "sell", "close", "target", "cancel")
ONE_CHANCE = ("IOC", "FOK")


@st.composite
def scripts(draw: st.DrawFn, bars: Bars, capital: float) -> tuple[Command, ...]:
    """Up to three calls on each bar."""
    script: list[Command] = []
    for t in range(len(bars)):
        for _ in range(draw(st.sampled_from((1, 0, 2, 1, 3)))):
            call = draw(st.sampled_from(CALLS))
            if call == "cancel":
                script.append(Command(bar=t, call="cancel", order_id=draw(st.integers(0, 2 * len(script) + 2))))
                continue
            s = draw(st.integers(0, len(bars.symbols) - 1))
            symbol = draw(rarely(bars.symbols[s], "NONE", one_in=25))
            words: dict[str, Any] = {}
            if call == "target":
                words = {"weight": draw(st.sampled_from((0.5, 0.0, 1.0, -0.4, 0.1, nan, inf)))}
            elif call in {"buy", "sell"}:
                words = draw(orders(bars, t, s, 1 if call == "buy" else -1, capital))
            script.append(Command(bar=t, call=call, symbol=symbol, arguments=words))
    return tuple(script)


@st.composite
def orders(draw: st.DrawFn, bars: Bars, t: int, s: int, side: int, capital: float) -> dict[str, Any]:
    """The arguments of one buy or sell."""
    around = near(bars, t, s)
    words: dict[str, Any] = {**draw(_sizes(around.last, capital))}
    words |= draw(order_prices(around, side, bad=draw(rarely(False, True, one_in=12))))
    time_in_force = draw(st.sampled_from(("GTC", "GTC", "DAY", "GTD", "IOC", "FOK", "GTC")))
    if time_in_force in ONE_CHANCE and draw(rarely(True, False, one_in=5)):
        for name in ("stop", "trailing", "trailing_pct"):
            words.pop(name, None)
    if time_in_force != "GTC":
        words["time_in_force"] = time_in_force
    if draw(rarely(time_in_force == "GTD", time_in_force != "GTD", one_in=10)):
        stamps = [int(stamp) for stamp in bars.timestamps[t : t + 3]]
        stamp = draw(st.sampled_from((*stamps[1:], stamps[-1] + 1_000, stamps[0])))
        words["good_till"] = EPOCH + timedelta(microseconds=stamp // 1_000)
    if draw(rarely(False, True, one_in=8)):
        words["on_close"] = True
        if draw(rarely(True, False, one_in=5)):
            for name in ("limit", "stop", "trailing", "trailing_pct"):
                words.pop(name, None)
    return words


@st.composite
def _sizes(draw: st.DrawFn, last: float, capital: float) -> dict[str, float]:
    """A quantity, a weight, neither, or (a mistake) both."""
    whole = capital / (100.0 if isnan(last) else last)
    quantity = draw(st.sampled_from((0.3, 1.0, 0.07, 2.5))) * whole
    weight = draw(st.sampled_from((0.3, 1.0, 0.05, 2.0)))
    match draw(st.sampled_from(("quantity",) * 9 + ("weight",) * 5 + ("sizer",) * 5 + ("both", "bad", "bad weight"))):
        case "quantity":
            return {"quantity": quantity}
        case "weight":
            return {"weight": weight}
        case "both":
            return {"quantity": quantity, "weight": weight}
        case "bad":
            return {"quantity": draw(st.sampled_from((nan, 0.0, -3.0, inf)))}
        case "bad weight":
            return {"weight": draw(st.sampled_from((nan, 0.0, -0.5, inf)))}
    return {}
