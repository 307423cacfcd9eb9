"""Brackets, worked by hand: an entry's stop-loss and take-profit on the bars after it."""

from __future__ import annotations

import pytest
from tests.unit.engine.order_runs import engine_differs, mirror_differs, mirrored, oracle_differs, params

CHILDREN = """
a stop-loss sells at its price, and the take-profit is cancelled
    100 100/101/99/100 99/100/89/92 | 1: buy 10 sl=90 tp=110 | | 2 buy 10@100; 3 sell 10@90 | filled 2, filled 3, cancelled 3 oco | 9900
a take-profit sells at its price, and the stop-loss is cancelled
    100 100/101/99/100 100/111/99/108 | 1: buy 10 sl=90 tp=110 | | 2 buy 10@100; 3 sell 10@110 | filled 2, cancelled 3 oco, filled 3 | 10100
a stop-loss is filled at a worse open
    100 100/101/99/100 85/87/84/86 | 1: buy 10 sl=90 tp=110 | | 2 buy 10@100; 3 sell 10@85 | filled 2, filled 3, cancelled 3 oco
a take-profit is filled at a better open
    100 100/101/99/100 115/116/114/115 | 1: buy 10 sl=90 tp=110 | | 2 buy 10@100; 3 sell 10@115 | filled 2, cancelled 3 oco, filled 3
a take-profit that is only touched is not filled
    100 100/101/99/100 100/110/99/108 | 1: buy 10 sl=90 tp=110 | | 2 buy 10@100 | filled 2, open, open
a stop-loss that is only touched is filled
    100 100/101/99/100 100/101/90/92 | 1: buy 10 sl=90 tp=110 | | 2 buy 10@100; 3 sell 10@90 | filled 2, filled 3, cancelled 3 oco
a stop-loss alone
    100 100/101/99/100 99/100/89/92 | 1: buy 10 sl=90 | | 2 buy 10@100; 3 sell 10@90 | filled 2, filled 3
a take-profit alone
    100 100/101/99/100 100/111/50/108 | 1: buy 10 tp=110 | | 2 buy 10@100; 3 sell 10@110 | filled 2, filled 3
a short's stop-loss buys above, its take-profit below
    100 100/101/99/100 100/111/99/105 | 1: sell 10 sl=110 tp=90 | short | 2 sell 10@100; 3 buy 10@110 | filled 2, filled 3, cancelled 3 oco | 9900
a short's take-profit
    100 100/101/99/100 100/101/89/92 | 1: sell 10 sl=110 tp=90 | short | 2 sell 10@100; 3 buy 10@90 | filled 2, cancelled 3 oco, filled 3 | 10100
the children of an entry that never fills never come into being
    100 100/101/96/99 99/120/96/97 | 1: buy 10 limit=95 sl=90 tp=110 | | | open
a breakout entry with its stop-loss below
    102 102/106/101.5/104 104/105/100/101 | 1: buy 10 stop=105 sl=101 tp=115 | | 2 buy 10@105; 3 sell 10@101 | filled 2, filled 3, cancelled 3 oco
an entry that is refused has no children
    100 100 | 1: buy 200 sl=90 tp=110 | reject | | rejected 2 insufficient_cash
children are as large as what the cash bought
    100 100 99/100/89/92 | 1: buy 200 sl=90 | | 2 buy 100@100; 3 sell 100@90 | filled 2 insufficient_cash, filled 3
children know their parent
    100 100 | 1: buy 10 sl=90 tp=110 | | 2 buy 10@100 | filled 2 parent_id=0, open parent_id=1 stop=90 quantity=10, open parent_id=1 limit=110 quantity=10
the ids of children follow those of the bar's orders
    100 100 99/100/89/92 | 1: buy 10 sl=90; buy 5 limit=50 | | 2 #1 buy 10@100; 3 #3 sell 10@90 | filled 2, open, filled 3 parent_id=1
with fills on the close children work from the next bar on
    99/120/80/100 100/111/99/105 | 1: buy 10 sl=90 tp=110 | close | 1 buy 10@100; 2 sell 10@110 | filled 1, cancelled 2 oco, filled 2
a market-on-close entry leaves its bar behind
    100 100/112/85/100 100/101/89/95 | 1: buy 10 moc sl=90 tp=110 | | 2 buy 10@100; 3 sell 10@90 | filled 2, filled 3, cancelled 3 oco
children outlive any gap in the prices
    100 100 - - 85/86/84/85 | 1: buy 10 sl=90 tp=110 | | 2 buy 10@100; 5 sell 10@85 | filled 2, filled 5, cancelled 5 oco
"""

