"""Ticks, lots and volume, worked by hand: which prices, quantities and parts of a bar an order can have."""

from __future__ import annotations

import pytest
from tests.unit.engine.order_runs import engine_differs, mirror_differs, mirrored, oracle_differs, params

TICKS = """
a buy limit is rounded down: less is filled
    100 100/101/95.1/98 | 1: buy 10 limit=95.3 | tick=0.5 | | open limit=95
a buy limit fills at its rounded price
    100 100/101/94/98 | 1: buy 10 limit=95.3 | tick=0.5 | 2 buy 10@95 | filled 2 limit=95
a sell limit is rounded up
    100 100 100/106/99/103 | 1: buy 10; 2: sell 10 limit=105.2 | tick=0.5 | 2 buy 10@100; 3 sell 10@105.5 | filled 2, filled 3 limit=105.5
a buy stop is rounded up
    100 100/105.3/99/104 104/106/103/105 | 1: buy 10 stop=105.2 | tick=0.5 | 3 buy 10@105.5 | filled 3 stop=105.5
a sell stop is rounded down
    100 100 100/101/94.6/96 96/97/94/95 | 1: buy 10; 2: sell 10 stop=94.8 | tick=0.5 | 2 buy 10@100; 4 sell 10@94.5 | filled 2, filled 4 stop=94.5
a stop-limit is rounded in both its prices
    100 100/106/99/104 | 1: buy 10 stop=105.2 limit=107.3 | tick=0.5 | 2 buy 10@105.5 | filled 2 stop=105.5 limit=107
a price on a tick stays there, whatever binary says
    100 100/101/95/98 | 1: buy 10 limit=95.3 | tick=0.1 | 2 buy 10@95.3 | filled 2 limit=95.3
children are rounded as any order of their kind
    100 100 | 1: buy 10 sl=90.3 tp=110.2 | tick=0.5 | 2 buy 10@100 | filled 2, open stop=90, open limit=110.5
a short's children are rounded the other way
    100 100 | 1: sell 10 sl=110.2 tp=90.3 | tick=0.5 short | 2 sell 10@100 | filled 2, open stop=110.5, open limit=90
a trailing sell is rounded down from the start
    100.3 100.3 100.3/101/95.2/96 | 1: buy 10; 2: sell 10 trail=5 | tick=0.5 | 2 buy 10@100.3 | filled 2, open
a trailing sell is rounded down at each move
    100 100 100/110.4/99/108 108/109/105.3/106 106/107/105/106 | 1: buy 10; 2: sell 10 trail=5 | tick=0.5 | 2 buy 10@100; 5 sell 10@105 | filled 2, filled 5
a trailing buy is rounded up
    100.2 100.2/105.3/100/105 | 1: buy 10 trail=5 | tick=0.5 | | open
a stop just below the market that rounds up to it is on the right side
    100 100/101/99/100 | 1: buy 10 stop=99.8 | tick=0.5 | 2 buy 10@100 | filled 2 stop=100
a stop-loss that rounds down from the entry is below it
    100 100 | 1: buy 10 sl=100 | tick=0.3 onesided | 2 buy 10@100 | filled 2, open stop=99.9
a market order pays any price
    100.13 100.13 | 1: buy 10 | tick=0.5 | 2 buy 10@100.13 | filled 2
a slipped price is not rounded
    100 100 | 1: buy 10 | tick=0.5 bps=10 | 2 buy 10@100.1 | filled 2
a bar that opens between two ticks fills a limit there
    100 94.7/96/94/95 | 1: buy 10 limit=95.3 | tick=0.5 | 2 buy 10@94.7 | filled 2
"""

