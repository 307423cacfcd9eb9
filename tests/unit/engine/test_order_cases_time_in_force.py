"""How long orders work, worked by hand: for the day, to a date, at once or not at all."""

from __future__ import annotations

import pytest
from tests.unit.engine.order_runs import engine_differs, mirror_differs, mirrored, oracle_differs, params

DAY = """
an order for the day fills on its day
    100 100/101/94/98 | 1: buy 10 limit=95 tif=DAY | | 2 buy 10@95 | filled 2
an order for the day expires before the next day's bar is matched
    100 100/101/96/99 90/91/89/90 | 1: buy 10 limit=95 tif=DAY | | | expired 3 day
the day is that of the first bar after the decision, with all its bars
    100 100 100/101/96/99 99/100/94/98 | 2: buy 10 limit=95 tif=DAY | hours=12 | 4 buy 10@95 | filled 4
a decision in the morning works in the afternoon only
    100 100/101/96/99 90/91/89/90 | 1: buy 10 limit=95 tif=DAY | hours=12 | | expired 3 day
a day on which the symbol does not trade is a day all the same
    100 - 90/91/89/90 | 1: buy 10 limit=95 tif=DAY | | | expired 3 day
an order expires on a bar without a price, too
    100 100/101/96/99 - 90/91/89/90 | 1: buy 10 limit=95 tif=DAY | | | expired 3 day
what volume left of an order for the day expires
    100 100v50 100v50 | 1: buy 10 tif=DAY | cap=0.1 | 2 buy 5@100 | expired 3 day
the children of an entry for the day stay at work
    100 100v50 100v50 100/111/99/108v1000 | 1: buy 10 tif=DAY sl=90 tp=110 | cap=0.1 | 2 buy 5@100; 4 sell 5@110 | expired 3 day, cancelled 4 oco, filled 4
a triggered stop expires with its day
    100 100/106/99/104v0 104v1000 | 1: buy 10 stop=105 tif=DAY | cap=0.1 | | expired 3 day
a market-on-close order for the day expires with it
    100 - 100 | 1: buy 10 moc tif=DAY | | | expired 3 day
with fills on the close, too, the day is that of the next bar
    100 - - 100 | 2: buy 10 tif=DAY | close | | expired 4 day
an order for the day that the bars end in is still open
    100 100/101/96/99 | 1: buy 10 limit=95 tif=DAY | | | open
"""

TILL = """
good till a bar includes that bar
    100 100/101/96/99 99/99/94/97 | 1: buy 10 limit=95 till=3 | | 3 buy 10@95 | filled 3
good till a bar ends on the one after it
    100 100/101/96/99 99/99/96/97 90/91/89/90 | 1: buy 10 limit=95 till=3 | | | expired 4 gtd
good till a bar may be said in full
    100 100/101/96/99 99/99/96/97 90/91/89/90 | 1: buy 10 limit=95 tif=GTD till=2 | | | expired 3 gtd
good till a bar later than the last is open at the end
    100 100/101/96/99 99/99/96/97 | 1: buy 10 limit=95 till=3 | | | open
a date that passes on a bar without a price
    100 - - 90/91/89/90 | 1: buy 10 limit=95 till=2 | | | expired 3 gtd
good till cancelled waits for ever
    100 100 100 100 100 100 100 94/95/93/94 | 1: buy 10 limit=95 tif=GTC | | 8 buy 10@94 | filled 8
"""

