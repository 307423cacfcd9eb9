"""One compiled loop over the bars: the seven steps of a bar, in their order."""

from __future__ import annotations

from hindcast.engine import layout
from hindcast.engine._jit import inner_kernel, stepping_kernel
from hindcast.engine.kernels import decisions as deciding
from hindcast.engine.kernels import expiry, ledger, matching, solvency, state
from hindcast.engine.kernels.state import Books, ByteArray, Decisions, FloatArray, IntArray, Market, RecordArray, Rules


@stepping_kernel
def advance(market: Market, decisions: Decisions, books: Books, rules: Rules, first: int, last: int) -> int:
    """Simulate bars first <= t < last; gives the bar to go on with.

    For each bar t: what was decided on bar t - 1 becomes orders (steps 6 and 7 of bar t - 1), then come steps 1 to 5
    of bar t. `last` = T + 1 does the decisions of the last bar, too; `first` = `last` does only the decisions of bar
    first - 1, without step 7. It stops early, before a bar, where the log could run out of space: the face then gives
    it more and goes on; and where a callback failed.
    """
    bars, symbols = market.close.shape
    side, by_name, close, high, low = decisions.side, market.by_name, market.close, market.high, market.low
    commands = decisions.commands
    positions, money, counts, curve = books.positions, books.money, books.counts, books.curve
    working, active = books.working, books.active
    room = min(len(books.orders), len(books.fills), len(books.ambiguous)) - 2 * symbols - 8
    financed = rules.borrow_rate > 0.0 or rules.margin_rate > 0.0
    eventful = financed or market.has_actions
    t = first
    while t < last or (t == first and t == last):
        if counts[state.RUINED_AT] >= 0:
            if first == last:
                return t
            if t < bars:
                _repeat_row(curve, t)
            t += 1
            continue
        decided = t > 0 and _has_decision(decisions.has_signals, side, commands, counts, t - 1)
        if decided or counts[state.COUNT_WORKING] > 0:
            # An order fills once a bar and step, and may bring two exits; positions may be closed or settled.
            coming = counts[state.COUNT_WORKING] + symbols + (_commands_of(commands, counts, t - 1) if decided else 0)
            most = max(counts[state.COUNT_ORDERS], counts[state.COUNT_FILLS], counts[state.COUNT_AMBIGUOUS])
            if most + 6 * coming > room or 6 * coming > len(working) or counts[state.HALTED] != 0:
                return t
        if decided:
            deciding.act_on_decisions(market, decisions, books, rules, t - 1)
        if first == last:
            return t
        # Twice: at the decision's own close (fill_on="close"), then on the bar itself.
        after = t + 1
        for turn in range(2):
            at_decision = turn == 0
            bar = t - 1 if at_decision else t
            if at_decision:
                # Also where nothing works: a margin call whose order the strategy has cancelled is made again.
                if not rules.fill_on_close or t == 0:
                    continue
            elif t == bars:
                continue
            elif eventful:
                if market.has_actions:
                    ledger.apply_corporate_actions(market, books, t)
                if financed and t > 0:
                    ledger.charge_financing(market, books, rules, t)
            if counts[state.COUNT_WORKING] > 0:
                if (
                    not at_decision
                    and counts[state.NEXT_EXPIRY] != state.NEVER
                    and market.timestamps[t] > counts[state.NEXT_EXPIRY]
                ):
                    expiry.expire_orders(books, t, market.timestamps[t])
                found = matching.wake_orders(working, counts[state.COUNT_WORKING], active, high, low, bar)
                counts[state.COUNT_ACTIVE] = found
                if found + counts[state.COUNT_IMMEDIATE] > 0:
                    matching.match_orders(market, books, rules, bar, at_decision)
            upto = bar + 1
            if not at_decision and not eventful and counts[state.COUNT_IMMEDIATE] == 0:
                # While nothing is decided and no bar reaches a working order, only prices move.
                at_work, expires = counts[state.COUNT_WORKING], counts[state.NEXT_EXPIRY]
                if (
                    at_work == 0
                    and symbols == 1
                    and decisions.has_signals
                    and counts[state.COUNT_COMMANDS] == len(commands)
                ):
                    end = min(last, bars)
                    while upto < end and side[upto - 1, 0] == layout.SIGNAL_HOLD:
                        upto += 1
                while upto < last and upto < bars:
                    if _has_decision(decisions.has_signals, side, commands, counts, upto - 1):
                        break
                    if at_work > 0 and (
                        (expires != state.NEVER and market.timestamps[upto] > expires)
                        or matching.wakes_any(working, at_work, high, low, upto)
                    ):
                        break
                    upto += 1
            reached = ledger.record_closes(close, by_name, positions, money, curve, rules.maintenance, bar, upto)
            if not at_decision:
                after = reached
            equity = curve[state.CURVE_EQUITY, reached - 1]
            if equity <= rules.maintenance * money[state.GROSS]:
                solvency.look_at_solvency(market, books, rules, reached - 1)
                if counts[state.RUINED_AT] >= 0:
                    if at_decision and t < bars:
                        _repeat_row(curve, t)
                    break
        t = after
    return last


@inner_kernel
def _has_decision(has_signals: bool, side: ByteArray, commands: RecordArray, counts: IntArray, t: int) -> bool:
    """Whether anything was decided on bar t."""
    if has_signals:
        for s in range(side.shape[1]):
            if side[t, s] != layout.SIGNAL_HOLD:
                return True
    done = counts[state.COUNT_COMMANDS]
    return done < len(commands) and commands[done]["bar"] == t


@inner_kernel
def _commands_of(commands: RecordArray, counts: IntArray, t: int) -> int:
    """How many commands of bar t are still to be done."""
    place = counts[state.COUNT_COMMANDS]
    while place < len(commands) and commands[place]["bar"] == t:
        place += 1
    return place - counts[state.COUNT_COMMANDS]


@inner_kernel
def _repeat_row(curve: FloatArray, t: int) -> None:
    for row in range(state.CURVES):  # assigning a slice would bring numba's text functions along, 2 s of compiling
        curve[row, t] = curve[row, t - 1]
