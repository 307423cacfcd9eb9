"""Orders that are refused when they are made, worked by hand; the run goes on."""

from __future__ import annotations

import pytest
from tests.unit.engine.order_runs import engine_differs, mirror_differs, mirrored, oracle_differs, params

QUANTITIES = """
a quantity of NaN
    100 100 | 1: buy nan | | | rejected 1 bad_quantity
an infinite quantity
    100 100 | 1: buy inf | | | rejected 1 bad_quantity
a quantity of nothing
    100 100 | 1: buy 0 | | | rejected 1 bad_quantity
a negative quantity is not a sale
    100 100 | 1: buy -5 | | | rejected 1 bad_quantity
a weight of nothing
    100 100 | 1: buy weight=0 | | | rejected 1 bad_quantity
a negative weight
    100 100 | 1: buy weight=-0.5 | | | rejected 1 bad_quantity
a weight of NaN
    100 100 | 1: buy weight=nan | | | rejected 1 bad_quantity
a target of NaN
    100 100 | 1: target nan | | | rejected 1 bad_quantity
a sale of nothing
    100 100 | 1: sell 0 | | | rejected 1 bad_quantity
an order that is refused leaves the others alone
    100 100 | 1: buy nan; buy 10 | | 2 buy 10@100 | rejected 1 bad_quantity, filled 2
the last bar refuses as any other
    100 100 | 2: buy nan | | | rejected 2 bad_quantity
an infinite target
    100 100 | 1: target inf | | | rejected 1 bad_quantity
money at a trailing stop whose first level is nothing has no size
    100 100 | 1: sell weight=0.5 trail=100 | short | | rejected 1 no_size
"""

PRICES = """
a limit of zero
    100 100 | 1: buy 10 limit=0 | | | rejected 1 bad_price
a negative limit
    100 100 | 1: buy 10 limit=-95 | | | rejected 1 bad_price
a limit of NaN that was given
    100 100 | 1: buy 10 limit=nan | | | rejected 1 bad_price
an infinite stop
    100 100 | 1: buy 10 stop=inf | | | rejected 1 bad_price
a stop-loss of zero
    100 100 | 1: buy 10 sl=0 | | | rejected 1 bad_price
a negative take-profit
    100 100 | 1: buy 10 tp=-110 | | | rejected 1 bad_price
a trailing amount of zero
    100 100 | 1: buy 10 trail=0 | | | rejected 1 bad_price
a negative trailing fraction
    100 100 | 1: buy 10 trail%=-0.1 | | | rejected 1 bad_price
a trailing stop-loss of NaN
    100 100 | 1: buy 10 ts=nan | | | rejected 1 bad_price
a trailing stop-loss of a fraction of zero
    100 100 | 1: buy 10 ts%=0 | | | rejected 1 bad_price
a limit that the tick rounds to nothing
    100 100 | 1: buy 10 limit=0.3 | tick=0.5 | | rejected 1 bad_price
"""

SYMBOLS = """
a symbol that the panel lacks
    100 100 | 1: buy XYZ 10 | | | rejected 1 unknown_symbol
a symbol that the panel lacks is refused, the next one bought
    100 100 | 1: buy XYZ 10; buy 10 | | 2 buy 10@100 | rejected 1 unknown_symbol, filled 2
a symbol without a close yet
    - 100 | 1: buy 10 limit=95 | | | rejected 1 no_price
a target of a symbol without a close yet
    - 100 | 1: target 0.5 | | | rejected 1 no_price
a close of a symbol that the panel lacks
    100 100 | 1: close XYZ | | | rejected 1 unknown_symbol
a target of a symbol that the panel lacks
    100 100 | 1: target XYZ 0.5 | | | rejected 1 unknown_symbol
a close of a symbol without a close yet
    - 100 | 1: close | | | rejected 1 no_price
"""

COMBINATIONS = """
quantity and weight together
    100 100 | 1: buy 10 weight=0.5 | | | rejected 1 bad_combination
trailing with a limit
    100 100 | 1: buy 10 trail=5 limit=95 | | | rejected 1 bad_combination
trailing with a stop
    100 100 | 1: buy 10 trail=5 stop=105 | | | rejected 1 bad_combination
trailing by an amount and by a fraction
    100 100 | 1: buy 10 trail=5 trail%=0.1 | | | rejected 1 bad_combination
immediate or cancel with a stop
    100 100 | 1: buy 10 stop=105 tif=IOC | | | rejected 1 bad_combination
fill or kill with a stop-limit
    100 100 | 1: buy 10 stop=105 limit=107 tif=FOK | | | rejected 1 bad_combination
immediate or cancel with a trailing stop
    100 100 | 1: buy 10 trail=5 tif=IOC | | | rejected 1 bad_combination
fill or kill on the close
    100 100 | 1: buy 10 moc tif=FOK | | | rejected 1 bad_combination
market-on-close with a limit
    100 100 | 1: buy 10 moc limit=95 | | | rejected 1 bad_combination
market-on-close with a stop
    100 100 | 1: buy 10 moc stop=105 | | | rejected 1 bad_combination
market-on-close with a trailing stop
    100 100 | 1: buy 10 moc trail=5 | | | rejected 1 bad_combination
a fixed and a trailing stop-loss
    100 100 | 1: buy 10 sl=90 ts=5 | | | rejected 1 bad_combination
a trailing stop-loss by an amount and by a fraction
    100 100 | 1: buy 10 ts=5 ts%=0.1 | | | rejected 1 bad_combination
good till a date and for the day
    100 100 100 | 1: buy 10 tif=DAY till=3 | | | rejected 1 bad_combination
good till a date and immediate
    100 100 100 | 1: buy 10 tif=IOC till=3 | | | rejected 1 bad_combination
"""

