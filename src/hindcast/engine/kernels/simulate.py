"""One compiled loop over the bars: the seven steps of a bar, in their order."""

from __future__ import annotations

from hindcast.engine import layout
from hindcast.engine._jit import kernel
from hindcast.engine.kernels import decisions as from_signals
from hindcast.engine.kernels import fills, ledger, solvency, state
from hindcast.engine.kernels.state import Books, ByteArray, Decisions, Market, Rules


@kernel
def advance(market: Market, decisions: Decisions, books: Books, rules: Rules, first: int, last: int) -> int:
    """Simulate bars first <= t < last; gives the bar to go on with.

    It stops early, before a bar, where the order log or the fills could run out of space: the face then gives them
    more and goes on.
    """
    symbols = market.close.shape[1]
    side, by_name, close = decisions.side, market.by_name, market.close
    positions, money, counts, curve = books.positions, books.money, books.counts, books.curve
    order_room = len(books.orders) - 3 * symbols
    fill_room = len(books.fills) - 5 * symbols
    financed = rules.borrow_rate > 0.0 or rules.margin_rate > 0.0
    for t in range(first, last):
        if counts[state.RUINED_AT] >= 0:
            curve[t] = curve[t - 1]
            continue
        if counts[state.COUNT_ORDERS] > order_room or counts[state.COUNT_FILLS] > fill_room:
            return t
        if market.has_actions:
            ledger.apply_corporate_actions(market, books, t)
        if financed and t > 0:
            ledger.charge_financing(market, books, rules, t)
        if counts[state.COUNT_WORKING] > 0 and not rules.fill_on_close:
            fills.match_market_orders(market, books, rules, t, False)
        ledger.record_close(close, by_name, positions, money, curve, t)
        if curve[t, state.CURVE_EQUITY] <= rules.maintenance * money[state.GROSS]:
            solvency.look_at_solvency(market, books, rules, t)
            if counts[state.RUINED_AT] >= 0:
                continue
        if _has_signal(side, t):
            from_signals.act_on_signals(market, decisions, books, rules, t)
        if rules.fill_on_close and counts[state.COUNT_WORKING] > 0:
            fills.match_market_orders(market, books, rules, t, True)
            ledger.record_close(close, by_name, positions, money, curve, t)
            if curve[t, state.CURVE_EQUITY] <= rules.maintenance * money[state.GROSS]:
                solvency.look_at_solvency(market, books, rules, t)
    return last


@kernel
def _has_signal(side: ByteArray, t: int) -> bool:
    for s in range(side.shape[1]):
        if side[t, s] != layout.SIGNAL_HOLD:
            return True
    return False
