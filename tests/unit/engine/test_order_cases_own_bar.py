"""The entry's own bar, worked by hand: what may happen to its children between entry and close."""

from __future__ import annotations

import pytest
from tests.unit.engine.order_runs import engine_differs, mirror_differs, mirrored, oracle_differs, params

ENTRY_AT_OPEN = """
bought at the open and stopped on the same bar
    100 100/103/89/95 | 1: buy 10 sl=90 tp=110 | | 2 buy 10@100; 2 sell 10@90 | filled 2, filled 2, cancelled 2 oco | 9900
bought at the open and sold at the take-profit on the same bar
    100 100/111/95/104 | 1: buy 10 sl=90 tp=110 | | 2 buy 10@100; 2 sell 10@110 | filled 2, cancelled 2 oco, filled 2 | 10100
bought at the open, and both are in the bar: the pessimist is stopped
    100 100/112/89/100 | 1: buy 10 sl=90 tp=110 | pessimistic | 2 buy 10@100; 2 sell 10@90 | filled 2, filled 2, cancelled 2 oco | ~ 2@2 3@2
bought at the open, and both are in the bar: the optimist takes the profit
    100 100/112/89/100 | 1: buy 10 sl=90 tp=110 | optimistic | 2 buy 10@100; 2 sell 10@110 | filled 2, cancelled 2 oco, filled 2 | ~ 2@2 3@2
bought at the open, and the nearer high is first on the path
    100 100/112/85/100 | 1: buy 10 sl=90 tp=110 | ohlc | 2 buy 10@100; 2 sell 10@110 | filled 2, cancelled 2 oco, filled 2 | ~ 2@2 3@2
bought at the open, and the nearer low is first on the path
    100 100/115/88/100 | 1: buy 10 sl=90 tp=110 | ohlc | 2 buy 10@100; 2 sell 10@90 | filled 2, filled 2, cancelled 2 oco | ~ 2@2 3@2
an open below the stop-loss buys and sells at once
    100 85/88/84/87 | 1: buy 10 sl=90 tp=110 | | 2 buy 10@85; 2 sell 10@85 | filled 2, filled 2, cancelled 2 oco | 10000
an open above the take-profit buys and sells at once
    100 115/117/112/116 | 1: buy 10 sl=90 tp=110 | | 2 buy 10@115; 2 sell 10@115 | filled 2, cancelled 2 oco, filled 2 | 10000
an open above the take-profit is certain, whatever the low
    100 115/117/80/90 | 1: buy 10 sl=90 tp=110 | | 2 buy 10@115; 2 sell 10@115 | filled 2, cancelled 2 oco, filled 2
a limit that fills at a better open counts as bought at the open
    100 94/103/91/100 | 1: buy 10 limit=95 sl=90 tp=102 | | 2 buy 10@94; 2 sell 10@102 | filled 2, cancelled 2 oco, filled 2
a stop that fills at a worse open counts as bought at the open
    100 107/108/101/104 | 1: buy 10 stop=105 sl=102 tp=115 | | 2 buy 10@107; 2 sell 10@102 | filled 2, filled 2, cancelled 2 oco
"""