POSITION_CLOSED = """
a close by hand ends the children
    100 100 100 | 1: buy 10 sl=90 tp=110; 2: close | | 2 buy 10@100; 3 sell 10@100 | filled 2, cancelled 3 position_closed, cancelled 3 position_closed, filled 3
a stop-loss fills no more than is left of the position
    100 100 100 99/100/89/92 | 1: buy 10 sl=90 tp=110; 2: sell 4 | | 2 buy 10@100; 3 sell 4@100; 4 sell 6@90 | filled 2, cancelled 4 position_closed, cancelled 4 oco, filled 3
a take-profit fills no more than is left of the position
    100 100 100 100/111/99/108 | 1: buy 10 sl=90 tp=110; 2: sell 4 | | 2 buy 10@100; 3 sell 4@100; 4 sell 6@110 | filled 2, cancelled 4 position_closed, cancelled 4 position_closed, filled 3
turning the position around ends the children
    100 100 100 | 1: buy 10 sl=90 tp=110; 2: sell 15 | short | 2 buy 10@100; 3 sell 15@100 | filled 2, cancelled 3 position_closed, cancelled 3 position_closed, filled 3
an entry that turns the position around has children for what is open
    100 100 100 100/111/99/108 | 1: sell 5; 2: buy 10 sl=90 tp=110 | short | 2 sell 5@100; 3 buy 10@100; 4 sell 5@110 | filled 2, filled 3, cancelled 4 position_closed, cancelled 4 position_closed
the children of a long end as a bracket turns it into a short with children of its own
    100 100 100 100/106/99/103 | 1: buy 10 sl=90 tp=110; 2: sell 20 sl=105 tp=80 | short | 2 buy 10@100; 3 sell 20@100; 4 buy 10@105 | filled 2, cancelled 3 position_closed, cancelled 3 position_closed, filled 3, cancelled 4 position_closed, cancelled 4 oco
a stop-loss and a later stop on one bar: the one created first sells, the other finds nothing
    100 100 100/101/89/95 | 1: buy 10 sl=90; 2: sell 10 stop=95 | | 2 buy 10@100; 3 #2 sell 10@90 | filled 2, filled 3, rejected 3 no_short
a bracket that has not yet turned the short around has nothing to guard, and no children
    100 100v1000 99/101/98/100v60 105/111/103/105v1000 | 1: sell 10; 2: buy 15 limit=100 sl=90 tp=110 | short cap=0.1 | 2 sell 10@100; 3 buy 6@99 | filled 2, open
as it turns the short around its children come, for all that it has filled
    100 100v1000 99/101/98/100v60 99/100/98/99v1000 | 1: sell 10; 2: buy 15 limit=100 sl=90 tp=110 | short cap=0.1 | 2 sell 10@100; 3 buy 6@99; 4 buy 9@99 | filled 2, filled 4, open, open
an order that only closes never brings its bracket to life
    100 100 100 100 | 1: buy 10; 2: sell 10 sl=110 tp=90 | short | 2 buy 10@100; 3 sell 10@100 | filled 2, filled 3
a child that takes the position to zero ends the children of other entries
    100 100 100 100 99/100/94/96 | 1: buy 10 sl=90; 2: buy 5 sl=95; 3: sell 12 | | 2 buy 10@100; 3 buy 5@100; 4 sell 12@100; 5 sell 3@95 | filled 2, cancelled 5 position_closed, filled 3, cancelled 5 position_closed, filled 4
a target of zero ends the children
    100 100 100 | 1: buy 10 sl=90 tp=110; 2: target 0 | | 2 buy 10@100; 3 sell 10@100 | filled 2, cancelled 3 position_closed, cancelled 3 position_closed, filled 3
a lower target leaves the children at work
    100 100 100 | 1: buy 10 sl=90 tp=110; 2: target 0.05 | | 2 buy 10@100; 3 sell 5@100 | filled 2, open, open, filled 3
a take-profit at the open leaves nothing to a sale at the same open
    100 100 112/113/111/112 | 1: buy 10 sl=90 tp=110; 2: sell 10 | | 2 buy 10@100; 3 #3 sell 10@112 | filled 2, cancelled 3 oco, filled 3, rejected 3 no_short
a take-profit at the open leaves nothing to a close at the same open
    100 100 112/113/111/112 | 1: buy 10 sl=90 tp=110; 2: close | | 2 buy 10@100; 3 #3 sell 10@112 | filled 2, cancelled 3 oco, filled 3, cancelled 3 position_closed
with fills on the close a close ends the children at that close
    100 100 | 1: buy 10 sl=90; 2: close | close | 1 buy 10@100; 2 sell 10@100 | filled 1, cancelled 2 position_closed, filled 2
an entry that may not go short has no children
    100 100 | 1: sell 10 sl=110 tp=90 | | | rejected 2 no_short
a sale made together with the entry is older than the children, and is worked before them
    100 100/101/99/100 100/111/89/105 | 1: buy 10 sl=90 tp=110; sell 10 limit=105 | | 2 buy 10@100; 3 #2 sell 10@105 | filled 2, filled 3, cancelled 3 position_closed, cancelled 3 position_closed
"""