LOTS = """
a quantity by hand is cut to whole lots
    100 100/101/94/98 | 1: buy 7.9 limit=95 | lot=1 | 2 buy 7@95 | filled 2
a quantity below one lot is too small
    100 100 | 1: buy 0.5 | lot=1 | | rejected 1 too_small
money at a limit is cut to whole lots at once
    100 100/101/94/98 | 1: buy weight=0.5 limit=95 | lot=1 | 2 buy 52@95 | filled 2
money at a limit that buys no lot is too small at once
    100 100 | 1: buy weight=0.5 limit=95 | lot=100 | | rejected 1 too_small
a cut for cash at a limit is made in whole lots
    100 100/101/94/98 | 1: buy 200 limit=95 | lot=10 | 2 buy 100@95 | filled 2 insufficient_cash
children are as large as what the lots allowed
    100 100 99/100/89/92 | 1: buy 7.9 sl=90 | lot=1 | 2 buy 7@100; 3 sell 7@90 | filled 2, filled 3
the odd lots of a split are closed whole
    100 100 60x1.5 60 | 1: buy 5; 3: close | lot=1 | 2 buy 5@100; 4 sell 7.5@60 | filled 2, filled 4
the odd lots of a split are not all sold by their number
    100 100 60x1.5 60 | 1: buy 5; 3: sell 7.5 | lot=1 | 2 buy 5@100; 4 sell 7@60 | filled 2, filled 4
"""

VOLUME = """
one bar's volume is for both sides, what reduces first
    100 100v1000 100v60 100v1000 | 1: buy 10; 2: buy 4; sell 4 | cap=0.1 | 2 buy 10@100; 3 sell 4@100; 3 buy 2@100; 4 buy 2@100 | filled 2, filled 4, filled 3
one bar's volume is for its open and for what comes later
    100 100/101/94/98v60 98/99/94/95v1000 | 1: buy 5 limit=95; buy 4 | cap=0.1 | 2 buy 4@100; 2 buy 2@95; 3 buy 3@95 | filled 3, filled 2
the close gets what open and bar have left
    100 100/106/99/104v60 103/103/101/102v1000 | 1: buy 4 stop=105; buy 4 moc | cap=0.1 | 2 buy 4@105; 2 buy 2@104; 3 buy 2@102 | filled 2, filled 3
the first created takes the volume of the bar
    100 100/101/94/98v60 98/99/90/95v1000 | 1: buy 5 limit=95; buy 5 limit=96 | cap=0.1 | 2 buy 5@95; 2 buy 1@96; 3 buy 4@96 | filled 2, filled 3
a limit without volume waits
    100 100/101/94/98v0 98/99/94/98v1000 | 1: buy 10 limit=95 | cap=0.1 | 3 buy 10@95 | filled 3
unknown volume is none where a share of it is the cap
    100 100/101/94/98 98/99/94/98v1000 | 1: buy 10 limit=95 | cap=0.1 | 3 buy 10@95 | filled 3
without a cap volume does not matter
    100 100/101/94/98v0 | 1: buy 10 limit=95 | | 2 buy 10@95 | filled 2
a limit is filled in whole lots of the volume
    100 100/101/94/98v75 98/99/94/98v75 | 1: buy 10 limit=95 | cap=0.1 lot=5 | 2 buy 5@95; 3 buy 5@95 | filled 3
each symbol has its own volume
    A: 100 100v50; B: 100 100v80 | 1: buy A 10; buy B 10 | cap=0.1 | 2 A buy 5@100; 2 B buy 8@100 | open, open
the rest of a limit takes a better open on the next bar
    100 100/101/94/98v60 93/95/92/94v1000 | 1: buy 10 limit=95 | cap=0.1 | 2 buy 6@95; 3 buy 4@93 | filled 3
with fills on the close one bar's volume is for its open and its decision
    100 100/101/94/98v60 98v1000 | 1: buy 5 limit=95; 2: buy 4 | cap=0.1 close | 2 buy 5@95; 2 buy 1@98; 3 buy 3@98 | filled 2, filled 3
a commission per order is charged once over several fills of a limit
    100 100/101/94/98v60 98/99/94/98v1000 | 1: buy 10 limit=95 | cap=0.1 order=5 | 2 buy 6@95 fee 5; 3 buy 4@95 | filled 3
"""

CASES = params(TICKS, LOTS, VOLUME)


@pytest.mark.parametrize("line", CASES)
def test_the_engine_fills_as_worked_by_hand(line: str) -> None:
    assert engine_differs(line) == []


@pytest.mark.parametrize("line", CASES)
def test_the_oracle_fills_as_worked_by_hand(line: str) -> None:
    assert oracle_differs(line) == []


@pytest.mark.parametrize("line", mirrored(CASES))
def test_the_engine_fills_the_mirror_image_of_a_case_as_its_mirror_image(line: str) -> None:
    assert mirror_differs(line) == []