ENTRY_AT_A_LIMIT = """
bought at a limit and stopped further down: the low comes after the limit
    100 100/101/89/97 | 1: buy 10 limit=95 sl=90 tp=110 | | 2 buy 10@95; 2 sell 10@90 | filled 2, filled 2, cancelled 2 oco | 9950
that is as certain to the optimist
    100 100/101/89/97 | 1: buy 10 limit=95 sl=90 tp=110 | optimistic | 2 buy 10@95; 2 sell 10@90 | filled 2, filled 2, cancelled 2 oco
and on the path
    100 100/101/89/97 | 1: buy 10 limit=95 sl=90 tp=110 | ohlc | 2 buy 10@95; 2 sell 10@90 | filled 2, filled 2, cancelled 2 oco
bought at a limit, and the high may have been before: the pessimist does not take the profit
    100 100/106/93/99 | 1: buy 10 limit=95 sl=90 tp=105 | pessimistic | 2 buy 10@95 | filled 2, open, open | ~ 3@2
bought at a limit, and the high may have been after: the optimist takes the profit
    100 100/106/93/99 | 1: buy 10 limit=95 sl=90 tp=105 | optimistic | 2 buy 10@95; 2 sell 10@105 | filled 2, cancelled 2 oco, filled 2 | ~ 3@2
bought at a limit on a path that had its high before
    100 100/106/93/99 | 1: buy 10 limit=95 sl=90 tp=105 | ohlc | 2 buy 10@95 | filled 2, open, open | ~ 3@2
bought at a limit on a path that has its high after
    100 100/107/94/99 | 1: buy 10 limit=95 sl=90 tp=105 | ohlc | 2 buy 10@95; 2 sell 10@105 | filled 2, cancelled 2 oco, filled 2 | ~ 3@2
a close above the take-profit comes after the entry: the profit is certain
    100 100/107/94/106 | 1: buy 10 limit=95 sl=90 tp=105 | | 2 buy 10@95; 2 sell 10@105 | filled 2, cancelled 2 oco, filled 2
a close at the take-profit is only a touch
    100 100/105/94/105 | 1: buy 10 limit=95 sl=90 tp=105 | | 2 buy 10@95 | filled 2, open, open
a close at the take-profit fills it where a touch is enough
    100 100/105/94/105 | 1: buy 10 limit=95 sl=90 tp=105 | touch | 2 buy 10@95; 2 sell 10@105 | filled 2, cancelled 2 oco, filled 2
a low below the stop-loss and a close above the take-profit: the pessimist is stopped first
    100 100/107/89/106 | 1: buy 10 limit=95 sl=90 tp=105 | | 2 buy 10@95; 2 sell 10@90 | filled 2, filled 2, cancelled 2 oco | ~ 2@2 3@2
the optimist had the high between the limit and the stop-loss
    100 100/107/89/97 | 1: buy 10 limit=95 sl=90 tp=105 | optimistic | 2 buy 10@95; 2 sell 10@105 | filled 2, cancelled 2 oco, filled 2 | ~ 2@2 3@2
on the path the fall goes through the limit to the stop-loss in one go
    100 100/107/89/106 | 1: buy 10 limit=95 sl=90 tp=105 | ohlc | 2 buy 10@95; 2 sell 10@90 | filled 2, filled 2, cancelled 2 oco | ~ 2@2 3@2
without a stop-loss the take-profit still needs a close beyond it
    100 100/106/93/99 | 1: buy 10 limit=95 tp=105 | | 2 buy 10@95 | filled 2, open | ~ 2@2
the take-profit that was not certain works on the next bar as any other
    100 100/106/93/99 99/106/98/100 | 1: buy 10 limit=95 sl=90 tp=105 | | 2 buy 10@95; 3 sell 10@105 | filled 2, cancelled 3 oco, filled 3 | ~ 3@2
sold short at a limit, and the low may have been before
    100 100/107/94/101 | 1: sell 10 limit=105 sl=110 tp=95 | short | 2 sell 10@105 | filled 2, open, open | ~ 3@2
sold short at a limit and stopped further up
    100 100/111/99/103 | 1: sell 10 limit=105 sl=110 tp=95 | short | 2 sell 10@105; 2 buy 10@110 | filled 2, filled 2, cancelled 2 oco
an open at the limit, where a touch is enough, is an entry at the open: the whole bar counts
    100 95/106/94/99 | 1: buy 10 limit=95 sl=90 tp=105 | touch | 2 buy 10@95; 2 sell 10@105 | filled 2, cancelled 2 oco, filled 2
an open at the limit that has to be traded through is an entry within the bar
    100 95/106/94/99 | 1: buy 10 limit=95 sl=90 tp=105 | | 2 buy 10@95 | filled 2, open, open | ~ 3@2
"""

