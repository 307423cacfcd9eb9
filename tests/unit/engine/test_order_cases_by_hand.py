"""What a strategy asks for by hand, worked by hand: weights, targets, closes, cancellations."""

from __future__ import annotations

import pytest
from tests.unit.engine.order_runs import engine_differs, mirror_differs, mirrored, oracle_differs, params

WEIGHTS = """
a weight is a share of equity, priced at the open
    100 125 | 1: buy weight=0.5 | | 2 buy 40@125 | filled 2
a weight by hand is not shared among the panel's symbols
    A: 100 100; B: 100 100 | 1: buy A weight=0.5 | | 2 A buy 50@100 | filled 2
a weight at a limit is priced by the limit, whatever the open
    100 90/91/89/90 | 1: buy weight=0.38 limit=95 | | 2 buy 40@90 | filled 2
a weight at a stop is priced by the stop, whatever the open
    100 130/131/129/130 | 1: buy weight=0.5 stop=125 | | 2 buy 40@130 | filled 2
a weight at a stop-limit is priced by the limit
    100 119/126/118/124 | 1: buy weight=0.5 stop=120 limit=125 | | 2 buy 40@120 | filled 2
a weight at a trailing stop is priced by its first level
    100 100/125/99/120 | 1: buy weight=0.5 trail=25 | | 2 buy 40@125 | filled 2
a weight on the close is priced by the close
    100 110/130/100/125 | 1: buy weight=0.5 moc | | 2 buy 40@125 | filled 2
a weight on the close waits for the close that there is
    100 - 110/130/100/125 | 1: buy weight=0.5 moc | | 3 buy 40@125 | filled 3
with fills on the close a weight is priced by that close
    90/130/80/125 100 | 1: buy weight=0.5 | close | 1 buy 40@125 | filled 1
a weight is a share of the equity of its decision
    100 100/150/100/150 125 | 1: buy 50; 2: buy weight=0.2 | | 2 buy 50@100; 3 buy 20@125 | filled 2, filled 3
a weight can be sold
    100 100 100 | 1: buy 50; 2: sell weight=0.2 | | 2 buy 50@100; 3 sell 20@100 | filled 2, filled 3
a weight with a bracket
    100 125/126/124/125 125/141/124/138 | 1: buy weight=0.5 sl=90 tp=140 | | 2 buy 40@125; 3 sell 40@140 | filled 2, cancelled 3 oco, filled 3 | 10600
a weight is priced at the first open, even where no volume lets it fill there
    100 100v0 125v1000 | 1: buy weight=0.5 | cap=0.1 | 3 buy 50@125 | filled 3
"""

SIZES = """
neither quantity nor weight: what the sizer says
    100 100 | 1: buy | qty=7 | 2 buy 7@100 | filled 2
neither quantity nor weight: all the equity, shared among the panel's symbols
    A: 100 100; B: 100 100 | 1: buy A | | 2 A buy 50@100 | filled 2
a fixed sum at a limit
    100 90/91/89/90 | 1: buy limit=95 | value=475 | 2 buy 5@90 | filled 2
a sale without a quantity is the sizer's, not the position
    100 100 100 | 1: buy 10; 2: sell | qty=7 | 2 buy 10@100; 3 sell 7@100 | filled 2, filled 3
"""

TARGETS = """
a target by hand is priced at the open
    100 125 | 1: target 0.5 | | 2 buy 40@125 | filled 2
a lower target sells the difference
    100 100 100 | 1: target 0.5; 2: target 0.2 | | 2 buy 50@100; 3 sell 30@100 | filled 2, filled 3
a target of zero closes
    100 100 110 | 1: target 0.5; 2: target 0 | | 2 buy 50@100; 3 sell 50@110 | filled 2, filled 3
a target of zero while flat has nothing to close
    100 100 | 1: target 0 | | | cancelled 2 position_closed
a negative target without short sales closes
    100 100 110 | 1: target 0.5; 2: target -0.5 | | 2 buy 50@100; 3 sell 50@110 | filled 2, filled 3
a negative target opens a short where that is allowed
    100 100 | 1: target -0.5 | short | 2 sell 50@100 | filled 2
a target across zero is one order
    100 100 100 | 1: target 0.5; 2: target -0.3 | short | 2 buy 50@100; 3 sell 80@100 | filled 2, filled 3
a target leaves other orders at work
    100 100/101/94/98 | 1: buy 10 limit=95; target 0.5 | | 2 buy 50@100; 2 buy 10@95 | filled 2, filled 2
the same target twice finds nothing left to do
    100 100 | 1: target 0.5; target 0.5 | | 2 buy 50@100 | filled 2, rejected 2 too_small
a target counts what the position is when it works
    100 - 100 | 1: buy 20; 2: target 0.5 | | 3 buy 20@100; 3 buy 30@100 | filled 3, filled 3
"""

