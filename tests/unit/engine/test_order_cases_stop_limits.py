"""Stop-limit orders, worked by hand: the limit above the stop, below it, and jumped over at the open."""

from __future__ import annotations

import pytest
from tests.unit.engine.order_runs import engine_differs, mirror_differs, mirrored, oracle_differs, params

STOP_LIMITS = """
a stop-limit is filled at its stop when the bar reaches it
    100 100/106/99/104 | 1: buy 10 stop=105 limit=107 | | 2 buy 10@105 | filled 2
a stop-limit that is not reached waits, also below its limit
    100 100/104/90/103 | 1: buy 10 stop=105 limit=107 | | | open
a stop-limit is filled at an open between its stop and its limit
    100 106/108/105/107 | 1: buy 10 stop=105 limit=107 | | 2 buy 10@106 | filled 2
an open at the limit of a stop-limit is good enough
    100 107/108/106/107 | 1: buy 10 stop=105 limit=107 | | 2 buy 10@107 | filled 2
an open beyond the limit makes it a limit for the rest of the bar
    100 109/110/106/108 | 1: buy 10 stop=105 limit=107 | | 2 buy 10@107 | filled 2
an open beyond the limit and a low that touches it do not fill
    100 109/110/107/108 | 1: buy 10 stop=105 limit=107 | | | open
an open beyond the limit and a low that touches it fill where a touch is enough
    100 109/110/107/108 | 1: buy 10 stop=105 limit=107 | touch | 2 buy 10@107 | filled 2
once triggered it rests as a limit on later bars
    100 109/110/108/109 108/109/106/107 | 1: buy 10 stop=105 limit=107 | | 3 buy 10@107 | filled 3
once triggered it needs no stop again, and takes an open far below
    100 109/110/108/109 97/99/96/98 | 1: buy 10 stop=105 limit=107 | | 3 buy 10@97 | filled 3
the rest that volume leaves is a resting limit
    100 100/106/99/104v50 108/109/107.5/108v1000 106/108/105/107v1000 | 1: buy 10 stop=105 limit=107 | cap=0.1 | 2 buy 5@105; 4 buy 5@106 | filled 4
a stop-limit is triggered without volume, and is a limit from then on
    100 100/106/99/104v0 100/101/99/100v1000 | 1: buy 10 stop=105 limit=107 | cap=0.1 | 3 buy 10@100 | filled 3
a stop and a limit at one price are filled there
    100 100/106/99/104 | 1: buy 10 stop=105 limit=105 | | 2 buy 10@105 | filled 2
a limit below the stop, and a close below the limit: the price came back through it
    100 100/106/99/102 | 1: buy 10 stop=105 limit=103 | | 2 buy 10@103 | filled 2
a limit below the stop is triggered in a bar that stays above the limit
    103.5 103.5/106/103.2/104 104/105/102/103 | 1: buy 10 stop=105 limit=103 | | 3 buy 10@103 | filled 3
a limit below the stop, and a low below the limit: not filled on that bar, but on the next
    100 100/106/99/104 104/104/102/103 | 1: buy 10 stop=105 limit=103 | | 3 buy 10@103 | filled 3 | ~ 1@2
the optimist takes the low for later than the trigger
    100 100/106/99/104 | 1: buy 10 stop=105 limit=103 | optimistic | 2 buy 10@103 | filled 2 | ~ 1@2
by way of the low first, the trigger comes after it, and nothing brings the price back
    100 100/106/99/104 | 1: buy 10 stop=105 limit=103 | ohlc | | open | ~ 1@2
by way of the high first, the low brings the price back through the limit
    100 100/106/90/104 | 1: buy 10 stop=105 limit=103 | ohlc | 2 buy 10@103 | filled 2 | ~ 1@2
the pessimist leaves that one open
    100 100/106/90/104 | 1: buy 10 stop=105 limit=103 | | | open | ~ 1@2
a close at a limit below the stop is only a touch
    100 100/106/99/103 | 1: buy 10 stop=105 limit=103 | | | open | ~ 1@2
a close at a limit below the stop fills where a touch is enough
    100 100/106/99/103 | 1: buy 10 stop=105 limit=103 | touch | 2 buy 10@103 | filled 2
an open at the stop with the limit below it: triggered at once, so any later low counts
    100 105/106/102/104 | 1: buy 10 stop=105 limit=103 | | 2 buy 10@103 | filled 2
slippage never takes a stop-limit beyond its limit
    100 100/106/99/104 | 1: buy 10 stop=105 limit=107 | bps=300 | 2 buy 10@107 | filled 2
slippage within the limit is paid
    100 100/106/99/104 | 1: buy 10 stop=105 limit=107 | bps=100 | 2 buy 10@106.05 | filled 2
a limit below the stop that was not reached on the trigger bar waits for it
    100 100/106/99/104 104/105/103/104 104/104/101/103 | 1: buy 10 stop=105 limit=103 sl=95 | | 4 buy 10@103 | filled 4, open | ~ 1@2
the optimist's limit below the stop leaves a rest to the next bar, which is in no doubt
    100 100/106/99/104v50 104/105/102/103v1000 | 1: buy 10 stop=105 limit=103 | cap=0.1 optimistic | 2 buy 5@103; 3 buy 5@103 | filled 3 | ~ 1@2
"""

