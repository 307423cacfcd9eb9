"""Hand-worked order cases, run: by the engine, by the oracle, and as their mirror image."""

from __future__ import annotations

from dataclasses import replace
from math import isclose
from typing import Any, Final

import pytest
from tests.oracle import commands as commands_by_hand
from tests.oracle.records import Outcome
from tests.oracle.simulator import simulate
from tests.unit.engine.order_shorthand import EndLine, FillLine, OrderCase, Worked, read

from hindcast.engine import event_lane, layout
from hindcast.engine.bars import Bars
from hindcast.engine.context import Context
from hindcast.engine.history import PortfolioHistory
from hindcast.engine.signals import Signals
from hindcast.engine.trade_engine import TradeEngine

# A price p of the mirror image is 200 - p, so that prices around 100 stay there.
MIRROR: Final = 200.0
OTHER_SIDE: Final = {"buy": "sell", "sell": "buy", "close": "close", "cancel": "cancel"}
PRICES: Final = ("limit", "stop", "stop_loss", "take_profit")
TERMS: Final = ("quantity", "filled", "limit", "stop", "parent_id")
# Rules and words under which a sale is no mirror image of a purchase: what is a share of a price or of cash.
ONE_SIDED: Final = (
    *("onesided", "insufficient_cash", "no_short", "bad_price"),
    *("%", "weight", "target", "value=", "bps", "share=", "rate="),
)


def params(*tables: str) -> list[Any]:
    """The cases of tables of sentences and lines, each with its sentence as its name; none twice."""
    lines = [line.strip() for table in tables for line in table.strip().splitlines()]
    cases = list(zip(lines[::2], lines[1::2], strict=True))
    assert len({sentence for sentence, _ in cases}) == len(cases), "a sentence stands there twice"
    assert len({line for _, line in cases}) == len(cases), "a case stands there twice"
    return [pytest.param(line, id=sentence) for sentence, line in cases]


def mirrored(cases: list[Any]) -> list[Any]:
    """Those that have a mirror image: orders by hand in plain prices, without corporate actions."""
    return [case for case in cases if _has_mirror_image(case.values[0])]


def engine_differs(line: str) -> list[str]:
    """Where the engine does something else than was worked out."""
    case, expected = read(line)
    return disagreements(by_engine(case), expected)


def oracle_differs(line: str) -> list[str]:
    """Where the oracle does something else than was worked out."""
    case, expected = read(line)
    return disagreements(by_oracle(case), expected)


def mirror_differs(line: str) -> list[str]:
    """Where the engine treats the mirror image in another way."""
    case, expected = mirror_image(*read(line))
    return disagreements(by_engine(case), expected)


def disagreements(found: Worked, expected: Worked) -> list[str]:
    """What differs, in words; numbers are compared to 1e-12."""
    differing = []
    if len(found.fills) != len(expected.fills):
        differing.append(f"fills: {list(found.fills)}, expected {list(expected.fills)}")
    for fill, wanted in zip(found.fills, expected.fills, strict=False):
        plain = replace(fill, order=fill.order if wanted.order else 0)
        same = replace(plain, quantity=wanted.quantity, price=wanted.price, fee=wanted.fee) == wanted
        pairs = ((fill.quantity, wanted.quantity), (fill.price, wanted.price), (fill.fee, wanted.fee))
        if not same or not all(_close(*pair) for pair in pairs):
            differing.append(f"fill {fill}, expected {wanted}")
    if len(found.ends) != len(expected.ends):
        differing.append(f"orders: {list(found.ends)}, expected {list(expected.ends)}")
    for order, (end, ended) in enumerate(zip(found.ends, expected.ends, strict=False), 1):
        if (end.status, end.bar, end.reason) != (ended.status, ended.bar, ended.reason):
            differing.append(f"order {order}: {end}, expected {ended}")
        differing += [
            f"order {order} {name}: {end.terms[name]}, expected {value}"
            for name, value in ended.terms.items()
            if not _close(end.terms[name], value)
        ]
    if found.ambiguous != expected.ambiguous:
        differing.append(f"ambiguous: {found.ambiguous}, expected {expected.ambiguous} (order, bar)")
    if expected.equity is not None and not _close(found.equity or 0.0, expected.equity):
        differing.append(f"equity: {found.equity}, expected {expected.equity}")
    return differing


def by_engine(case: OrderCase) -> Worked:
    """The event lane on orders by hand, the vectorised lane on signals."""
    if case.signals is not None:
        return _seen(TradeEngine().simulate(case.signals, case.bars, case.config, warm_up=case.warm_up))

    def on_bar(context: Context) -> None:
        for command in case.commands:
            if command.bar == context.index + 1 and command.verb == "cancel":
                context.cancel(command.order_id)
            elif command.bar == context.index + 1:
                getattr(context, command.verb)(command.symbol, **command.arguments)

    return _seen(event_lane.play(on_bar, case.bars, case.config, warm_up=case.warm_up))