SEVERAL = """
each entry has a bracket of its own
    100 100 100 99/100/94/96 | 1: buy 10 sl=90 tp=110; 2: buy 5 sl=95 tp=120 | | 2 buy 10@100; 3 buy 5@100; 4 #5 sell 5@95 | filled 2, open, open, filled 3, filled 4, cancelled 4 oco
two stop-losses on one bar are worked in the order of their creation
    100 100 100 99/100/89/96 | 1: buy 10 sl=90 tp=110; 2: buy 5 sl=95 tp=120 | | 2 buy 10@100; 3 buy 5@100; 4 #2 sell 10@90; 4 #5 sell 5@95 | filled 2, filled 4, cancelled 4 oco, filled 3, filled 4, cancelled 4 oco
the children of two symbols do not touch each other
    A: 100 100 99/100/89/92; B: 100 100 100 | 1: buy A 10 sl=90 tp=110; buy B 10 sl=90 tp=110 | | 2 A buy 10@100; 2 B buy 10@100; 3 A sell 10@90 | filled 2, filled 2, filled 3, cancelled 3 oco, open, open
cancelling the stop-loss leaves the take-profit alone at work
    100 100 99/100/85/92 100/111/99/108 | 1: buy 10 sl=90 tp=110; 2: cancel 2 | | 2 buy 10@100; 4 sell 10@110 | filled 2, cancelled 2 user, filled 4
cancelling the take-profit leaves the stop-loss alone at work
    100 100 100/111/99/105 99/100/89/92 | 1: buy 10 sl=90 tp=110; 2: cancel 3 | | 2 buy 10@100; 4 sell 10@90 | filled 2, filled 4, cancelled 2 user
cancelling the entry before it fills cancels its bracket with it
    100 100/101/96/99 99/100/85/92 | 1: buy 10 limit=95 sl=90 tp=110; 2: cancel 1 | | | cancelled 2 user
with both children cancelled the position is on its own
    100 100 99/100/85/92 100/111/99/108 | 1: buy 10 sl=90 tp=110; 2: cancel 2; cancel 3 | | 2 buy 10@100 | filled 2, cancelled 2 user, cancelled 2 user
a stop-loss is exchanged for a tighter one by hand
    100 100 98/99/95/96 96/97/92/93 | 1: buy 10 ts=5; 2: cancel 2; sell 10 trail=3 | | 2 buy 10@100; 3 sell 10@97 | filled 2, cancelled 2 user, filled 3
a child pays its own commission
    100 100 100/111/99/108 | 1: buy 10 sl=90 tp=110 | min=5 | 2 buy 10@100 fee 5; 3 sell 10@110 fee 5 | filled 2, cancelled 3 oco, filled 3 | 10090
"""