ENTRY_AT_A_STOP = """
a breakout that goes on to its take-profit: the way there leads through the entry
    100 100/112/99/108 | 1: buy 10 stop=105 sl=98 tp=110 | | 2 buy 10@105; 2 sell 10@110 | filled 2, cancelled 2 oco, filled 2 | 10050
a low below the stop-loss may have been after the breakout: the pessimist is stopped
    100 100/106/97/104 | 1: buy 10 stop=105 sl=98 tp=110 | pessimistic | 2 buy 10@105; 2 sell 10@98 | filled 2, filled 2, cancelled 2 oco | ~ 2@2
the optimist had that low before the breakout
    100 100/106/97/104 | 1: buy 10 stop=105 sl=98 tp=110 | optimistic | 2 buy 10@105 | filled 2, open, open | ~ 2@2
and so has the path to the nearer low first
    100 100/106/97/104 | 1: buy 10 stop=105 sl=98 tp=110 | ohlc | 2 buy 10@105 | filled 2, open, open | ~ 2@2
the path to the nearer high first comes down to the stop-loss afterwards
    100 100/106/93/104 | 1: buy 10 stop=105 sl=98 tp=110 | ohlc | 2 buy 10@105; 2 sell 10@98 | filled 2, filled 2, cancelled 2 oco | ~ 2@2
a close below the stop-loss comes after the entry: even the optimist is stopped
    100 100/106/96/97 | 1: buy 10 stop=105 sl=98 tp=110 | optimistic | 2 buy 10@105; 2 sell 10@98 | filled 2, filled 2, cancelled 2 oco
a breakout with both in the bar: the pessimist is stopped
    100 100/112/97/104 | 1: buy 10 stop=105 sl=98 tp=110 | pessimistic | 2 buy 10@105; 2 sell 10@98 | filled 2, filled 2, cancelled 2 oco | ~ 2@2 3@2
a breakout with both in the bar: the optimist takes the profit
    100 100/112/97/104 | 1: buy 10 stop=105 sl=98 tp=110 | optimistic | 2 buy 10@105; 2 sell 10@110 | filled 2, cancelled 2 oco, filled 2 | ~ 2@2 3@2
a breakout with both in the bar: on the path the low was over before
    100 100/112/97/104 | 1: buy 10 stop=105 sl=98 tp=110 | ohlc | 2 buy 10@105; 2 sell 10@110 | filled 2, cancelled 2 oco, filled 2 | ~ 2@2 3@2
a take-profit that the breakout only touches
    100 100/110/99/108 | 1: buy 10 stop=105 sl=98 tp=110 | | 2 buy 10@105 | filled 2, open, open
a take-profit that the breakout touches fills where a touch is enough
    100 100/110/99/108 | 1: buy 10 stop=105 sl=98 tp=110 | touch | 2 buy 10@105; 2 sell 10@110 | filled 2, cancelled 2 oco, filled 2
a breakdown sold short goes on to its take-profit
    100 100/101/88/92 | 1: sell 10 stop=95 sl=102 tp=90 | short | 2 sell 10@95; 2 buy 10@90 | filled 2, cancelled 2 oco, filled 2
a breakdown sold short with both in the bar
    100 100/103/88/96 | 1: sell 10 stop=95 sl=102 tp=90 | short | 2 sell 10@95; 2 buy 10@102 | filled 2, filled 2, cancelled 2 oco | ~ 2@2 3@2
"""

