"""Limit, stop and market-on-close orders, worked by hand: at which price a trader expects a fill, and when none."""

from __future__ import annotations

import pytest
from tests.unit.engine.order_runs import engine_differs, mirror_differs, mirrored, oracle_differs, params

LIMITS = """
a buy limit that the bar trades through is filled at its limit
    100 100/101/94/98 | 1: buy 10 limit=95 | | 2 buy 10@95 | filled 2 | 10030
a buy limit that the low only touches is not filled
    100 100/101/95/98 | 1: buy 10 limit=95 | | | open
a buy limit that the low touches is filled where a touch is enough
    100 100/101/95/98 | 1: buy 10 limit=95 | touch | 2 buy 10@95 | filled 2
a buy limit is filled at a better open
    100 93/97/92/96 | 1: buy 10 limit=95 | | 2 buy 10@93 | filled 2 | 10030
an open at the limit is a touch, and the fill comes when the bar trades below it
    100 95/97/94/96 | 1: buy 10 limit=95 | | 2 buy 10@95 | filled 2
an open at the limit from which the bar only rises does not fill
    100 95/97/95/96 | 1: buy 10 limit=95 | | | open
an open at the limit fills where a touch is enough
    100 95/97/95/96 | 1: buy 10 limit=95 | touch | 2 buy 10@95 | filled 2
a limit that is not reached waits for a bar that reaches it
    100 100/101/96/99 99/99/90/97 | 1: buy 10 limit=95 | | 3 buy 10@95 | filled 3
a limit waits through a bar without a price
    100 - 90/91/89/90 | 1: buy 10 limit=95 | | 3 buy 10@90 | filled 3
a buy limit above the market is filled at the open
    100 102/106/101/104 | 1: buy 10 limit=105 | | 2 buy 10@102 | filled 2
a buy limit above the market pays its limit where the bar opens beyond it and comes back
    100 107/108/103/104 | 1: buy 10 limit=105 | | 2 buy 10@105 | filled 2
a sell limit is filled at its limit when the bar trades above it
    100 100 100/106/99/103 | 1: buy 10; 2: sell 10 limit=105 | | 2 buy 10@100; 3 sell 10@105 | filled 2, filled 3 | 10050
a sell limit that the high only touches is not filled
    100 100 100/105/99/103 | 1: buy 10; 2: sell 10 limit=105 | | 2 buy 10@100 | filled 2, open
a sell limit is filled at a better open
    100 100 108/109/107/108 | 1: buy 10; 2: sell 10 limit=105 | | 2 buy 10@100; 3 sell 10@108 | filled 2, filled 3
a sell limit opens a short where that is allowed
    100 100/106/99/103 | 1: sell 10 limit=105 | short | 2 sell 10@105 | filled 2 | 10020
a sell limit without a position is refused when it would fill
    100 100/104/99/103 100/106/99/103 | 1: sell 10 limit=105 | | | rejected 3 no_short
a sell limit beyond the position sells the position
    100 100 100/106/99/103 | 1: buy 10; 2: sell 15 limit=105 | | 2 buy 10@100; 3 sell 10@105 | filled 2, filled 3 no_short
two limits on one bar are both filled, each at its own price
    100 100/101/89/98 | 1: buy 10 limit=95; buy 5 limit=90 | | 2 buy 10@95; 2 buy 5@90 | filled 2, filled 2
orders of one kind are worked in the order of their creation, not of their prices
    100 100/101/89/98 | 1: buy 5 limit=90; buy 10 limit=95 | | 2 buy 5@90; 2 buy 10@95 | filled 2, filled 2
a better price at the open comes before a limit within the bar
    100 94/96/89/95 | 1: buy 5 limit=90; buy 10 limit=95 | | 2 #2 buy 10@94; 2 #1 buy 5@90 | filled 2, filled 2
what a sale within the bar frees does not pay for a purchase within it
    A: 100 100 100/106/99/103; B: 100 100 100/101/94/98 | 1: buy A 100; 2: sell A 100 limit=105; buy B 50 limit=95 | | 2 A buy 100@100; 3 A sell 100@105 | filled 2, filled 3, rejected 3 insufficient_cash
what a sale at the open frees pays for a purchase within the bar
    A: 100 100 106; B: 100 100 100/101/94/98 | 1: buy A 100; 2: sell A 100 limit=105; buy B 50 limit=95 | | 2 A buy 100@100; 3 A sell 100@106; 3 B buy 50@95 | filled 2, filled 3, filled 3
a limit below the market is bought for what cash there is
    100 100/101/94/98 | 1: buy 200 limit=80; buy 200 limit=95 | | 2 buy 10000/95@95 | open, filled 2 insufficient_cash
a limit order that is too large is refused where the rule is to reject
    100 100/101/94/98 | 1: buy 200 limit=95 | reject | | rejected 2 insufficient_cash
with fills on the close a limit still waits for the next bar
    100/101/90/100 100/101/94/98 | 1: buy 10 limit=95 | close | 2 buy 10@95 | filled 2
a sell limit that crosses zero closes the long and opens a short at one price
    100 100 100/106/99/103 | 1: buy 10; 2: sell 15 limit=105 | short | 2 buy 10@100; 3 sell 15@105 | filled 2, filled 3 | 10060
with leverage another position counts at its last close, not at the limit that bought it
    A: 100 100/101/94/98; B: 100 100/101/94/98 | 1: buy A 50 limit=95; buy B 1000 limit=95 | lev=2 | 2 A buy 50@95; 2 B buy 15500/95@95 | filled 2, filled 2 insufficient_cash
limits of two symbols are worked in the order of their creation
    A: 100 100/101/94/98; B: 100 100/101/94/98 | 1: buy B 60 limit=95; buy A 60 limit=95 | | 2 B buy 60@95; 2 A buy 4300/95@95 | filled 2, filled 2 insufficient_cash
a commission is in the cut for cash at a limit
    100 100/101/94/98 | 1: buy 200 limit=95 | rate=0.25 | 2 buy 8000/95@95 fee 2000 | filled 2 insufficient_cash
"""