PARTIAL_FILLS = """
children grow with the further fills of the entry
    100 100/101/99/100v60 101/102/100/101v1000 99/100/89/92v1000 | 1: buy 10 sl=90 tp=110 | cap=0.1 | 2 buy 6@100; 3 buy 4@101; 4 sell 10@90 | filled 3, filled 4, cancelled 4 oco
a take-profit cancels what is left of the entry
    100 99/101/98/100v60 102/111/101/108v1000 | 1: buy 10 limit=100 sl=90 tp=110 | cap=0.1 | 2 buy 6@99; 3 sell 6@110 | cancelled 3 oco, cancelled 3 oco, filled 3
a take-profit at the open comes before the rest of the entry at the same open
    100 100/101/99/100v60 112/113/111/112v1000 | 1: buy 10 sl=90 tp=110 | cap=0.1 | 2 buy 6@100; 3 sell 6@112 | cancelled 3 oco, cancelled 3 oco, filled 3
a stop-loss at the open cancels the rest of the entry, which would have bought more
    100 100/101/99/100v60 85/86/84/85v1000 | 1: buy 10 sl=90 tp=110 | cap=0.1 | 2 buy 6@100; 3 sell 6@85 | cancelled 3 oco, filled 3, cancelled 3 oco
a triggered stop-loss ends the take-profit even where no volume lets it sell
    100 100v1000 99/100/89/92v0 95/120/94/119v1000 | 1: buy 10 sl=90 tp=110 | cap=0.1 | 2 buy 10@100; 4 sell 10@95 | filled 2, filled 4, cancelled 3 oco
a stop-loss that sells a part sells the rest at the next open
    100 100v1000 99/100/89/92v60 95/96/94/95v1000 | 1: buy 10 sl=90 tp=110 | cap=0.1 | 2 buy 10@100; 3 sell 6@90; 4 sell 4@95 | filled 2, filled 4, cancelled 3 oco
a take-profit that sells a part leaves the stop-loss the other part
    100 100v1000 100/111/99/108v60 99/100/89/90v1000 | 1: buy 10 sl=90 tp=110 | cap=0.1 | 2 buy 10@100; 3 sell 6@110; 4 sell 4@90 | filled 2, filled 4, cancelled 4 oco
a take-profit sells the rest on a later bar
    100 100v1000 100/111/99/108v60 109/112/108/111v1000 | 1: buy 10 sl=90 tp=110 | cap=0.1 | 2 buy 10@100; 3 sell 6@110; 4 sell 4@110 | filled 2, cancelled 4 oco, filled 4
cancelling the rest of the entry leaves the children of what was bought
    100 99/101/98/100v60 100/111/99/108v1000 | 1: buy 10 limit=100 sl=90 tp=110; 2: cancel 1 | cap=0.1 | 2 buy 6@99; 3 sell 6@110 | cancelled 2 user, cancelled 3 oco, filled 3
a take-profit that was sold in part at the open leaves the stop-loss to the rest of the bar, without volume for it
    100 100v1000 112/113/85/86v60 87/88/86/87v1000 | 1: buy 10 sl=90 tp=110 | cap=0.1 | 2 buy 10@100; 3 sell 6@112; 4 sell 4@87 | filled 2, filled 4, cancelled 3 oco
only the child that still works grows with the entry
    100 99/101/98/100v60 99/100/98/99v1000 99/100/89/92v1000 | 1: buy 10 limit=100 sl=90 tp=110; 2: cancel 3 | cap=0.1 | 2 buy 6@99; 3 buy 4@99; 4 sell 10@90 | filled 3, filled 4, cancelled 2 user
the rest of a triggered entry adds to children that then fill whole
    100 100/106/99/104v50 103/116/102/110v1000 | 1: buy 10 stop=105 sl=95 tp=115 | cap=0.1 | 2 buy 5@105; 3 buy 5@103; 3 sell 10@115 | filled 3, cancelled 3 oco, filled 3
an entry that has used up the bar's volume leaves none to its take-profit
    100 101/112/99/111v60 112/113/111/112v1000 | 1: buy 10 limit=100 sl=90 tp=110 | cap=0.1 | 2 buy 6@100; 3 sell 6@112 | cancelled 3 oco, cancelled 3 oco, filled 3
an entry that has used up the bar's volume leaves none to its stop-loss, which sells at the next open
    100 101/102/89/95v60 96/97/95/96v1000 | 1: buy 10 limit=100 sl=90 tp=110 | cap=0.1 | 2 buy 6@100; 3 sell 6@96 | cancelled 3 oco, filled 3, cancelled 2 oco
a stop-loss at the open sells its rest at the next open
    100 100v1000 85/86/80/82v60 83/84/82/83v1000 | 1: buy 10 sl=90 tp=110 | cap=0.1 | 2 buy 10@100; 3 sell 6@85; 4 sell 4@83 | filled 2, filled 4, cancelled 3 oco
a stop-loss is a market order until all is sold, whatever the price has become
    100 100v1000 100/101/80/90v60 110/120/109/115v60 115v1000 | 1: buy 20 sl=90 tp=110 | cap=0.1 | 2 buy 20@100; 3 sell 6@90; 4 sell 6@110; 5 sell 8@115 | filled 2, filled 5, cancelled 3 oco
with fills on the close a stop-loss cancels the rest of the entry before its close
    100v60 100/101/89/95v1000 | 1: buy 10 sl=90 | close cap=0.1 | 1 buy 6@100; 2 sell 6@90 | cancelled 2 oco, filled 2
with fills on the close the rest of the entry adds to the stop-loss
    100v60 100/101/95/98v1000 98/99/89/92v1000 | 1: buy 10 sl=90 | close cap=0.1 | 1 buy 6@100; 2 buy 4@98; 3 sell 10@90 | filled 2, filled 3
immediate or cancel that finds no volume has no children
    100 100v0 | 1: buy 10 tif=IOC sl=90 | cap=0.1 | | cancelled 2 ioc
"""

CASES = params(CHILDREN, POSITION_CLOSED, SEVERAL, PARTIAL_FILLS)


@pytest.mark.parametrize("line", CASES)
def test_the_engine_fills_as_worked_by_hand(line: str) -> None:
    assert engine_differs(line) == []


@pytest.mark.parametrize("line", CASES)
def test_the_oracle_fills_as_worked_by_hand(line: str) -> None:
    assert oracle_differs(line) == []


@pytest.mark.parametrize("line", mirrored(CASES))
def test_the_engine_fills_the_mirror_image_of_a_case_as_its_mirror_image(line: str) -> None:
    assert mirror_differs(line) == []