AT_ONCE = """
immediate or cancel takes what the volume gives and no more
    100 100v50 100v1000 | 1: buy 10 tif=IOC | cap=0.1 | 2 buy 5@100 | cancelled 2 ioc
immediate or cancel that is filled whole is filled
    100 100 | 1: buy 10 tif=IOC | | 2 buy 10@100 | filled 2
fill or kill takes nothing if the volume is not enough
    100 100v50 100v1000 | 1: buy 10 tif=FOK | cap=0.1 | | cancelled 2 fok
fill or kill takes all or nothing: all
    100 100v100 | 1: buy 10 tif=FOK | cap=0.1 | 2 buy 10@100 | filled 2
an immediate limit looks at the open only
    100 100/101/94/98 | 1: buy 10 limit=95 tif=IOC | | | cancelled 2 ioc
an immediate limit takes a better open
    100 94/96/93/95 | 1: buy 10 limit=95 tif=IOC | | 2 buy 10@94 | filled 2
an immediate limit at the open's own price is only a touch
    100 95/97/94/96 | 1: buy 10 limit=95 tif=IOC | | | cancelled 2 ioc
an immediate limit at the open's own price fills where a touch is enough
    100 95/97/94/96 | 1: buy 10 limit=95 tif=IOC | touch | 2 buy 10@95 | filled 2
fill or kill at a limit looks at the open only
    100 100/101/94/98 | 1: buy 10 limit=95 tif=FOK | | | cancelled 2 fok
immediate is the first bar of the panel, whether the symbol trades or not
    100 - 100 | 1: buy 10 tif=IOC | | | cancelled 2 ioc
fill or kill does not wait for a price either
    100 - 100 | 1: buy 10 tif=FOK | | | cancelled 2 fok
immediate or cancel without volume
    100 100v0 100v1000 | 1: buy 10 tif=IOC | cap=0.1 | | cancelled 2 ioc
immediate or cancel takes what the cash covers
    100 100 | 1: buy 200 tif=IOC | | 2 buy 100@100 | filled 2 insufficient_cash
fill or kill takes nothing if the cash is not enough
    100 100 | 1: buy 200 tif=FOK | | | cancelled 2 fok
fill or kill sells nothing if the position is smaller
    100 100 100 | 1: buy 10; 2: sell 15 tif=FOK | onesided | 2 buy 10@100 | filled 2, cancelled 3 fok
with fills on the close an immediate order has its one chance at that close
    99/101/98/100 100 | 1: buy 10 tif=IOC | close | 1 buy 10@100 | filled 1
with fills on the close immediate or cancel takes what that close gives
    100v50 100v1000 | 1: buy 10 tif=IOC | close cap=0.1 | 1 buy 5@100 | cancelled 1 ioc
with fills on the close fill or kill takes nothing from too little volume
    100v50 100v1000 | 1: buy 10 tif=FOK | close cap=0.1 | | cancelled 1 fok
with fills on the close an immediate limit still looks at the next open
    100 94/96/93/95 | 1: buy 10 limit=95 tif=IOC | close | 2 buy 10@94 | filled 2
what immediate or cancel bought has its children
    100 100v50 100/111/99/108v1000 | 1: buy 10 tif=IOC sl=90 tp=110 | cap=0.1 | 2 buy 5@100; 3 sell 5@110 | cancelled 2 ioc, cancelled 3 oco, filled 3
fill or kill finds the bar's volume used up by an order before it
    100 100v100 | 1: buy 6; buy 6 tif=FOK | cap=0.1 | 2 buy 6@100 | filled 2, cancelled 2 fok
fill or kill takes nothing if the cash does not cover the commission
    100 100 | 1: buy 100 tif=FOK | order=5 onesided | | cancelled 2 fok
immediate or cancel that the cash does not cover is refused where the rule is to reject
    100 100 | 1: buy 200 tif=IOC | reject | | rejected 2 insufficient_cash
with fills on the close immediate is the decision's own bar, whether the symbol trades or not
    100 - 100 | 2: buy 10 tif=IOC | close | | cancelled 2 ioc
"""

CASES = params(DAY, TILL, AT_ONCE)


@pytest.mark.parametrize("line", CASES)
def test_the_engine_fills_as_worked_by_hand(line: str) -> None:
    assert engine_differs(line) == []


@pytest.mark.parametrize("line", CASES)
def test_the_oracle_fills_as_worked_by_hand(line: str) -> None:
    assert oracle_differs(line) == []


@pytest.mark.parametrize("line", mirrored(CASES))
def test_the_engine_fills_the_mirror_image_of_a_case_as_its_mirror_image(line: str) -> None:
    assert mirror_differs(line) == []