STOPS = """
a buy stop is filled at its stop when the bar reaches it
    100 100/106/99/104 | 1: buy 10 stop=105 | | 2 buy 10@105 | filled 2 | 9990
a touch triggers a stop
    100 100/105/99/104 | 1: buy 10 stop=105 | | 2 buy 10@105 | filled 2
a stop that is not reached waits
    100 100/104/99/103 103/106/103/106 | 1: buy 10 stop=105 | | 3 buy 10@105 | filled 3
a buy stop is filled at a worse open
    100 108/110/107/109 | 1: buy 10 stop=105 | | 2 buy 10@108 | filled 2
an open at the stop triggers it there
    100 105/105/103/104 | 1: buy 10 stop=105 | | 2 buy 10@105 | filled 2
a buy stop at the last close is a stop that the next open may trigger
    100 101/102/100/101 | 1: buy 10 stop=100 | | 2 buy 10@101 | filled 2
a sell stop is filled at its stop when the bar falls to it
    100 100 100/101/94/96 | 1: buy 10; 2: sell 10 stop=95 | | 2 buy 10@100; 3 sell 10@95 | filled 2, filled 3 | 9950
a sell stop is filled at a worse open
    100 100 90/92/88/91 | 1: buy 10; 2: sell 10 stop=95 | | 2 buy 10@100; 3 sell 10@90 | filled 2, filled 3 | 9900
a touch triggers a sell stop
    100 100 100/101/95/96 | 1: buy 10; 2: sell 10 stop=95 | | 2 buy 10@100; 3 sell 10@95 | filled 2, filled 3
a sell stop opens a short where that is allowed
    100 100/101/94/96 | 1: sell 10 stop=95 | short | 2 sell 10@95 | filled 2 | 9990
a sell stop without a position is refused when it is triggered
    100 100/101/96/97 97/98/94/96 | 1: sell 10 stop=95 | | | rejected 3 no_short
a stop waits through a bar without a price
    100 - 108/109/107/108 | 1: buy 10 stop=105 | | 3 buy 10@108 | filled 3
a buy stop buys what cash there is
    100 100/106/99/104 | 1: buy 200 stop=105 | | 2 buy 10000/105@105 | filled 2 insufficient_cash
what volume holds back of a triggered stop is a market order on the next bar
    100 100/106/99/104v50 103/104/102/103v1000 | 1: buy 10 stop=105 | cap=0.1 | 2 buy 5@105; 3 buy 5@103 | filled 3
a stop is triggered without volume, and fills at the next open, far below
    100 100/106/99/104v0 98/99/97/98v1000 | 1: buy 10 stop=105 | cap=0.1 | 3 buy 10@98 | filled 3
with fills on the close the rest of a triggered stop is filled at the next close
    100 100/106/99/104v50 103/104/102/102v1000 | 1: buy 10 stop=105 | cap=0.1 close | 2 buy 5@105; 3 buy 5@102 | filled 3
a stop to get out and a stop to turn around may both be filled on one bar
    100 100 100/101/94/96 | 1: buy 10; 2: sell 10 stop=95; sell 5 stop=95 | short | 2 buy 10@100; 3 sell 10@95; 3 sell 5@95 | filled 2, filled 3, filled 3
a limit below and a stop above are both filled on a wide bar, in the order of their creation
    100 100/106/94/104 | 1: buy 10 stop=105; buy 5 limit=95 | | 2 buy 10@105; 2 buy 5@95 | filled 2, filled 2
a stop that would turn the position around only closes it where the cash is short and the rule is to reject
    100 100 100/101/94/96 | 1: buy 10; 2: sell 300 stop=95 | short reject | 2 buy 10@100; 3 sell 10@95 | filled 2, filled 3 insufficient_cash
a stop to sell may be made together with the purchase that it is for
    100 100/101/96/97 97/98/94/96 | 1: buy 10; sell 10 stop=95 | | 2 buy 10@100; 3 sell 10@95 | filled 2, filled 3
"""

