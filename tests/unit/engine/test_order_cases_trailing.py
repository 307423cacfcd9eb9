"""Trailing stops, worked by hand: by themselves, and as the stop-loss of a bracket."""

from __future__ import annotations

import pytest
from tests.unit.engine.order_runs import engine_differs, mirror_differs, mirrored, oracle_differs, params

BY_HAND = """
a trailing stop starts from the last close
    100 100 100/101/94/96 | 1: buy 10; 2: sell 10 trail=5 | | 2 buy 10@100; 3 sell 10@95 | filled 2, filled 3
a trailing stop follows the high, and a bar's own high counts from the next bar on
    100 100 100/110/96/108 108/109/104/106 | 1: buy 10; 2: sell 10 trail=5 | | 2 buy 10@100; 4 sell 10@105 | filled 2, filled 4
a trailing stop is filled at a worse open
    100 100 100/110/96/108 103/104/102/103 | 1: buy 10; 2: sell 10 trail=5 | | 2 buy 10@100; 4 sell 10@103 | filled 2, filled 4
a trailing stop never goes back
    100 100 100/110/96/108 108/108/106/107 107/107/104/105 | 1: buy 10; 2: sell 10 trail=5 | | 2 buy 10@100; 5 sell 10@105 | filled 2, filled 5
the high of the bar of its decision is past
    100 100/120/99/100 100/101/96/97 | 1: buy 10; 2: sell 10 trail=5 | | 2 buy 10@100 | filled 2, open
a trailing stop by a fraction follows at that share of the high
    100 100 100/120/95/115 115/116/107/110 | 1: buy 10; 2: sell 10 trail%=0.1 | | 2 buy 10@100; 4 sell 10@108 | filled 2, filled 4
a trailing stop on a bar without a price starts from the last close seen
    100 100 - 96/97/94.5/96 | 1: buy 10; 3: sell 10 trail=5 | | 2 buy 10@100; 4 sell 10@95 | filled 2, filled 4
a trailing buy follows the low down and buys the turn
    100 98/99/90/92 92/96/91/95 | 1: buy 10 trail=5 | | 3 buy 10@95 | filled 3
a trailing buy is filled at a worse open
    100 98/99/90/92 97/98/96/97 | 1: buy 10 trail=5 | | 3 buy 10@97 | filled 3
a trailing buy that has not moved buys the breakout
    100 101/106/100/104 | 1: buy 10 trail=5 | | 2 buy 10@105 | filled 2
a trailing buy by a fraction
    100 100/101/80/90 90/101/89/100 | 1: buy 10 trail%=0.25 | | 3 buy 10@100 | filled 3
a short is covered by a trailing buy
    100 100 100/104/90/92 92/96/91/95 | 1: sell 10; 2: buy 10 trail=5 | short | 2 sell 10@100; 4 buy 10@95 | filled 2, filled 4 | 10050
what volume holds back of a trailing stop is sold at the next open
    100v1000 100v1000 100/101/94/96v50 97/98/96/97v1000 | 1: buy 10; 2: sell 10 trail=5 | cap=0.1 | 2 buy 10@100; 3 sell 5@95; 4 sell 5@97 | filled 2, filled 4
a trailing stop that was triggered without volume does not wait for its level again
    100v1000 100v1000 100/101/94/96v0 99/100/98/99v1000 | 1: buy 10; 2: sell 10 trail=5 | cap=0.1 | 2 buy 10@100; 4 sell 10@99 | filled 2, filled 4
"""

