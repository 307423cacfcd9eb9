"""The engine's run of a case: its signals at once, or its script played call by call."""

from __future__ import annotations

from tests.oracle.agreement import with_excursions
from tests.oracle.inputs import Case

from hindcast.engine.context import Context
from hindcast.engine.event_lane import play
from hindcast.engine.history import PortfolioHistory
from hindcast.engine.trade_engine import TradeEngine


def run_engine(case: Case) -> PortfolioHistory:
    """By the vectorised lane, or by the event lane where the case has a script."""
    if case.commands:
        history = _play(case)
    else:
        history = TradeEngine().simulate(case.signals, case.bars, case.config, warm_up=case.warm_up)
    return with_excursions(history, case.bars)


def _play(case: Case) -> PortfolioHistory:
    def on_bar(context: Context) -> None:
        for command in case.commands:
            if command.bar == context.index and command.call == "cancel":
                context.cancel(command.order_id)
            elif command.bar == context.index:
                getattr(context, command.call)(command.symbol, **command.arguments)

    return play(on_bar, case.bars, case.config, warm_up=case.warm_up)