EXPIRY = """
good till a date without a date
    100 100 | 1: buy 10 tif=GTD | | | rejected 1 bad_expiry
good till the bar of the decision
    100 100 | 1: buy 10 till=1 | | | rejected 1 bad_expiry
good till a bar that is past
    100 100 100 | 2: buy 10 tif=GTD till=1 | | | rejected 2 bad_expiry
"""

SIDES = """
a buy stop below the last close
    100 100 | 1: buy 10 stop=99 | | | rejected 1 wrong_side
a sell stop above the last close
    100 100 100 | 1: buy 10; 2: sell 10 stop=101 | | 2 buy 10@100 | filled 2, rejected 2 wrong_side
a buy stop-limit with its stop below the last close
    100 100 | 1: buy 10 stop=99 limit=105 | | | rejected 1 wrong_side
a stop-loss at the last close
    100 100 | 1: buy 10 sl=100 | | | rejected 1 wrong_side
a stop-loss above the last close
    100 100 | 1: buy 10 sl=101 | | | rejected 1 wrong_side
a take-profit at the last close
    100 100 | 1: buy 10 tp=100 | | | rejected 1 wrong_side
a take-profit below the last close
    100 100 | 1: buy 10 tp=99 | | | rejected 1 wrong_side
a stop-loss at the entry's limit
    100 100 | 1: buy 10 limit=95 sl=95 | | | rejected 1 wrong_side
a take-profit at the entry's limit
    100 100 | 1: buy 10 limit=95 tp=95 | | | rejected 1 wrong_side
a take-profit above the entry's limit may be below the market
    100 100/101/94/96 96/98/95/97 | 1: buy 10 limit=95 sl=90 tp=97 | | 2 buy 10@95; 3 sell 10@97 | filled 2, cancelled 3 oco, filled 3 | ~ 3@2
a take-profit at the entry's stop
    100 100 | 1: buy 10 stop=105 tp=105 | | | rejected 1 wrong_side
a stop-loss between the limit and the stop above it
    100 100 | 1: buy 10 stop=105 limit=103 sl=104 | | | rejected 1 wrong_side
a take-profit between the stop and the limit above it
    100 100 | 1: buy 10 stop=105 limit=107 tp=106 | | | rejected 1 wrong_side
a stop-loss at a trailing entry's first level
    100 100 | 1: buy 10 trail=5 sl=105 | | | rejected 1 wrong_side
a short's stop-loss below the last close
    100 100 | 1: sell 10 sl=99 | short | | rejected 1 wrong_side
a short's take-profit above the last close
    100 100 | 1: sell 10 tp=101 | short | | rejected 1 wrong_side
a trailing stop-loss has no wrong side, however wide
    100 100 | 1: buy 10 ts=500 | | 2 buy 10@100 | filled 2, open
the last close is that of the last bar that traded
    100 - 100/101/94/98 | 2: buy 10 stop=99 | | | rejected 2 wrong_side
"""

WHICH_COMES_FIRST = """
the quantity is looked at before the price and the symbol
    100 100 | 1: buy XYZ -5 limit=-1 | | | rejected 1 bad_quantity
the price is looked at before the symbol
    100 100 | 1: buy XYZ 10 limit=-1 | | | rejected 1 bad_price
the symbol is looked at before the combination
    100 100 | 1: buy XYZ 10 weight=0.5 | | | rejected 1 unknown_symbol
the last close is looked at before the combination
    - 100 | 1: buy 10 weight=0.5 | | | rejected 1 no_price
the combination is looked at before the expiry
    100 100 | 1: buy 10 weight=0.5 till=1 | | | rejected 1 bad_combination
the expiry is looked at before the side
    100 100 | 1: buy 10 stop=99 till=1 | | | rejected 1 bad_expiry
the side is looked at before the lot
    100 100 | 1: buy 0.5 stop=99 | lot=1 | | rejected 1 wrong_side
the expiry is looked at before what the tick leaves of a price
    100 100 | 1: buy 10 limit=0.3 till=1 | tick=0.5 | | rejected 1 bad_expiry
what the tick leaves of a price is looked at before the side
    100 100 | 1: buy 10 limit=0.3 sl=90 | tick=0.5 | | rejected 1 bad_price
"""

CASES = params(QUANTITIES, PRICES, SYMBOLS, COMBINATIONS, EXPIRY, SIDES, WHICH_COMES_FIRST)


@pytest.mark.parametrize("line", CASES)
def test_the_engine_fills_as_worked_by_hand(line: str) -> None:
    assert engine_differs(line) == []


@pytest.mark.parametrize("line", CASES)
def test_the_oracle_fills_as_worked_by_hand(line: str) -> None:
    assert oracle_differs(line) == []


@pytest.mark.parametrize("line", mirrored(CASES))
def test_the_engine_fills_the_mirror_image_of_a_case_as_its_mirror_image(line: str) -> None:
    assert mirror_differs(line) == []