CHILDREN = """
a trailing stop-loss starts from the entry's price, and takes in the high of the bar that it was bought at the open of
    100 100/104/96/103 103/103/98/101 | 1: buy 10 ts=5 | | 2 buy 10@100; 3 sell 10@99 | filled 2, filled 3
a trailing stop-loss may fill on the entry's own bar, from the entry's price and not from that bar's high
    100 100/103/94/97 | 1: buy 10 ts=5 | | 2 buy 10@100; 2 sell 10@95 | filled 2, filled 2
a trailing stop-loss is filled at a worse open
    100 100/104/96/103 97/98/95/96 | 1: buy 10 ts=5 | | 2 buy 10@100; 3 sell 10@97 | filled 2, filled 3
after an entry within the bar only its close is known to come later
    100 100/101/93/97 97/97/91/95 | 1: buy 10 limit=95 ts=5 | | 2 buy 10@95; 3 sell 10@92 | filled 2, filled 3
a close below the entry moves nothing
    100 100/101/93/94 94/94/91/92 92/92/89/90 | 1: buy 10 limit=95 ts=5 | | 2 buy 10@95; 4 sell 10@90 | filled 2, filled 4
the entry's price is what was paid, slippage included
    100 100/100/96.5/97 97/97/95.5/96 | 1: buy 10 ts=5 | bps=100 | 2 buy 10@101; 3 sell 10@95.04 | filled 2, filled 3
an entry at the close starts its trailing stop-loss there
    100 100/112/95/100 100/101/96/97 97/97/94/95 | 1: buy 10 moc ts=5 | | 2 buy 10@100; 4 sell 10@96 | filled 2, filled 4
a trailing stop-loss by a fraction
    100 100/110/95/108 108/109/98/100 | 1: buy 10 ts%=0.1 | | 2 buy 10@100; 3 sell 10@99 | filled 2, filled 3
a take-profit beside a trailing stop-loss
    100 100/104/96/103 103/111/100/108 | 1: buy 10 ts=5 tp=110 | | 2 buy 10@100; 3 sell 10@110 | filled 2, cancelled 3 oco, filled 3
both on one bar: the pessimist is stopped at the level that the bar started with
    100 100/104/96/103 103/111/98/108 | 1: buy 10 ts=5 tp=110 | | 2 buy 10@100; 3 sell 10@99 | filled 2, filled 3, cancelled 3 oco | ~ 2@3 3@3
an entry at a stop and a low below the trailing stop-loss: the pessimist is stopped at once
    100 100/106/99/104 | 1: buy 10 stop=105 ts=5 | | 2 buy 10@105; 2 sell 10@100 | filled 2, filled 2 | ~ 2@2
the optimist takes that low for earlier than the entry
    100 100/106/99/104 104/104/99.5/101 | 1: buy 10 stop=105 ts=5 | optimistic | 2 buy 10@105; 3 sell 10@100 | filled 2, filled 3 | ~ 2@2
further fills of the entry do not move the trailing stop-loss, bars do
    100 100/101/99/100v60 103/103/101/102v1000 102/102/97/98v1000 | 1: buy 10 ts=5 | cap=0.1 | 2 buy 6@100; 3 buy 4@103; 4 sell 10@98 | filled 3, filled 4
a short's trailing stop-loss follows the low
    100 100/104/96/97 97/102/96/101 | 1: sell 10 ts=5 | short | 2 sell 10@100; 3 buy 10@101 | filled 2, filled 3 | 9990
a trailing entry brings its bracket along
    100 98/99/90/92 92/96/91/95 95/121/94/120 | 1: buy 10 trail=5 sl=80 tp=120 | | 3 buy 10@95; 4 sell 10@120 | filled 3, cancelled 4 oco, filled 4
a trailing stop-loss and the level that it has reached in the order log
    100 100/104/96/103 103/108/102/107 | 1: buy 10 ts=5 | | 2 buy 10@100 | filled 2, open stop=103
a trailing entry that was followed below its own stop-loss gets out where it came in
    100 98/99/90/92 92/96/91/95 | 1: buy 10 trail=5 sl=100 | | 3 buy 10@95; 3 sell 10@95 | filled 3, filled 3
"""

CASES = params(BY_HAND, CHILDREN)


@pytest.mark.parametrize("line", CASES)
def test_the_engine_fills_as_worked_by_hand(line: str) -> None:
    assert engine_differs(line) == []


@pytest.mark.parametrize("line", CASES)
def test_the_oracle_fills_as_worked_by_hand(line: str) -> None:
    assert oracle_differs(line) == []


@pytest.mark.parametrize("line", mirrored(CASES))
def test_the_engine_fills_the_mirror_image_of_a_case_as_its_mirror_image(line: str) -> None:
    assert mirror_differs(line) == []