ENTRY_BY_STOP_LIMIT = """
a stop-limit filled at its stop counts as a stop
    100 100/116/99/110 | 1: buy 10 stop=105 limit=107 sl=95 tp=115 | | 2 buy 10@105; 2 sell 10@115 | filled 2, cancelled 2 oco, filled 2
triggered at the open and bought on the way back: a lower stop-loss comes after
    100 109/110/99/104 | 1: buy 10 stop=105 limit=107 sl=100 tp=115 | | 2 buy 10@107; 2 sell 10@100 | filled 2, filled 2, cancelled 2 oco
triggered at the open and bought on the way back: certain to the optimist, too
    100 109/110/99/104 | 1: buy 10 stop=105 limit=107 sl=100 tp=115 | optimistic | 2 buy 10@107; 2 sell 10@100 | filled 2, filled 2, cancelled 2 oco
triggered at the open and bought on the way back: the high may have been before
    100 109/116/106/108 | 1: buy 10 stop=105 limit=107 sl=100 tp=115 | | 2 buy 10@107 | filled 2, open, open | ~ 3@2
triggered at the open, bought on the way down and sold on the way up
    100 109/116/106/108 | 1: buy 10 stop=105 limit=107 sl=100 tp=115 | ohlc | 2 buy 10@107; 2 sell 10@115 | filled 2, cancelled 2 oco, filled 2 | ~ 3@2
bought at a limit below the stop: the low may have been before, so the pessimist is stopped and the optimist is not
    100 100/106/94/102 | 1: buy 10 stop=105 limit=103 sl=95 tp=110 | | 2 buy 10@103; 2 sell 10@95 | filled 2, filled 2, cancelled 2 oco | ~ 2@2
the optimist had the low before the trigger
    100 100/106/94/102 | 1: buy 10 stop=105 limit=103 sl=95 tp=110 | optimistic | 2 buy 10@103 | filled 2, open, open | ~ 2@2
on the path up first, the fall goes through limit and stop-loss
    100 100/106/93/102 | 1: buy 10 stop=105 limit=103 sl=95 tp=110 | ohlc | 2 buy 10@103; 2 sell 10@95 | filled 2, filled 2, cancelled 2 oco | ~ 2@2
a close below limit and stop-loss is certain to everybody
    100 100/106/93/94 | 1: buy 10 stop=105 limit=103 sl=95 tp=110 | optimistic | 2 buy 10@103; 2 sell 10@95 | filled 2, filled 2, cancelled 2 oco
the optimist buys at a limit below the stop and sells at the take-profit
    100 100/112/99/108 | 1: buy 10 stop=105 limit=103 sl=95 tp=110 | optimistic | 2 buy 10@103; 2 sell 10@110 | filled 2, cancelled 2 oco, filled 2 | ~ 1@2 3@2
up to the trigger, down through the limit, and up to the take-profit at the close
    100 100/108/90/107 | 1: buy 10 stop=105 limit=103 sl=85 tp=106 | ohlc | 2 buy 10@103; 2 sell 10@106 | filled 2, cancelled 2 oco, filled 2 | ~ 1@2
"""

ENTRY_ON_SEVERAL_BARS = """
a further fill within a bar makes it an own bar again: the high may have been before
    100 101/102/99/101v60 101/112/99/105v1000 | 1: buy 10 limit=100 sl=90 tp=110 | cap=0.1 | 2 buy 6@100; 3 buy 4@100 | filled 3, open, open | ~ 3@3
a further fill at the open leaves the bar to the children
    100 100/101/99/100v60 101/111/100/105v1000 | 1: buy 10 sl=90 tp=110 | cap=0.1 | 2 buy 6@100; 3 buy 4@101; 3 sell 10@110 | filled 3, cancelled 3 oco, filled 3
a stop-loss at the open takes out what was bought before, and the limit that would have bought more
    100 101/102/99/101v60 85/101/84/100v1000 | 1: buy 10 limit=100 sl=90 tp=110 | cap=0.1 | 2 buy 6@100; 3 sell 6@85 | cancelled 3 oco, filled 3, cancelled 3 oco
the optimist has that high after the further fill
    100 101/102/99/101v60 101/112/99/105v1000 | 1: buy 10 limit=100 sl=90 tp=110 | cap=0.1 optimistic | 2 buy 6@100; 3 buy 4@100; 3 sell 10@110 | filled 3, cancelled 3 oco, filled 3 | ~ 3@3
on the path the further fill comes before that high
    100 101/102/99/101v60 101/112/99/105v1000 | 1: buy 10 limit=100 sl=90 tp=110 | cap=0.1 ohlc | 2 buy 6@100; 3 buy 4@100; 3 sell 10@110 | filled 3, cancelled 3 oco, filled 3 | ~ 3@3
"""

CASES = params(ENTRY_AT_OPEN, ENTRY_AT_A_LIMIT, ENTRY_AT_A_STOP, ENTRY_BY_STOP_LIMIT, ENTRY_ON_SEVERAL_BARS)


@pytest.mark.parametrize("line", CASES)
def test_the_engine_fills_as_worked_by_hand(line: str) -> None:
    assert engine_differs(line) == []


@pytest.mark.parametrize("line", CASES)
def test_the_oracle_fills_as_worked_by_hand(line: str) -> None:
    assert oracle_differs(line) == []


@pytest.mark.parametrize("line", mirrored(CASES))
def test_the_engine_fills_the_mirror_image_of_a_case_as_its_mirror_image(line: str) -> None:
    assert mirror_differs(line) == []