CLOSES = """
a close sells the whole position
    100 100 110 | 1: buy 10; 2: close | | 2 buy 10@100; 3 sell 10@110 | filled 2, filled 3
a close buys a short back
    100 100 90 | 1: sell 10; 2: close | short | 2 sell 10@100; 3 buy 10@90 | filled 2, filled 3
a close while flat has nothing to close
    100 100 | 1: close | | | cancelled 2 position_closed
a close waits for a bar that trades
    100 100 - 110 | 1: buy 10; 2: close | | 2 buy 10@100; 4 sell 10@110 | filled 2, filled 4
a close comes before a purchase of the same open, and does not sell it
    100 100 100 | 1: buy 10; 2: buy 5; close | | 2 buy 10@100; 3 sell 10@100; 3 buy 5@100 | filled 2, filled 3, filled 3
a close of what the same open is going to buy has nothing to close
    100 - 100 | 1: buy 10; close | | 3 buy 10@100 | filled 3, cancelled 3 position_closed
two closes sell once
    100 100 100 | 1: buy 10; 2: close; close | | 2 buy 10@100; 3 sell 10@100 | filled 2, filled 3, cancelled 3 position_closed
a close beside a sale sells what the sale leaves
    100 100 100 | 1: buy 10; 2: sell 4; close | | 2 buy 10@100; 3 sell 4@100; 3 sell 6@100 | filled 2, filled 3, filled 3
a close never opens a short
    100 100 100 | 1: buy 10; 2: sell 15; close | short | 2 buy 10@100; 3 sell 15@100 | filled 2, filled 3, cancelled 3 position_closed
a close works over several bars
    100 100v1000 100v60 110v1000 | 1: buy 10; 2: close | cap=0.1 | 2 buy 10@100; 3 sell 6@100; 4 sell 4@110 | filled 2, filled 4
with fills on the close a close is filled at that close
    100 100/120/90/110 | 1: buy 10; 2: close | close | 1 buy 10@100; 2 sell 10@110 | filled 1, filled 2
"""

CANCELS = """
a cancelled order does not fill
    100 100/101/96/99 90 | 1: buy 10 limit=95; 2: cancel 1 | | | cancelled 2 user
an order may be cancelled on the bar that it was made on
    100 100 | 1: buy 10; cancel 1 | | | cancelled 1 user
an order that is filled can't be cancelled
    100 100 100 | 1: buy 10; 2: cancel 1 | | 2 buy 10@100 | filled 2
an order that does not exist can't be cancelled
    100 100 | 1: buy 10; cancel 7 | | 2 buy 10@100 | filled 2
changing an order is cancelling it and making another
    100 100/101/96/99 99/99/94/97 | 1: buy 10 limit=90; 2: cancel 1; buy 10 limit=95 | | 3 buy 10@95 | cancelled 2 user, filled 3
what is left of an order is cancelled
    100 100v50 100v1000 | 1: buy 10; 2: cancel 1 | cap=0.1 | 2 buy 5@100 | cancelled 2 user
a triggered stop that waits for volume is cancelled
    100 100/106/99/104v0 104v1000 | 1: buy 10 stop=105; 2: cancel 1 | cap=0.1 | | cancelled 2 user
a rejected order can't be cancelled
    100 100 | 1: buy nan; cancel 1 | | | rejected 1 bad_quantity
with fills on the close a cancellation on the same bar comes first
    100 100 | 1: buy 10; cancel 1 | close | | cancelled 1 user
an order is cancelled on the last bar, too
    100 100 | 1: buy 10 limit=95; 2: cancel 1 | | | cancelled 2 user
"""

TAKEN_AS_GIVEN = """
purchases by hand add up, whatever the pyramiding
    100 100 100 | 1: buy 10; 2: buy 10 | | 2 buy 10@100; 3 buy 10@100 | filled 2, filled 3
several orders on one bar are worked in the order of their creation
    100 100 | 1: buy 60; buy 60 | | 2 buy 60@100; 2 buy 40@100 | filled 2, filled 2 insufficient_cash
orders by hand are worked as they were made, not by the names of their symbols
    A: 100 100; B: 100 100 | 1: buy B 100; buy A 100 | | 2 B buy 100@100 | filled 2, rejected 2 insufficient_cash
a sale made later frees cash for a purchase made earlier
    A: 100 100 100; B: 100 100 100 | 1: buy A 100; 2: buy B 100; sell A 100 | | 2 A buy 100@100; 3 A sell 100@100; 3 B buy 100@100 | filled 2, filled 3, filled 3
a sale beyond the position sells the position
    100 100 100 | 1: buy 10; 2: sell 15 | | 2 buy 10@100; 3 sell 10@100 | filled 2, filled 3 no_short
a sale while flat is refused when it would fill
    100 100 | 1: sell 10 | | | rejected 2 no_short
a sale beyond the position turns it around in one order where that is allowed
    100 100 100 | 1: buy 10; 2: sell 15 | short | 2 buy 10@100; 3 sell 15@100 | filled 2, filled 3
a purchase and a sale of the same size on one open are both filled
    100 100 | 1: buy 10; sell 10 | | 2 buy 10@100; 2 sell 10@100 | filled 2, filled 2 | 10000
what is ordered on the last bar stays open
    100 100 | 2: buy 10 | | | open
nothing is asked for during the warm-up
    100 100 100 | 1: buy 10; 2: buy 5 | warm=1 | 3 buy 5@100 | filled 3
a commission is per order, also for a crossing one
    100 100 100 | 1: buy 10; 2: sell 15 | short order=6 | 2 buy 10@100 fee 6; 3 sell 15@100 fee 6 | filled 2, filled 3 | 9988
"""

CASES = params(WEIGHTS, SIZES, TARGETS, CLOSES, CANCELS, TAKEN_AS_GIVEN)


@pytest.mark.parametrize("line", CASES)
def test_the_engine_fills_as_worked_by_hand(line: str) -> None:
    assert engine_differs(line) == []


@pytest.mark.parametrize("line", CASES)
def test_the_oracle_fills_as_worked_by_hand(line: str) -> None:
    assert oracle_differs(line) == []


@pytest.mark.parametrize("line", mirrored(CASES))
def test_the_engine_fills_the_mirror_image_of_a_case_as_its_mirror_image(line: str) -> None:
    assert mirror_differs(line) == []
