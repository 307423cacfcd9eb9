"""Splits under working orders, worked by hand: quantities times the factor, prices divided by it."""

from __future__ import annotations

import pytest
from tests.unit.engine.order_runs import engine_differs, oracle_differs, params

ENTRIES = """
a limit is divided and its quantity multiplied
    100 50/51/47/49x2 | 1: buy 10 limit=96 | | 2 buy 20@48 | filled 2
a limit that still works shows its new price and quantity
    100 50/51/49/50x2 | 1: buy 10 limit=96 | | | open limit=48 quantity=20
an order that has ended keeps its price and quantity
    100 100 50x2 | 1: buy 10 limit=95; 2: cancel 1 | | | cancelled 2 user limit=95 quantity=10
a stop is divided
    100 50/53/49/52x2 | 1: buy 10 stop=104 | | 2 buy 20@52 | filled 2
a stop-limit is divided in both its prices
    100 53/54/52/53x2 | 1: buy 10 stop=104 limit=108 | | 2 buy 20@53 | filled 2
a reverse split multiplies the limit
    100 200/204/188/196x0.5 | 1: buy 10 limit=95 | | 2 buy 5@190 | filled 2
a weight at a limit is a quantity already
    100 50/51/45/48x2 | 1: buy weight=0.5 limit=100 | | 2 buy 100@50 | filled 2
a weight at the open is still money
    100 - -x2 50 | 1: buy weight=0.5 | | 4 buy 100@50 | filled 4
a rounded limit is divided, not rounded again
    100 48/49/47/48x2 | 1: buy 10 limit=95.5 | tick=0.5 | 2 buy 20@47.75 | filled 2
a dividend leaves the limit alone
    100 98/99/94/96d2 | 1: buy 10 limit=95 | | 2 buy 10@95 | filled 2
adjusted bars leave the limit alone
    100 100/101/94/98x2 | 1: buy 10 limit=95 | adjusted | 2 buy 10@95 | filled 2
another symbol's split leaves the limit alone
    A: 100 50/51/49/50x2; B: 100 100/101/94/98 | 1: buy B 10 limit=95 | | 2 B buy 10@95 | filled 2
the side of a stop is looked at by the split close
    100 -x2 50/53/49/52 | 2: buy 10 stop=52 | | 3 buy 10@52 | filled 3
the rest of a triggered stop is multiplied
    100 100/106/99/104v50 52x2v1000 | 1: buy 10 stop=105 | cap=0.1 | 2 buy 5@105; 3 buy 10@52 | filled 3
a trailing buy is divided in all that it follows
    100 49/50/45/46x2 46/48/44.5/47 | 1: buy 10 trail=5 | | 3 buy 20@47.5 | filled 3
"""

CHILDREN = """
a stop-loss is divided and its quantity multiplied
    100 100 50/51/44/46x2 | 1: buy 10 sl=90 tp=110 | | 2 buy 10@100; 3 sell 20@45 | filled 2, filled 3, cancelled 3 oco | 9900
a take-profit is divided and its quantity multiplied
    100 100 50/56/49/54x2 | 1: buy 10 sl=90 tp=110 | | 2 buy 10@100; 3 sell 20@55 | filled 2, cancelled 3 oco, filled 3 | 10100
a split is no fall to the stop-loss
    100 100 50/51/46/50x2 | 1: buy 10 sl=90 tp=110 | | 2 buy 10@100 | filled 2, open, open | 10000
a split with a gap below the stop-loss
    100 100 44/45/43/44x2 | 1: buy 10 sl=90 | | 2 buy 10@100; 3 sell 20@44 | filled 2, filled 3
a split on a bar without a price
    100 100 -x2 44/45/43/44 | 1: buy 10 sl=90 | | 2 buy 10@100; 4 sell 20@44 | filled 2, filled 4
a bracket that waits for its entry is divided, too
    100 50/51/49/50x2 50/56/49/54 | 1: buy 10 sl=90 tp=110 | | 2 buy 20@50; 3 sell 20@55 | filled 2, cancelled 3 oco, filled 3
a split between two fills of an entry
    100 99/101/98/100v60 50/51/49.5/50v1000x2 50/51/44/46v1000 | 1: buy 10 limit=100 sl=90 | cap=0.1 | 2 buy 6@99; 3 buy 8@50; 4 sell 20@45 | filled 3, filled 4
a trailing stop is divided in all that it follows
    100 100 50/51/47/49x2 | 1: buy 10; 2: sell 10 trail=5 | | 2 buy 10@100; 3 sell 20@47.5 | filled 2, filled 3
a trailing stop by a fraction keeps its fraction
    100 100 50/51/44/46x2 | 1: buy 10; 2: sell 10 trail%=0.1 | | 2 buy 10@100; 3 sell 20@45 | filled 2, filled 3
a trailing stop-loss keeps what it has reached
    100 100/104/97/103 51/52/49/50x2 | 1: buy 10 ts=5 | | 2 buy 10@100; 3 sell 20@49.5 | filled 2, filled 3
a trailing stop-loss that waits for its entry is divided
    100 50/51/48/50x2 50/51/48.25/49 | 1: buy 10 ts=5 | | 2 buy 20@50; 3 sell 20@48.5 | filled 2, filled 3
the odd lots of a split are stopped out whole
    100 100 60/61/59/60x1.5 60/61/50/55 | 1: buy 5 sl=75 | lot=1 | 2 buy 5@100; 4 sell 7.5@50 | filled 2, filled 4
a short's stop-loss is divided
    100 100 50/56/49/54x2 | 1: sell 10 sl=110 | short | 2 sell 10@100; 3 buy 20@55 | filled 2, filled 3
"""

CASES = params(ENTRIES, CHILDREN)


@pytest.mark.parametrize("line", CASES)
def test_the_engine_fills_as_worked_by_hand(line: str) -> None:
    assert engine_differs(line) == []


@pytest.mark.parametrize("line", CASES)
def test_the_oracle_fills_as_worked_by_hand(line: str) -> None:
    assert oracle_differs(line) == []
