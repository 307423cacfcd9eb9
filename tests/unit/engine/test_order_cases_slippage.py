"""Slippage, worked by hand: what each model makes of a price, and where an order's limit stops it."""

from __future__ import annotations

import pytest
from tests.unit.engine.order_runs import engine_differs, mirror_differs, mirrored, oracle_differs, params

MODELS = """
half a spread is lost each way
    100 100 100 | 1: buy 10; 2: sell 10 | half=0.5 | 2 buy 10@100.5; 3 sell 10@99.5 | filled 2, filled 3 | 9990
a sale for less than nothing is a sale for nothing
    100 100 100 | 1: buy 10; 2: sell 10 | half=150 onesided | 2 buy 10@250; 3 sell 10@0 | filled 2, filled 3 | 7500
half of the volume costs a quarter of the whole volume's slippage
    100 100v100 | 1: buy 50 | volume_share=0.1 onesided | 2 buy 50@102.5 | filled 2
half of the volume sold
    100 100v100 | 1: sell 50 | volume_share=0.1 short onesided | 2 sell 50@97.5 | filled 2
a quarter of the volume costs half of the whole volume's slippage by the square root
    100 100v100 | 1: buy 25 | square_root=0.1 onesided | 2 buy 25@105 | filled 2
a quarter of the volume sold by the square root
    100 100v100 | 1: sell 25 | square_root=0.1 short onesided | 2 sell 25@95 | filled 2
no order is more than the whole volume by its share
    100 100v10 | 1: buy 50 | volume_share=0.1 onesided | 2 buy 50@110 | filled 2
no order is more than the whole volume by the square root
    100 100v10 | 1: buy 50 | square_root=0.1 onesided | 2 buy 50@110 | filled 2
a bar without volume is all the order's
    100 100v0 | 1: buy 50 | square_root=0.1 onesided | 2 buy 50@110 | filled 2
unknown volume is no volume
    100 100 | 1: buy 50 | volume_share=0.1 onesided | 2 buy 50@110 | filled 2
what volume caps is slipped by what it fills
    100 100v10 100v100 | 1: buy 10 | cap=0.5 volume_share=0.5 onesided | 2 buy 5@112.5; 3 buy 5@100.125 | filled 3
what cash cuts is slipped by what was asked for
    100 100v400 | 1: buy 400 | square_root=0.25 | 2 buy 80@125 | filled 2 insufficient_cash
a commission by rate is on the slipped price
    100 100 | 1: buy 10 | half=1 rate=0.1 | 2 buy 10@101 fee 101 | filled 2
an order at the close is slipped from there
    100 100/106/99/104 | 1: buy 10 moc | half=1 | 2 buy 10@105 | filled 2
"""

LIMITS = """
a limit filled at its limit is not slipped
    100 100/101/94/98 | 1: buy 10 limit=95 | half=2 | 2 buy 10@95 | filled 2
a limit filled at a better open is slipped up to its limit
    100 94/95/93/94 | 1: buy 10 limit=95 | half=2 | 2 buy 10@95 | filled 2
a limit filled at a far better open is slipped in full
    100 92/95/91/94 | 1: buy 10 limit=95 | half=2 | 2 buy 10@94 | filled 2
a sell limit is slipped down to its limit
    100 100 106/107/105/106 | 1: buy 10; 2: sell 10 limit=105 | half=2 | 2 buy 10@102; 3 sell 10@105 | filled 2, filled 3
a take-profit is a limit
    100 100 100/111/99/108 | 1: buy 10 tp=110 | half=2 | 2 buy 10@102; 3 sell 10@110 | filled 2, filled 3
a take-profit at a better open is slipped down to its limit at most
    100 100 115/116/114/115 | 1: buy 10 tp=110 | half=2 | 2 buy 10@102; 3 sell 10@113 | filled 2, filled 3
a stop is slipped beyond its stop
    100 100/106/99/104 | 1: buy 10 stop=105 | half=2 | 2 buy 10@107 | filled 2
a stop-loss is slipped below its stop
    100 100 99/100/89/92 | 1: buy 10 sl=90 | half=2 | 2 buy 10@102; 3 sell 10@88 | filled 2, filled 3
a stop-limit is slipped up to its limit
    100 100/106/99/104 | 1: buy 10 stop=105 limit=106 | half=2 | 2 buy 10@106 | filled 2
basis points of a limit's open
    100 93/97/92/96 | 1: buy 10 limit=95 | bps=100 | 2 buy 10@93.93 | filled 2
basis points of a stop
    100 100/106/99/104 | 1: buy 10 stop=105 | bps=100 | 2 buy 10@106.05 | filled 2
"""

CASES = params(MODELS, LIMITS)


@pytest.mark.parametrize("line", CASES)
def test_the_engine_fills_as_worked_by_hand(line: str) -> None:
    assert engine_differs(line) == []


@pytest.mark.parametrize("line", CASES)
def test_the_oracle_fills_as_worked_by_hand(line: str) -> None:
    assert oracle_differs(line) == []


@pytest.mark.parametrize("line", mirrored(CASES))
def test_the_engine_fills_the_mirror_image_of_a_case_as_its_mirror_image(line: str) -> None:
    assert mirror_differs(line) == []