SALES = """
a sell stop-limit is filled at its stop when the bar falls to it
    100 100 100/101/94/96 | 1: buy 10; 2: sell 10 stop=95 limit=93 | | 2 buy 10@100; 3 sell 10@95 | filled 2, filled 3
a sell stop-limit is filled at an open between its stop and its limit
    100 100 94/95/92/93 | 1: buy 10; 2: sell 10 stop=95 limit=93 | | 2 buy 10@100; 3 sell 10@94 | filled 2, filled 3
an open below the limit of a sale waits for the bar to come back
    100 100 91/94/90/92 | 1: buy 10; 2: sell 10 stop=95 limit=93 | | 2 buy 10@100; 3 sell 10@93 | filled 2, filled 3
a crash through the limit of a sale leaves the position where it is
    100 100 91/92/88/90 90/91/85/86 | 1: buy 10; 2: sell 10 stop=95 limit=93 | | 2 buy 10@100 | filled 2, open | 9860
a sale with its limit above the stop, and a close above the limit
    100 100 100/101/94/98 | 1: buy 10; 2: sell 10 stop=95 limit=97 | | 2 buy 10@100; 3 sell 10@97 | filled 2, filled 3
a sale with its limit above the stop, and a close below it
    100 100 100/101/94/96 | 1: buy 10; 2: sell 10 stop=95 limit=97 | | 2 buy 10@100 | filled 2, open | ~ 2@3
the optimist sells at the limit above the stop
    100 100 100/101/94/96 | 1: buy 10; 2: sell 10 stop=95 limit=97 | optimistic | 2 buy 10@100; 3 sell 10@97 | filled 2, filled 3 | ~ 2@3
a sell stop-limit opens a short at its stop
    100 100/101/94/96 | 1: sell 10 stop=95 limit=93 | short | 2 sell 10@95 | filled 2 | 9990
"""

CASES = params(STOP_LIMITS, SALES)


@pytest.mark.parametrize("line", CASES)
def test_the_engine_fills_as_worked_by_hand(line: str) -> None:
    assert engine_differs(line) == []


@pytest.mark.parametrize("line", CASES)
def test_the_oracle_fills_as_worked_by_hand(line: str) -> None:
    assert oracle_differs(line) == []


@pytest.mark.parametrize("line", mirrored(CASES))
def test_the_engine_fills_the_mirror_image_of_a_case_as_its_mirror_image(line: str) -> None:
    assert mirror_differs(line) == []
