"""Both children in one bar, worked by hand under the three readings of a bar."""

from __future__ import annotations

import pytest
from tests.unit.engine.order_runs import engine_differs, mirror_differs, mirrored, oracle_differs, params

LONG = """
the pessimist is stopped
    100 100 100/111/88/100 | 1: buy 10 sl=90 tp=110 | pessimistic | 2 buy 10@100; 3 sell 10@90 | filled 2, filled 3, cancelled 3 oco | ~ 2@3 3@3
the pessimist is who reads where nothing is said
    100 100 100/111/89.5/100 | 1: buy 10 sl=90 tp=110 | | 2 buy 10@100; 3 sell 10@90 | filled 2, filled 3, cancelled 3 oco | ~ 2@3 3@3
the optimist takes the profit
    100 100 100/111/88/100 | 1: buy 10 sl=90 tp=110 | optimistic | 2 buy 10@100; 3 sell 10@110 | filled 2, cancelled 3 oco, filled 3 | ~ 2@3 3@3
the path goes to the nearer high first
    100 100 100/111/88/100 | 1: buy 10 sl=90 tp=110 | ohlc | 2 buy 10@100; 3 sell 10@110 | filled 2, cancelled 3 oco, filled 3 | ~ 2@3 3@3
the path goes to the nearer low first
    100 100 100/115/89/100 | 1: buy 10 sl=90 tp=110 | ohlc | 2 buy 10@100; 3 sell 10@90 | filled 2, filled 3, cancelled 3 oco | ~ 2@3 3@3
where high and low are equally near, the path goes to the low first
    100 100 100/111/89/100 | 1: buy 10 sl=90 tp=110 | ohlc onesided | 2 buy 10@100; 3 sell 10@90 | filled 2, filled 3, cancelled 3 oco | ~ 2@3 3@3
an open above the take-profit is first for certain
    100 100 112/113/85/86 | 1: buy 10 sl=90 tp=110 | | 2 buy 10@100; 3 sell 10@112 | filled 2, cancelled 3 oco, filled 3
an open below the stop-loss is first for certain
    100 100 88/112/87/111 | 1: buy 10 sl=90 tp=110 | optimistic | 2 buy 10@100; 3 sell 10@88 | filled 2, filled 3, cancelled 3 oco
an open at the stop-loss is first for certain
    100 100 90/112/87/111 | 1: buy 10 sl=90 tp=110 | optimistic | 2 buy 10@100; 3 sell 10@90 | filled 2, filled 3, cancelled 3 oco
an open at the take-profit is only a touch, and the pessimist is stopped later
    100 100 110/113/85/86 | 1: buy 10 sl=90 tp=110 | | 2 buy 10@100; 3 sell 10@90 | filled 2, filled 3, cancelled 3 oco | ~ 2@3 3@3
a take-profit that is only touched leaves no doubt
    100 100 100/110/89/100 | 1: buy 10 sl=90 tp=110 | optimistic | 2 buy 10@100; 3 sell 10@90 | filled 2, filled 3, cancelled 3 oco
a touched take-profit is in doubt where a touch is enough
    100 100 100/110/89/100 | 1: buy 10 sl=90 tp=110 | touch | 2 buy 10@100; 3 sell 10@90 | filled 2, filled 3, cancelled 3 oco | ~ 2@3 3@3
the optimist's take-profit sells a part, and the stop-loss keeps out of that bar
    100 100v1000 100/111/89/100v60 100/101/99/100v1000 | 1: buy 10 sl=90 tp=110 | optimistic cap=0.1 | 2 buy 10@100; 3 sell 6@110 | filled 2, open, open | ~ 2@3 3@3
the pessimist's stop-loss is triggered without volume
    100 100v1000 100/111/89/100v0 95/96/94/95v1000 | 1: buy 10 sl=90 tp=110 | cap=0.1 | 2 buy 10@100; 4 sell 10@95 | filled 2, filled 4, cancelled 3 oco | ~ 2@3 3@3
a child that works alone is never in doubt
    100 100 100/111/89/100 | 1: buy 10 sl=90 tp=110; 2: cancel 2 | | 2 buy 10@100; 3 sell 10@110 | filled 2, cancelled 2 user, filled 3
two orders that are no bracket are not in doubt: both are filled
    100 100 100/111/89/100 | 1: buy 10; 2: sell 5 stop=90; sell 5 limit=110 | | 2 buy 10@100; 3 sell 5@90; 3 sell 5@110 | filled 2, filled 3, filled 3
"""

SHORT = """
the pessimist buys back above
    100 100 100/112/89/100 | 1: sell 10 sl=110 tp=90 | short pessimistic | 2 sell 10@100; 3 buy 10@110 | filled 2, filled 3, cancelled 3 oco | ~ 2@3 3@3
the optimist buys back below
    100 100 100/112/89/100 | 1: sell 10 sl=110 tp=90 | short optimistic | 2 sell 10@100; 3 buy 10@90 | filled 2, cancelled 3 oco, filled 3 | ~ 2@3 3@3
a short on the path to the nearer low first takes its profit
    100 100 100/112/89/100 | 1: sell 10 sl=110 tp=90 | short ohlc | 2 sell 10@100; 3 buy 10@90 | filled 2, cancelled 3 oco, filled 3 | ~ 2@3 3@3
a short on the path to the nearer high first is stopped
    100 100 100/111/85/100 | 1: sell 10 sl=110 tp=90 | short ohlc | 2 sell 10@100; 3 buy 10@110 | filled 2, filled 3, cancelled 3 oco | ~ 2@3 3@3
where high and low are equally near, a short takes its profit at the low
    100 100 100/111/89/100 | 1: sell 10 sl=110 tp=90 | short ohlc onesided | 2 sell 10@100; 3 buy 10@90 | filled 2, cancelled 3 oco, filled 3 | ~ 2@3 3@3
an open below a short's take-profit is first for certain
    100 100 88/113/87/112 | 1: sell 10 sl=110 tp=90 | short | 2 sell 10@100; 3 buy 10@88 | filled 2, cancelled 3 oco, filled 3
an open above a short's stop-loss is first for certain
    100 100 112/113/87/88 | 1: sell 10 sl=110 tp=90 | short optimistic | 2 sell 10@100; 3 buy 10@112 | filled 2, filled 3, cancelled 3 oco
"""

CASES = params(LONG, SHORT)


@pytest.mark.parametrize("line", CASES)
def test_the_engine_fills_as_worked_by_hand(line: str) -> None:
    assert engine_differs(line) == []


@pytest.mark.parametrize("line", CASES)
def test_the_oracle_fills_as_worked_by_hand(line: str) -> None:
    assert oracle_differs(line) == []


@pytest.mark.parametrize("line", mirrored(CASES))
def test_the_engine_fills_the_mirror_image_of_a_case_as_its_mirror_image(line: str) -> None:
    assert mirror_differs(line) == []
