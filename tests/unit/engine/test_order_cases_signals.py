"""Signals that carry prices, worked by hand: limits, stops and brackets in a vectorised strategy's columns."""

from __future__ import annotations

import pytest
from tests.unit.engine.order_runs import engine_differs, oracle_differs, params

ENTRIES = """
a buy with a limit is sized by its limit
    100 100/101/94/98 | B[limit=95] . | | 2 buy 10000/95@95 | filled 2
a buy with a limit is no larger at a better open
    100 90/91/89/90 | B[limit=95] . | | 2 buy 10000/95@90 | filled 2
a buy with a stop is sized by its stop
    100 100/106/99/104 | B[stop=105] . | | 2 buy 10000/105@105 | filled 2
a buy with a stop is cut at a worse open
    100 110/111/109/110 | B[stop=105] . | | 2 buy 10000/110@110 | filled 2 insufficient_cash
a buy with stop and limit is a stop-limit
    100 109/110/106/108 | B[stop=105,limit=107] . | qty=10 | 2 buy 10@107 | filled 2
a buy with a trailing stop buys the turn
    100 98/99/90/92 92/96/91/95 | B[trail=5] . . | qty=10 | 3 buy 10@95 | filled 3
a buy with a trailing stop by a fraction
    100 100/101/80/90 90/101/89/100 | B[trail%=0.25] . . | qty=10 | 3 buy 10@100 | filled 3
a fixed sum is shared by the limit
    100 100/101/94/98 | B[limit=95] . | value=475 | 2 buy 5@95 | filled 2
strength scales what the limit buys
    100 100/101/94/98 | B*0.5[limit=95] . | | 2 buy 5000/95@95 | filled 2
the equity is shared among the panel's symbols before the limit
    A: 100 100/101/94/98; B: 100 100 | A: B[limit=95] .; B: . . | | 2 A buy 5000/95@95 | filled 2
a sell with a limit opens a short where that is allowed
    100 100/106/99/103 | S[limit=105] . | qty=10 short | 2 sell 10@105 | filled 2
with fills on the close a buy with a limit waits for the next bar
    100 100/101/94/98 | B[limit=95] . | close qty=10 | 2 buy 10@95 | filled 2
signals of one bar are worked by the names of their symbols, limits too
    Z: 100 100/101/94/98; A: 100 100/101/94/98 | Z: B[limit=95] .; A: B[limit=95] . | qty=100 | 2 A buy 100@95; 2 Z buy 500/95@95 | filled 2, filled 2 insufficient_cash
prices beside no signal are nothing
    100 100/101/94/98 | .[limit=95] . | | | | 10000
signals within the warm-up are ignored, whatever they carry
    100 100/101/94/98 98/99/94/97 | B[limit=95] B[limit=96] . | warm=1 qty=10 | 3 buy 10@96 | filled 3
a buy with a trailing stop is sized by its first level
    100 100/125/99/120 | B[trail=25] . | | 2 buy 80@125 | filled 2
"""

BRACKETS = """
a buy brings its bracket along
    100 100 100/111/99/108 | B[sl=90,tp=110] . . | qty=10 | 2 buy 10@100; 3 sell 10@110 | filled 2, cancelled 3 oco, filled 3
a buy brings its trailing stop-loss along
    100 100/104/96/103 103/103/98/101 | B[ts=5] . . | qty=10 | 2 buy 10@100; 3 sell 10@99 | filled 2, filled 3
a short brings its bracket along
    100 100 100/101/89/95 | S[sl=110,tp=90] . . | qty=10 short | 2 sell 10@100; 3 buy 10@90 | filled 2, cancelled 3 oco, filled 3
a buy while long is ignored, and the stop-loss stays
    100 100 100 | B[sl=90] B[sl=95] . | qty=10 | 2 buy 10@100 | filled 2, open stop=90
a sell closes the long and ends its children
    100 100 100 | B[sl=90,tp=110] S . | qty=10 | 2 buy 10@100; 3 sell 10@100 | filled 2, cancelled 3 position_closed, cancelled 3 position_closed, filled 3
once stopped out a buy opens anew, with the bracket of its own cell
    100 100 99/100/89/92 92/93/80/92 | B[sl=90] . B . | qty=10 | 2 buy 10@100; 3 sell 10@90; 4 buy 10@92 | filled 2, filled 3, filled 4
a further buy has a stop-loss of its own
    100 100 100 99/100/89/92 | B[sl=90] B[sl=95] . . | qty=10 pyr=1 | 2 buy 10@100; 3 buy 10@100; 4 sell 10@90; 4 sell 10@95 | filled 2, filled 4, filled 3, filled 4
a sell that turns a long into a short brings its own bracket
    100 100 100 100/101/89/95 | B S[sl=110,tp=90] . . | qty=10 short | 2 buy 10@100; 3 sell 20@100; 4 buy 10@90 | filled 2, filled 3, cancelled 4 position_closed, cancelled 4 position_closed
a sell that turns a long into a short is refused with a stop-loss on the wrong side
    100 100 100 | B S[sl=90] . | qty=10 short | 2 buy 10@100 | filled 2, rejected 2 wrong_side
a sell that turns a long into a short at a limit sizes the short by the limit
    100 100 100/126/99/120 | B S[limit=125] . | short weight=0.5 | 2 buy 50@100; 3 sell 90@125 | filled 2, filled 3
a sell that turns a long into a short by a trailing stop sizes the short by its first level
    100 100 100/101/94/96 | B S[trail=5] . | short weight=0.5 | 2 buy 50@100; 3 sell 9750/95@95 | filled 2, filled 3
a sell cancels the rest of an entry, closes what it bought, and ends its stop-loss
    100 99/101/98/100v60 100v1000 | B[limit=100,sl=90] S . | qty=10 cap=0.1 | 2 buy 6@99; 3 sell 6@100 | cancelled 2 replaced, cancelled 3 position_closed, filled 3
"""

