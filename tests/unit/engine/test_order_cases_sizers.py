"""Sizes by volatility, by risk and by Kelly, worked by hand, and what they can't say."""

from __future__ import annotations

import pytest
from tests.unit.engine.order_runs import engine_differs, oracle_differs, params

VOLATILITY = """
half of the volatility wanted is half of the equity
    100 110 110 99 100 | . . . B . | vol=0.05/3/1 | 5 buy 50@100 | filled 5
volatility is a year's
    100 110 110 99 100 | . . . B . | vol=0.05/3/4 | 5 buy 25@100 | filled 5
calm prices are bought for no more than the leverage
    100 110 110 99 100 | . . . B . | vol=0.5/3/1 | 5 buy 100@100 | filled 5
calm prices are bought for all of the leverage
    100 110 110 99 100 | . . . B . | vol=0.5/3/1 lev=2 | 5 buy 200@100 | filled 5
prices that do not move are bought for all of the leverage
    100 100 100 100 100 | . . . B . | vol=0.05/3/1 | 5 buy 100@100 | filled 5
too few returns have no volatility
    100 110 99 | . B . | vol=0.05/3/1 | | rejected 2 no_size
bars without a price have no return
    100 110 - 110 99 100 | . . . . B . | vol=0.05/3/1 | 6 buy 50@100 | filled 6
bars without a price do not fill the window
    100 110 - - 100 | . . . B . | vol=0.05/3/1 | | rejected 4 no_size
a split is no return
    100 110 55x2 49.5 50 | . . . B . | vol=0.05/3/1 | 5 buy 100@50 | filled 5
a split on a bar without a price is no return either
    100 110 -x2 55 49.5 50 | . . . . B . | vol=0.05/3/1 | 6 buy 100@50 | filled 6
a dividend is left out
    100 110 110d5 99 100 | . . . B . | vol=0.05/3/1 | 5 buy 50@100 | filled 5
only the last returns count
    500 100 110 110 99 100 | . . . . B . | vol=0.05/3/1 | 6 buy 50@100 | filled 6
the weight is shared among the panel's symbols
    A: 100 110 110 99 100; B: 100 100 100 100 100 | A: . . . B .; B: . . . . . | vol=0.05/3/1 | 5 A buy 25@100 | filled 5
strength scales it
    100 110 110 99 100 | . . . B*0.5 . | vol=0.05/3/1 | 5 buy 25@100 | filled 5
a purchase by hand without a quantity asks the sizer
    100 110 110 99 100 | 4: buy | vol=0.05/3/1 | 5 buy 50@100 | filled 5
"""

KELLY = """
a fifth of mean over variance
    100 130 143 128.7 100 | . . . B . | kelly=0.2/3 | 5 buy 50@100 | filled 5
Kelly buys for no more than the leverage
    100 130 143 128.7 100 | . . . B . | kelly=1/3 | 5 buy 100@100 | filled 5
Kelly does not buy what falls
    100 70 63 69.3 100 | . . . B . | kelly=0.2/3 | | rejected 4 no_size
Kelly has nothing to say of prices that do not move
    100 100 100 100 100 | . . . B . | kelly=0.2/3 | | rejected 4 no_size
Kelly needs its window
    100 130 143 | . . B | kelly=0.2/3 | | rejected 3 no_size
"""

RISK = """
a loss of a hundredth at the stop-loss
    100 102 | B[sl=95] . | risk=0.01 | 2 buy 20@102 | filled 2, open
risk is from the limit
    100 97/98/96/97 | B[limit=98,sl=95] . | risk=0.01 | 2 buy 100/3@97 | filled 2, open
risk is from the stop
    100 100/106/99/105 | B[stop=105,sl=95] . | risk=0.01 | 2 buy 10@105 | filled 2, open
of stop and limit, risk is from the limit
    100 100/106/99/105 | B[stop=105,limit=107,sl=95] . | risk=0.01 | 2 buy 100/12@105 | filled 2, open
a trailing stop-loss by an amount risks the amount
    100 100/101/97/100 | B[ts=4] . | risk=0.01 | 2 buy 25@100 | filled 2, open
a trailing stop-loss by a fraction risks that of the entry
    100 100/101/97/100 | B[ts%=0.05] . | risk=0.01 | 2 buy 20@100 | filled 2, open
a trailing stop-loss by a fraction of a limit
    100 100/101/79/85 | B[limit=80,ts%=0.05] . | risk=0.01 | 2 buy 25@80 | filled 2, open
a trailing entry's risk is from its first level
    100 100/105/99/104 | B[trail=5,sl=95] . | risk=0.01 | 2 buy 10@105 | filled 2, open
without a stop-loss there is no risk to size by
    100 100 | B . | risk=0.01 | | rejected 1 no_size
a take-profit is no stop-loss
    100 100 | B[tp=110] . | risk=0.01 | | rejected 1 no_size
a short's risk is to its stop-loss above
    100 100 | S[sl=105] . | risk=0.01 short | 2 sell 20@100 | filled 2, open
risk is not shared among the panel's symbols
    A: 100 100; B: 100 100 | A: B[sl=95] .; B: . . | risk=0.01 | 2 A buy 20@100 | filled 2, open
strength scales risk
    100 100 | B*0.5[sl=95] . | risk=0.01 | 2 buy 10@100 | filled 2, open
risk in whole lots
    100 100 | B[sl=97] . | risk=0.01 lot=1 | 2 buy 33@100 | filled 2, open
a tight stop-loss asks for more than there is
    100 100 | B[sl=99.5] . | risk=0.01 | 2 buy 100@100 | filled 2 insufficient_cash, open
risk is measured to the rounded stop-loss
    100 100 | B[sl=95.3] . | risk=0.01 tick=0.5 | 2 buy 20@100 | filled 2, open
a purchase by hand with a stop-loss and no quantity
    100 100 | 1: buy sl=95 | risk=0.01 | 2 buy 20@100 | filled 2, open
risk is a share of the equity of the decision
    100 100/150/100/150 150 150 | 1: buy 100; 2: close; 3: buy sl=125 | risk=0.01 | 2 buy 100@100; 3 sell 100@150; 4 buy 6@150 | filled 2, filled 3, filled 4, open
"""

CASES = params(VOLATILITY, KELLY, RISK)


@pytest.mark.parametrize("line", CASES)
def test_the_engine_fills_as_worked_by_hand(line: str) -> None:
    assert engine_differs(line) == []


@pytest.mark.parametrize("line", CASES)
def test_the_oracle_fills_as_worked_by_hand(line: str) -> None:
    assert oracle_differs(line) == []
