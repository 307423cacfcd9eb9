"""Margin calls and ruin among orders and brackets, worked by hand."""

from __future__ import annotations

import pytest
from tests.unit.engine.order_runs import engine_differs, oracle_differs, params

MARGIN = """
a margin call ends the children of the position that it sells
    100 100 65 70 | 1: buy 200 tp=150 | lev=2 | 2 buy 200@100; 4 sell 200@70 margin | filled 2, cancelled 3 margin, filled 4 margin | 4000
the children of a position that stays stay, everything else is cancelled
    A: 100 100 65 65; B: 100 100 65 65 | 1: buy A 50 tp=150; buy B 150 tp=150; buy A 10 limit=50 | lev=2 | 2 A buy 50@100; 2 B buy 150@100; 4 B sell 150@65 margin | filled 2, filled 2, cancelled 3 margin, open, cancelled 3 margin, filled 4 margin
a child that stayed still does its work
    A: 100 100 65 65 151; B: 100 100 65 65 65 | 1: buy A 50 tp=150; buy B 150 | lev=2 | 2 A buy 50@100; 2 B buy 150@100; 4 B sell 150@65 margin; 5 A sell 50@151 | filled 2, filled 2, filled 5, filled 4 margin
a stop-loss in time leaves nothing to call
    100 100 99/99/64/65 | 1: buy 200 sl=80 | lev=2 | 2 buy 200@100; 3 sell 200@80 | filled 2, filled 3 | 6000
a margin call on a short ends its children
    100 100 140 130 | 1: sell 100 tp=50 | short | 2 sell 100@100; 4 buy 100@130 margin | filled 2, cancelled 3 margin, filled 4 margin | 7000
a close by hand after the margin call finds the position gone
    100 100 65 70 | 1: buy 200; 3: close | lev=2 | 2 buy 200@100; 4 sell 200@70 margin | filled 2, filled 4 margin, cancelled 4 position_closed | 4000
a low within the bar calls for nothing, only closes count
    100 100 100/100/30/100 | 1: buy 200 | lev=2 | 2 buy 200@100 | filled 2 | 10000
a limit buys as far as the leverage goes
    100 100/101/94/98 | 1: buy 200 limit=95 | lev=2 | 2 buy 200@95 | filled 2
a limit buys no further than the leverage goes
    100 100/101/94/98 | 1: buy 300 limit=95 | lev=2 | 2 buy 20000/95@95 | filled 2 insufficient_cash
a rest that waits for volume is cancelled by a margin call
    100 100v1500 65v0 70v9000 | 1: buy 200 | lev=2 cap=0.1 maint=0.5 | 2 buy 150@100; 4 sell 150@70 margin | cancelled 3 margin, filled 4 margin | 5500
"""

RUIN = """
ruin settles the position and ends its children
    100 100 40 100 | 1: buy 200 tp=150 | lev=2 | 2 buy 200@100; 3 sell 200@40 ruined | filled 2, cancelled 3 ruined | -2000
ruin ends what was ordered in other symbols
    A: 100 100 40; B: 100 100 100 | 1: buy A 200; 2: buy B 10 limit=90 | lev=2 | 2 A buy 200@100; 3 A sell 200@40 ruined | filled 2, cancelled 3 ruined | -2000
a gap through the stop-loss can be ruin, with nothing left to settle
    100 100 40 100 | 1: buy 200 sl=80 tp=150 | lev=2 | 2 buy 200@100; 3 sell 200@40 | filled 2, filled 3, cancelled 3 oco | -2000
nothing can be ordered after ruin
    100 100 40 100 100 | 1: buy 200; 3: buy 10; 4: buy 10 | lev=2 | 2 buy 200@100; 3 sell 200@40 ruined | filled 2 | -2000
a low within the bar is no ruin
    100 100 100/100/30/90 | 1: buy 200 | lev=2 | 2 buy 200@100 | filled 2 | 8000
ruin of a short ends its children
    100 100 250 100 | 1: sell 100 tp=50 | short | 2 sell 100@100; 3 buy 100@250 ruined | filled 2, cancelled 3 ruined | -5000
"""

CASES = params(MARGIN, RUIN)


@pytest.mark.parametrize("line", CASES)
def test_the_engine_fills_as_worked_by_hand(line: str) -> None:
    assert engine_differs(line) == []


@pytest.mark.parametrize("line", CASES)
def test_the_oracle_fills_as_worked_by_hand(line: str) -> None:
    assert oracle_differs(line) == []