ON_CLOSE = """
a market-on-close order is filled at the next bar's close
    100 101/105/99/104 | 1: buy 10 moc | | 2 buy 10@104 | filled 2 | 10000
a market-on-close order waits for the close of a bar that trades
    100 - 101/105/99/104 | 1: buy 10 moc | | 3 buy 10@104 | filled 3
a sale on the close pays for a purchase on the same close
    A: 100 100 100/120/100/110; B: 100 100 100/100/50/50 | 1: buy A 100; 2: buy B 200 moc; sell A 100 moc | onesided | 2 A buy 100@100; 3 A sell 100@110; 3 B buy 200@50 | filled 2, filled 3, filled 3
what volume holds back is filled at the next close
    100 100/101/99/101v50 102/103/101/103v1000 | 1: buy 10 moc | cap=0.1 | 2 buy 5@101; 3 buy 5@103 | filled 3
with fills on the close a market-on-close order still takes the next bar's close
    100 101/105/99/104 | 1: buy 10 moc | close | 2 buy 10@104 | filled 2
a sale within the bar pays for a purchase on its close
    A: 100 100 100/106/99/103; B: 100 100 100/100/50/50 | 1: buy A 100; 2: buy B 200 moc; sell A 100 limit=105 | onesided | 2 A buy 100@100; 3 A sell 100@105; 3 B buy 200@50 | filled 2, filled 3, filled 3
a close that finds the position gone since the open has nothing to sell
    100 100 100/101/94/96 | 1: buy 10; 2: sell 10 moc; sell 10 stop=95 | | 2 buy 10@100; 3 sell 10@95 | filled 2, rejected 3 no_short, filled 3
"""

CASES = params(LIMITS, STOPS, ON_CLOSE)


@pytest.mark.parametrize("line", CASES)
def test_the_engine_fills_as_worked_by_hand(line: str) -> None:
    assert engine_differs(line) == []


@pytest.mark.parametrize("line", CASES)
def test_the_oracle_fills_as_worked_by_hand(line: str) -> None:
    assert oracle_differs(line) == []


@pytest.mark.parametrize("line", mirrored(CASES))
def test_the_engine_fills_the_mirror_image_of_a_case_as_its_mirror_image(line: str) -> None:
    assert mirror_differs(line) == []
