"""One compiled loop over the bars: the seven steps of a bar, in their order."""

from __future__ import annotations

from hindcast.engine._jit import inner_kernel, kernel
from hindcast.engine.kernels import decisions as deciding
from hindcast.engine.kernels import expiry, ledger, matching, solvency, state
from hindcast.engine.kernels.state import Books, Decisions, Market, Rules


@kernel
def advance(market: Market, decisions: Decisions, books: Books, rules: Rules, first: int, last: int) -> int:
    """Simulate bars first <= t < last; gives the bar to go on with.

    For each bar t: what was decided on bar t - 1 becomes orders (steps 6 and 7 of bar t - 1), then come steps 1 to 5
    of bar t. `last` = T + 1 does the decisions of the last bar, too; `first` = `last` does only the decisions of bar
    first - 1, without step 7. It stops early, before a bar, where the log could run out of space: the face then gives
    it more and goes on; and where a callback failed.
    """
    bars, symbols = market.close.shape
    side, by_name, close, high, low = decisions.side, market.by_name, market.close, market.high, market.low
    positions, money, counts, curve = books.positions, books.money, books.counts, books.curve
    working, active = books.working, books.active
    room = min(len(books.orders) - 8, len(books.fills) - 8, len(books.ambiguous) - 8)
    financed = rules.borrow_rate > 0.0 or rules.margin_rate > 0.0
    for t in range(first, max(last, first + 1)):
        if counts[state.RUINED_AT] >= 0:
            if t < bars and first < last:
                _repeat_row(curve, t)
            continue
        decided = t > 0 and deciding.has_decision(decisions, side, counts[state.COUNT_COMMANDS], t - 1)
        if decided or counts[state.COUNT_WORKING] > 0:
            # An order fills once a bar and step, and may bring two exits; positions may be closed or settled.
            coming = counts[state.COUNT_WORKING] + symbols + (_commands_of(decisions, counts, t - 1) if decided else 0)
            most = max(counts[state.COUNT_ORDERS], counts[state.COUNT_FILLS], counts[state.COUNT_AMBIGUOUS])
            if most + 6 * coming > room or 6 * coming > len(working) or counts[state.HALTED] != 0:
                return t
        if decided:
            deciding.act_on_decisions(market, decisions, books, rules, t - 1)
        if first == last:
            return t
        # Twice: at the decision's own close (fill_on="close"), then on the bar itself.
        for turn in range(2):
            at_decision = turn == 0
            bar = t - 1 if at_decision else t
            if at_decision:
                if not rules.fill_on_close or t == 0 or counts[state.COUNT_WORKING] == 0:
                    continue
            elif t == bars:
                continue
            else:
                if market.has_actions:
                    ledger.apply_corporate_actions(market, books, t)
                if financed and t > 0:
                    ledger.charge_financing(market, books, rules, t)
            if counts[state.COUNT_WORKING] > 0:
                if not at_decision and market.timestamps[t] > counts[state.NEXT_EXPIRY]:
                    expiry.expire_orders(books, t, market.timestamps[t])
                found = matching.wake_orders(working, counts[state.COUNT_WORKING], active, high, low, bar)
                counts[state.COUNT_ACTIVE] = found
                if found + counts[state.COUNT_IMMEDIATE] > 0:
                    matching.match_orders(market, books, rules, bar, at_decision)
            ledger.record_close(close, by_name, positions, money, curve, bar)
            if curve[bar, state.CURVE_EQUITY] <= rules.maintenance * money[state.GROSS]:
                solvency.look_at_solvency(market, books, rules, bar)
                if counts[state.RUINED_AT] >= 0:
                    if at_decision and t < bars:
                        _repeat_row(curve, t)
                    break
    return last


@inner_kernel
def _commands_of(decisions: Decisions, counts: state.IntArray, t: int) -> int:
    """How many commands of bar t are still to be done."""
    place = counts[state.COUNT_COMMANDS]
    while place < len(decisions.commands) and decisions.commands[place]["bar"] == t:
        place += 1
    return place - counts[state.COUNT_COMMANDS]


@inner_kernel
def _repeat_row(curve: state.FloatArray, t: int) -> None:
    for column in range(state.CURVES):  # assigning a slice would bring numba's text functions along, 2 s of compiling
        curve[t, column] = curve[t - 1, column]