def by_oracle(case: OrderCase) -> Worked:
    """The same by the plain simulator."""
    commands = tuple(
        commands_by_hand.Command(
            bar=command.bar - 1,
            call=command.verb,
            symbol=command.symbol,
            arguments=command.arguments,
            order_id=command.order_id,
        )
        for command in case.commands
        if command.bar > case.warm_up
    )
    signals = case.signals or Signals.hold(case.bars.shape)
    return _told(simulate(signals, case.bars, case.config, warm_up=case.warm_up, commands=commands))


def mirror_image(case: OrderCase, expected: Worked) -> tuple[OrderCase, Worked]:
    """Every price p is 200 - p, every purchase a sale: what is bought low is sold high."""
    panel = case.bars.panel
    bars = Bars.from_numpy(
        case.bars.timestamps,
        case.bars.symbols,
        MIRROR - panel.open,
        MIRROR - panel.low,
        MIRROR - panel.high,
        MIRROR - panel.close,
        panel.volume,
    )
    image = replace(
        case,
        bars=bars,
        config=case.config.model_copy(update={"allow_short": True}),
        commands=tuple(
            replace(
                command,
                verb=OTHER_SIDE[command.verb],
                arguments={k: MIRROR - v if k in PRICES else v for k, v in command.arguments.items()},
            )
            for command in case.commands
        ),
    )
    fills = (replace(fill, side=OTHER_SIDE[fill.side], price=MIRROR - fill.price) for fill in expected.fills)
    ends = (
        replace(end, terms={name: MIRROR - value if name in PRICES else value for name, value in end.terms.items()})
        for end in expected.ends
    )
    return image, replace(expected, fills=tuple(fills), ends=tuple(ends))


def _has_mirror_image(line: str) -> bool:
    case, _ = read(line)
    panel = case.bars.panel
    assert panel.split is not None
    assert panel.dividend is not None
    actions = (panel.split != 1).any() or (panel.dividend != 0).any()
    return bool(case.commands) and not actions and not any(word in line for word in ONE_SIDED)


def _seen(history: PortfolioHistory) -> Worked:
    names = (*history.symbols, *history.extra_symbols)
    ambiguous = tuple(sorted((int(order) + 1, int(bar) + 1) for order, bar in history.ambiguous))
    marked = [bool(fill["ambiguous"]) for fill in history.fills]
    assert marked == [(int(f["order_id"]), int(f["bar"]) + 1) in ambiguous for f in history.fills], "marks on fills"
    fills = tuple(
        FillLine(
            bar=int(fill["bar"]) + 1,
            symbol=names[fill["symbol"]],
            side="buy" if fill["side"] > 0 else "sell",
            quantity=float(fill["quantity"]),
            price=float(fill["price"]),
            fee=float(fill["commission"]),
            reason=layout.REASON_NAMES[fill["reason"]],
            order=int(fill["order_id"]),
        )
        for fill in history.fills
    )
    ends = tuple(
        EndLine(
            status=layout.STATUS_NAMES[order["status"]],
            bar=int(order["closed"]) + 1,
            reason=layout.REASON_NAMES[order["reason"]],
            terms={name: float(order[name]) for name in TERMS},
        )
        for order in history.orders
    )
    return Worked(fills=fills, ends=ends, ambiguous=ambiguous, equity=float(history.equity[-1]))


def _told(outcome: Outcome) -> Worked:
    ambiguous = tuple(sorted((int(order), int(bar) + 1) for order, bar in outcome.ambiguous))
    assert [f.ambiguous for f in outcome.fills] == [(f.order_id, f.bar + 1) in ambiguous for f in outcome.fills], (
        "marks"
    )
    fills = tuple(
        FillLine(
            bar=fill.bar + 1,
            symbol=fill.symbol,
            side="buy" if fill.side > 0 else "sell",
            quantity=fill.quantity,
            price=fill.price,
            fee=fill.commission,
            reason=fill.reason,
            order=fill.order_id,
        )
        for fill in outcome.fills
    )
    ends = tuple(
        EndLine(
            status=order.status,
            bar=order.closed + 1,
            reason=order.reason,
            terms={name: float(getattr(order, name)) for name in TERMS},
        )
        for order in outcome.orders
    )
    return Worked(fills=fills, ends=ends, ambiguous=ambiguous, equity=outcome.rows[-1].equity)


def _close(found: float, expected: float) -> bool:
    return isclose(found, expected, rel_tol=1e-12, abs_tol=1e-9)