EXITS = """
a sell with a limit takes its time
    100 100 100/104/99/103 103/106/102/105 | B S[limit=105] . . | qty=10 | 2 buy 10@100; 4 sell 10@105 | filled 2, filled 4
a sell with a stop is a stop-loss
    100 100 100/101/94/96 | B S[stop=95] . | qty=10 | 2 buy 10@100; 3 sell 10@95 | filled 2, filled 3
a sell with a trailing stop
    100 100 100/101/94/96 | B S[trail=5] . | qty=10 | 2 buy 10@100; 3 sell 10@95 | filled 2, filled 3
a sell that only closes has no use for a bracket
    100 100 99 | B S[sl=110,tp=80] . | qty=10 | 2 buy 10@100; 3 sell 10@99 | filled 2, filled 3
a sell that only closes does not mind a bracket of nonsense
    100 100 99 | B S[sl=-5,tp=500] . | qty=10 | 2 buy 10@100; 3 sell 10@99 | filled 2, filled 3
a sell stop above the market is on the wrong side, also to close
    100 100 100 | B S[stop=105] . | qty=10 | 2 buy 10@100 | filled 2, rejected 2 wrong_side
a further sell is ignored while the first one trails
    100 100 100/101/96/99 99/99/90/92 | B S[trail=5] S . | qty=10 | 2 buy 10@100; 4 sell 10@96 | filled 2, filled 4
a buy ends the trailing sell, and is then ignored
    100 100 100/101/96/99 99/99/90/92 | B S[trail=5] B . | qty=10 | 2 buy 10@100 | filled 2, cancelled 3 replaced
"""

ONE_ORDER = """
a further buy is ignored while a limit works
    100 100/101/96/99 99/99/94/97 | B[limit=95] B[limit=97] . | qty=10 | 3 buy 10@95 | filled 3
a sell cancels the limit that works, and is ignored while flat
    100 100/101/96/99 90 | B[limit=95] S . | qty=10 | | cancelled 2 replaced
a target cancels the limit that works, and acts
    100 100/101/96/99 100 | B[limit=95] =0.5 . | qty=10 | 3 buy 50@100 | cancelled 2 replaced, filled 3
a refused buy makes way for the next one
    100 100 100 | B[limit=-5] B . | qty=10 | 3 buy 10@100 | rejected 1 bad_price, filled 3
an ignored buy is not looked at
    100 100 100 | B B[limit=-5] . | qty=10 | 2 buy 10@100 | filled 2
a limit to sell finds the position stopped out when it would fill
    100 100 99/100/89/92 92 104/106/103/105 | B[sl=90] S[limit=105] . . . | qty=10 | 2 buy 10@100; 3 sell 10@90 | filled 2, filled 3, cancelled 5 position_closed
a buy cancels the limit to sell that was left behind, and opens anew
    100 100 99/100/89/92 92 92 | B[sl=90] S[limit=105] . B . | qty=10 | 2 buy 10@100; 3 sell 10@90; 5 buy 10@92 | filled 2, filled 3, cancelled 4 replaced, filled 5
"""

REFUSED = """
a target with a limit
    100 100 | =0.5[limit=95] . | | | rejected 1 bad_combination
a target with a stop-loss
    100 100 | =0.5[sl=90] . | | | rejected 1 bad_combination
a target with a trailing stop-loss
    100 100 | =0.5[ts=5] . | | | rejected 1 bad_combination
a buy with a limit and a trailing stop
    100 100 | B[limit=95,trail=5] . | qty=10 | | rejected 1 bad_combination
a buy with two kinds of stop-loss
    100 100 | B[sl=90,ts=5] . | qty=10 | | rejected 1 bad_combination
a buy with a stop below the market
    100 100 | B[stop=99] . | qty=10 | | rejected 1 wrong_side
a buy with a stop-loss above the market
    100 100 | B[sl=101] . | qty=10 | | rejected 1 wrong_side
a buy with a limit of zero
    100 100 | B[limit=0] . | qty=10 | | rejected 1 bad_price
a buy with an infinite take-profit
    100 100 | B[tp=inf] . | qty=10 | | rejected 1 bad_price
"""

CASES = params(ENTRIES, BRACKETS, EXITS, ONE_ORDER, REFUSED)


@pytest.mark.parametrize("line", CASES)
def test_the_engine_fills_as_worked_by_hand(line: str) -> None:
    assert engine_differs(line) == []


@pytest.mark.parametrize("line", CASES)
def test_the_oracle_fills_as_worked_by_hand(line: str) -> None:
    assert oracle_differs(line) == []
