"""Cases worked by hand: what a trader expects to be filled, at which price, and how each order ends.

Each case is a sentence and a line ``bars | signals | rules | fills | orders | equity at the end``. A bar is
``open/close`` (``-``: the symbol does not trade), with ``v`` volume, ``x`` split, ``d`` dividend; bars count from 1 and are
a day apart. Signals are ``B``, ``S``, ``.`` and ``=weight``, with ``*strength``. The account starts with 1,000 and sizes are
the whole equity over the number of symbols, unless a rule says otherwise.
"""

from __future__ import annotations

import pytest
from tests.oracle.shorthand import Expected, read, seen
from tests.oracle.simulator import simulate

from hindcast.engine.trade_engine import TradeEngine

TIME = """
a buy is filled at the next open
    9/10 10/12 | B . | | 2 buy 100@10 | filled 2 | 1200
a sell closes the whole position at the next open
    9/10 10/12 11/11 | B S . | | 2 buy 100@10; 3 sell 100@11 | filled 2, filled 3 | 1100
what is decided on the last bar makes no fill and stays open
    10/10 10/10 | . B | | | open | 1000
an order waits for the symbol's next bar that trades
    10/10 - 20/20 | B . . | | 3 buy 50@20 | filled 3
an order for a symbol that never trades again stays open
    10/10 - - | B . . | | | open
a symbol without a close yet can't be ordered
    - 10/10 | B . | | | rejected 1 no_price | 1000
a symbol's first bar can be decided on, and no bar before it
    - 10/10 20/20 | B B . | | 3 buy 50@20 | rejected 1 no_price, filled 3
with fills on the close a buy is filled at the decision bar's close
    9/10 10/12 | B . | close | 1 buy 100@10 | filled 1 | 1200
with fills on the close the last bar's decision is filled
    10/10 9/8 | . B | close | 2 buy 125@8 | filled 2 | 1000
with fills on the close an order waits for the next close that there is
    10/10 - 20/25 | . B . | close | 3 buy 40@25 | filled 3 | 1000
with fills on the close a sell frees cash for a buy on the same bar
    A: 10/10 10/10; B: 10/10 10/10 | A: . =1; B: =1 =0 | close | 1 B buy 100@10; 2 B sell 100@10; 2 A buy 100@10 | filled 1, filled 2, filled 2
"""

SIGNALS = """
a buy while long is ignored
    10/10 10/10 10/10 | B B . | | 2 buy 100@10 | filled 2
a sell while flat is ignored
    10/10 10/10 | S . | | |
a further buy is ignored while the first one works
    10/10 - 10/10 | B B . | | 3 buy 100@10 | filled 3
a sell cancels the working buy, and is itself ignored while flat
    10/10 - 10/10 | B S . | | | cancelled 2 replaced
a target cancels the working buy and acts
    10/10 - 10/10 | B =0.5 . | | 3 buy 50@10 | cancelled 2 replaced, filled 3
a target cancels the working target and acts
    10/10 - 10/10 | =1 =0.5 . | | 3 buy 50@10 | cancelled 2 replaced, filled 3
a buy cancels the working close of a long, and is then ignored
    10/10 10/10 - 10/10 | B S B . | | 2 buy 100@10 | filled 2, cancelled 3 replaced
hold leaves a working order alone
    10/10 - - 10/10 | B . . . | | 4 buy 100@10 | filled 4
a target of NaN does nothing
    10/10 - 10/10 | B =nan . | | 3 buy 100@10 | filled 3
signals within the warm-up are ignored
    10/10 10/10 20/20 | B B . | warm=1 | 3 buy 50@20 | filled 3
"""

SIZES = """
strength scales the size
    10/10 10/10 | B*0.5 . | | 2 buy 50@10 | filled 2
equity is shared equally among the panel's symbols
    A: 10/10 10/10; B: 20/20 20/20 | A: . .; B: B . | | 2 B buy 25@20 | filled 2
a fixed quantity is bought whatever the price
    10/10 12/12 | B . | qty=7 | 2 buy 7@12 | filled 2 | 1000
a fixed sum of money buys what it covers at the open
    10/10 12/12 | B . | value=300 | 2 buy 25@12 | filled 2
a weight of the sizer is a share of equity
    10/10 10/10 | B . | weight=0.25 | 2 buy 25@10 | filled 2
a cash value is fixed at the decision and priced at the open, gap or not
    10/10 20/20 | B . | | 2 buy 50@20 | filled 2
a target weight is not divided by the number of symbols
    A: 10/10 10/10; B: 20/20 20/20 | A: =0.5 .; B: . . | | 2 A buy 50@10 | filled 2
a lower target sells the difference
    10/10 10/10 10/10 10/10 | =1 . =0.4 . | | 2 buy 100@10; 4 sell 60@10 | filled 2, filled 4 | 1000
a higher target buys the difference at the equity of its decision
    10/10 10/20 20/20 | =0.5 =1 . | | 2 buy 50@10; 3 buy 25@20 | filled 2, filled 3 | 1500
a target that is already held makes an order of nothing, which is too small
    10/10 10/10 10/10 | =1 =1 . | | 2 buy 100@10 | filled 2, rejected 3 too_small
a target of zero closes
    10/10 10/10 12/12 | =1 =0 . | | 2 buy 100@10; 3 sell 100@12 | filled 2, filled 3 | 1200
a negative target without short sales closes
    10/10 10/10 12/12 | =1 =-1 . | | 2 buy 100@10; 3 sell 100@12 | filled 2, filled 3 | 1200
a target of zero while flat has nothing to close
    10/10 10/10 | =0 . | | | cancelled 2 position_closed
the strength of a target scales it
    10/10 10/10 | =0.8*0.5 . | | 2 buy 40@10 | filled 2
"""

COSTS = """
a commission by rate cuts a full-weight buy to what cash covers
    10/10 10/10 | B . | rate=0.25 | 2 buy 80@10 fee 200 | filled 2 insufficient_cash | 800
a buy that cash does not cover is refused where the rule is to reject
    10/10 10/10 | B . | rate=0.25 reject | | rejected 2 insufficient_cash | 1000
a commission per order is taken off the cash first
    10/10 10/10 | B . | order=100 | 2 buy 90@10 fee 100 | filled 2 insufficient_cash | 900
a commission per share counts with the price
    10/10 10/10 | B . | share=2.5 | 2 buy 80@10 fee 200 | filled 2 insufficient_cash | 800
a minimum commission is in the cut
    10/10 10/10 | B . | rate=0.01 min=200 | 2 buy 80@10 fee 200 | filled 2 insufficient_cash | 800
a maximum commission is in the cut
    10/10 10/10 | B . | rate=0.5 max=200 | 2 buy 80@10 fee 200 | filled 2 insufficient_cash | 800
a commission that eats all the cash leaves nothing to buy with
    10/10 10/10 | B . | order=1000 | | rejected 2 insufficient_cash | 1000
the parts of a commission add up
    10/10 10/10 | B . | qty=10 order=1 share=0.1 rate=0.01 | 2 buy 10@10 fee 3 | filled 2 | 997
a maximum caps the commission
    10/10 10/10 | B . | qty=10 rate=0.5 max=20 | 2 buy 10@10 fee 20 | filled 2 | 980
a minimum lifts the commission
    10/10 10/10 | B . | qty=10 rate=0.01 min=5 | 2 buy 10@10 fee 5 | filled 2 | 995
slippage moves a buy up, and the fill is cut for it
    10/10 10/10 | B . | bps=2500 | 2 buy 80@12.5 | filled 2 insufficient_cash | 800
slippage moves a sell down
    10/10 10/10 10/10 | B S . | qty=10 bps=1000 | 2 buy 10@11; 3 sell 10@9 | filled 2, filled 3 | 980
commission by rate is on the slipped price
    10/10 10/10 | B . | qty=10 bps=1000 rate=0.1 | 2 buy 10@11 fee 11 | filled 2 | 979
a sale whose commission exceeds its proceeds takes cash below zero
    10/10 10/10 1/1 | B S . | qty=50 order=500 | 2 buy 50@10 fee 500; 3 sell 50@1 fee 500 | filled 2, filled 3 | -450
"""

LOTS = """
a quantity is cut to whole lots
    10/10 30/30 | B . | lot=1 | 2 buy 33@30 | filled 2
less than a lot of a cash value is too small, once the price is known
    10/10 3000/3000 | B . | lot=1 | | rejected 2 too_small
less than a lot of a fixed quantity is too small at once
    10/10 10/10 | B . | qty=0.5 lot=1 | | rejected 1 too_small
a fixed quantity is cut to whole lots
    10/10 10/10 | B . | qty=7.9 lot=1 | 2 buy 7@10 | filled 2
three tenths are three lots of a tenth, whatever binary says
    10/10 10/10 | B . | qty=0.3 lot=0.1 | 2 buy 0.3@10 | filled 2
a cut for cash is made in whole lots
    10/10 10/10 | B . | rate=0.2 lot=7 | 2 buy 77@10 fee 154 | filled 2 insufficient_cash
a cut for cash below one lot is a rejection
    10/10 10/10 | B . | rate=0.2 lot=100 | | rejected 2 insufficient_cash
an odd lot that a split left is closed whole
    10/10 10/10 8/8x1.5 8/8 | B . S . | qty=5 lot=1 | 2 buy 5@10; 4 sell 7.5@8 | filled 2, filled 4 | 1010
a lot larger than the position leaves it alone
    10/10 10/10 10/10 | =0.05 =0.02 . | lot=5 | 2 buy 5@10 | filled 2, rejected 3 too_small
a target sells in whole lots
    10/10 10/10 10/10 | =1 =0.55 . | lot=10 | 2 buy 100@10; 3 sell 40@10 | filled 2, filled 3
"""

ONE_POOL = """
the first name takes the cash and the second gets nothing
    A: 10/10 10/10; B: 10/10 10/10 | A: =1 .; B: =1 . | | 2 A buy 100@10 | filled 2, rejected 2 insufficient_cash
names decide the order of work, not columns
    Z: 10/10 10/10; A: 20/20 20/20 | Z: =1 .; A: =1 . | | 2 A buy 50@20 | filled 2, rejected 2 insufficient_cash
the second gets what is left
    A: 10/10 10/10; B: 10/10 10/10 | A: =0.6 .; B: =0.6 . | | 2 A buy 60@10; 2 B buy 40@10 | filled 2, filled 2 insufficient_cash
what a sale frees at the open pays for a purchase at the same open
    A: 10/10 10/10 10/10; B: 10/10 10/10 9/9 | A: . =1 .; B: =1 =0 . | | 2 B buy 100@10; 3 B sell 100@9; 3 A buy 90@10 | filled 2, filled 3 insufficient_cash, filled 3
what rounding leaves of the cash buys nothing
    A: 100/100 100/100 100/100 100/100; B: 100/100 100/100 100/100 100/100 | A: B . . .; B: . B B . | cash=10000 qty=61.7 pyr=1 | 2 A buy 61.7@100; 3 B buy 38.3@100 | filled 2, filled 3 insufficient_cash, rejected 4 insufficient_cash
an order for far more than there is buys what there is
    10/10 10/10 | B . | value=1000000000000000 | 2 buy 100@10 | filled 2 insufficient_cash
leverage of two buys twice the equity
    10/10 10/12 | =2 . | lev=2 | 2 buy 200@10 | filled 2 | 1400
leverage of two buys no more than that
    10/10 10/10 | =3 . | lev=2 | 2 buy 200@10 | filled 2 insufficient_cash
leverage of a half leaves half in cash
    10/10 10/10 | B . | lev=0.5 | 2 buy 50@10 | filled 2 insufficient_cash
other positions count at their last mark, not at their open
    A: 10/10 10/10 20/20; B: 10/10 10/10 10/10 | A: =0.5 . .; B: . =1 . | | 2 A buy 50@10; 3 B buy 50@10 | filled 2, filled 3 insufficient_cash | 1500
"""

SHORTS = """
a sell while flat opens a short where that is allowed
    10/10 10/8 | S . | short | 2 sell 100@10 | filled 2 | 1200
a negative target opens a short
    10/10 10/10 | =-0.5 . | short | 2 sell 50@10 | filled 2
a buy closes the short and opens a long in one order
    10/10 10/10 10/10 | S B . | short | 2 sell 100@10; 3 buy 200@10 | filled 2, filled 3
a sell closes the long and opens a short in one order
    10/10 10/10 10/10 | B S . | short qty=30 | 2 buy 30@10; 3 sell 60@10 | filled 2, filled 3
a target across zero is one order
    10/10 10/10 10/10 | =1 =-0.5 . | short | 2 buy 100@10; 3 sell 150@10 | filled 2, filled 3
a crossing order pays one minimum commission
    10/10 10/10 10/10 | B S . | short qty=30 min=6 | 2 buy 30@10 fee 6; 3 sell 60@10 fee 6 | filled 2, filled 3 | 988
a sell while short is ignored
    10/10 10/10 10/10 | S S . | short | 2 sell 100@10 | filled 2
a short's proceeds are bound
    A: 10/10 10/10; B: 10/10 10/10 | A: =-1 .; B: =1 . | short | 2 A sell 100@10 | filled 2, rejected 2 insufficient_cash
a crossing buy is cut in its opening part only
    10/10 10/10 16/16 | S B . | short qty=50 | 2 sell 50@10; 3 buy 93.75@16 | filled 2, filled 3 insufficient_cash | 700
a crossing buy that is too large only closes where the rule is to reject
    10/10 10/10 16/16 | S B . | short qty=50 reject | 2 sell 50@10; 3 buy 50@16 | filled 2, filled 3 insufficient_cash | 700
the strength of a negative target scales it
    10/10 10/10 | =-0.8*0.5 . | short | 2 sell 40@10 | filled 2
leverage of a half binds shorts, too
    10/10 10/10 | =-1 . | short lev=0.5 | 2 sell 50@10 | filled 2 insufficient_cash | 1000
a target of zero buys a short back
    10/10 10/10 9/9 | =-0.5 =0 . | short | 2 sell 50@10; 3 buy 50@9 | filled 2, filled 3 | 1050
"""

ACTIONS = """
a split changes quantity and price and leaves equity
    10/10 10/10 5/5x2 5/5 | B . S . | qty=10 | 2 buy 10@10; 4 sell 20@5 | filled 2, filled 4 | 1000
a split changes the quantity of a waiting order
    10/10 -x2 5/5 | B . . | qty=10 | 3 buy 20@5 | filled 3
a split does not change a cash value
    10/10 -x2 5/5 | B . . | | 3 buy 200@5 | filled 3
a split changes the rest of an order that is filled in part
    10/10 10/10v100 5/5v100x2 | B . . | qty=20 cap=0.1 | 2 buy 10@10; 3 buy 10@5 | open
a split on a bar without a price moves the mark
    10/10 10/10 -x2 | B . . | qty=10 | 2 buy 10@10 | filled 2 | 1000
a dividend is paid to a long
    10/10 10/10 10/10d1 | B . . | qty=10 | 2 buy 10@10 | filled 2 | 1010
a dividend is paid by a short
    10/10 10/10 10/10d1 | S . . | qty=10 short | 2 sell 10@10 | filled 2 | 990
a dividend is for those who held before the bar, not for its buyers
    10/10 10/10d1 | B . | qty=10 | 2 buy 10@10 | filled 2 | 1000
a dividend is paid on a bar without a price
    10/10 10/10 -d1 | B . . | qty=10 | 2 buy 10@10 | filled 2 | 1010
a dividend is per share after the split
    10/10 10/10 5/5x2d1 | B . . | qty=10 | 2 buy 10@10 | filled 2 | 1020
adjusted bars hold the actions already
    10/10 10/10 10/10x2d1 | B . . | qty=10 adjusted | 2 buy 10@10 | filled 2 | 1000
a dividend pays for a purchase on its bar
    A: 10/10 10/10 10/10d1; B: 10/10 10/10 10/10 | A: =1 . .; B: . =1 . | | 2 A buy 100@10; 3 B buy 10@10 | filled 2, filled 3 insufficient_cash | 1100
"""

VOLUME = """
participation caps a fill, and the remainder works on
    10/10 10/10v100 11/11v100 | B . . | qty=15 cap=0.1 | 2 buy 10@10; 3 buy 5@11 | filled 3 | 1010
without volume nothing fills where participation is capped
    10/10 10/10v0 11/11v100 | B . . | qty=5 cap=0.1 | 3 buy 5@11 | filled 3
a cash value is priced on the first bar that trades, even if nothing can fill there
    10/10 10/10v0 20/20v9000 | B . . | value=200 cap=0.1 | 3 buy 20@20 | filled 3
the cap is floored to lots
    10/10 10/10v75 10/10v75 | B . . | qty=10 cap=0.1 lot=5 | 2 buy 5@10; 3 buy 5@10 | filled 3
a cap below one lot fills nothing
    10/10 10/10v40 10/10v50 | B . . | qty=5 cap=0.1 lot=5 | 3 buy 5@10 | filled 3
the minimum commission is per order, not per fill
    10/10 10/10v100 10/10v100 | B . . | qty=15 cap=0.1 min=5 | 2 buy 10@10 fee 5; 3 buy 5@10 | filled 3 | 995
the commission per order is charged with the first fill
    10/10 10/10v100 10/10v100 | B . . | qty=15 cap=0.1 order=5 share=1 | 2 buy 10@10 fee 15; 3 buy 5@10 fee 5 | filled 3
the maximum commission is per order, not per fill
    10/10 10/10v100 10/10v100 | B . . | qty=15 cap=0.1 rate=0.1 max=12 | 2 buy 10@10 fee 10; 3 buy 5@10 fee 2 | filled 3
an opposite signal cancels the rest and closes what was filled
    10/10 10/10v100 10/10v100 | B S . | qty=15 cap=0.1 | 2 buy 10@10; 3 sell 10@10 | cancelled 2 replaced, filled 3
a close works over several bars
    10/10 10/10v900 10/10v100 12/12v100 | B S . . | qty=15 cap=0.1 | 2 buy 15@10; 3 sell 10@10; 4 sell 5@12 | filled 2, filled 4 | 1010
"""

MONEY = """
a short pays the borrow rate for each day after the first close
    10/10 10/10 10/10 10/10 | S . . . | short qty=10 borrow=3.65 | 2 sell 10@10 | filled 2 | 998
negative cash pays the margin rate
    10/10 10/10 10/10 | =2 . . | lev=2 interest=3.65 | 2 buy 200@10 | filled 2 | 990
financing counts real days
    10/10 10/10 10/10 | S . . | short qty=10 borrow=0.365 days=10 | 2 sell 10@10 | filled 2 | 999
positive cash earns nothing and a long pays no borrow
    10/10 10/10 10/10 | B . . | qty=10 borrow=3.65 interest=3.65 | 2 buy 10@10 | filled 2 | 1000
a margin call closes a long at the next open
    10/10 10/10 6.5/6.5 7/7 | =2 . . . | lev=2 | 2 buy 200@10; 4 sell 200@7 margin | filled 2, filled 4 margin | 400
a margin call closes a short at the next open
    10/10 10/10 14/14 13/13 | S . . . | short | 2 sell 100@10; 4 buy 100@13 margin | filled 2, filled 4 margin | 700
equity that meets the maintenance exactly is no margin call
    10/10 10/10 10/10 | B . . | maint=1 | 2 buy 100@10 | filled 2
with fills on the close a margin call closes at the next close
    10/10 14/14 13/15 | S . . | short close | 1 sell 100@10; 3 buy 100@15 margin | filled 1, filled 3 margin | 500
a margin order whose position a signal has turned around has nothing to close
    10/10 14/14 14/14 | S B . | short close | 1 sell 100@10; 2 buy 2000/14@14 | filled 1, cancelled 3 position_closed, filled 2
the largest position goes first, and no more than needed
    A: 10/10 10/10 6.5/6.5 6.5/6.5; B: 10/10 10/10 6.5/6.5 6.5/6.5 | A: =0.5 . . .; B: =1.5 . . . | lev=2 | 2 A buy 50@10; 2 B buy 150@10; 4 B sell 150@6.5 margin | filled 2, filled 2, filled 4 margin | 300
of equal positions the first name goes
    A: 10/10 10/10 6.5/6.5 6.5/6.5; B: 10/10 10/10 6.5/6.5 6.5/6.5 | A: =1 . . .; B: =1 . . . | lev=2 | 2 A buy 100@10; 2 B buy 100@10; 4 A sell 100@6.5 margin | filled 2, filled 2, filled 4 margin
a margin call cancels what else works
    A: 10/10 10/10 6.5/6.5 7/7; B: 10/10 - - 10/10 | A: =2 . . .; B: B . . . | lev=2 | 2 A buy 200@10; 4 A sell 200@7 margin | filled 2, cancelled 3 margin, filled 4 margin
a margin order that can't be filled is not given twice
    10/10 10/10 6.5/6.5 - 7/7 | =2 . . . . | lev=2 | 2 buy 200@10; 5 sell 200@7 margin | filled 2, filled 5 margin | 400
ruin settles at the mark, and equity stays where it is
    10/10 10/10 4/4 9/9 | =2 . . . | lev=2 rate=0 | 2 buy 200@10; 3 sell 200@4 ruined | filled 2 | -200
ruin cancels what works
    A: 10/10 10/10 4/4 9/9; B: 10/10 - - 9/9 | A: =2 . . .; B: B . . . | lev=2 | 2 A buy 200@10; 3 A sell 200@4 ruined | filled 2, cancelled 3 ruined | -200
a dividend that a short can't pay is its ruin
    10/10 10/10 10/10d20 9/9 | S . . . | qty=100 short | 2 sell 100@10; 3 buy 100@10 ruined | filled 2 | -1000
with fills on the close the first bar can be the last
    10/10 9/9 | S S | short close weight=1.5 bps=9000 | 1 sell 150@1; 1 buy 150@10 ruined | filled 1 | -350
with fills on the close the close's own fills can call for margin
    10/10 10/10 10/10 | S . . | short close bps=5100 | 1 sell 100@4.9; 2 buy 100@15.1 margin | filled 1, filled 2 margin | -20
nothing is decided on the bar of ruin or later
    10/10 10/10 5/5 9/9 9/9 | =2 . =1 =1 . | lev=2 | 2 buy 200@10; 3 sell 200@5 ruined | filled 2 | 0
"""

PYRAMIDS = """
one further buy is added where pyramiding allows one
    10/10 10/10 10/10 10/10 | B B B . | qty=10 pyr=1 | 2 buy 10@10; 3 buy 10@10 | filled 2, filled 3
additions count anew once flat
    10/10 10/10 10/10 10/10 10/10 10/10 | B B S B B . | qty=10 pyr=1 | 2 buy 10@10; 3 buy 10@10; 4 sell 20@10; 5 buy 10@10; 6 buy 10@10 | filled 2, filled 3, filled 4, filled 5, filled 6
a short is added to as a long is
    10/10 10/10 10/10 10/10 | S S S . | qty=10 pyr=1 short | 2 sell 10@10; 3 sell 10@10 | filled 2, filled 3
an addition that was never filled has not been made
    10/10 10/10 10/10 10/10 | B B B . | pyr=1 | 2 buy 100@10 | filled 2, rejected 3 insufficient_cash, rejected 4 insufficient_cash
a buy that finds the position gone opens another one and adds to none
    10/10 10/10v9000 6.5/6.5v9000 7/7v2050 7/7v9000 7/7v9000 | B . B . B . | lev=2 qty=200 pyr=1 cap=0.1 | 2 buy 200@10; 4 sell 200@7 margin; 4 buy 5@7; 5 buy 765/7@7 | filled 2, filled 4 margin, filled 5 insufficient_cash, rejected 6 insufficient_cash
an addition is sized by the equity of its decision
    10/10 10/20 20/20 | B B . | weight=0.4 pyr=1 | 2 buy 40@10; 3 buy 28@20 | filled 2, filled 3
a sell closes all that was added
    10/10 10/10 10/10 10/10 | B B S . | qty=10 pyr=2 | 2 buy 10@10; 3 buy 10@10; 4 sell 20@10 | filled 2, filled 3, filled 4
"""


def _table() -> list[tuple[str, str]]:
    lines = [
        line.strip()
        for table in (TIME, SIGNALS, SIZES, COSTS, LOTS, ONE_POOL, SHORTS, ACTIONS, VOLUME, MONEY, PYRAMIDS)
        for line in table.strip().splitlines()
    ]
    return list(zip(lines[::2], lines[1::2], strict=True))


CASES = _table()


def assert_as_worked(found: Expected, expected: Expected) -> None:
    assert found.orders == expected.orders
    assert len(found.fills) == len(expected.fills)
    for fill, wanted in zip(found.fills, expected.fills, strict=True):
        assert fill[:3] + fill[6:] == wanted[:3] + wanted[6:]
        assert fill[3:6] == pytest.approx(wanted[3:6], rel=1e-12)
    if expected.equity is not None:
        assert found.equity == pytest.approx(expected.equity, rel=1e-12, abs=1e-9)


@pytest.mark.parametrize("line", [pytest.param(line, id=sentence) for sentence, line in CASES])
def test_the_engine_fills_as_worked_by_hand(line: str) -> None:
    case, expected = read(line)
    history = TradeEngine().simulate(case.signals, case.bars, case.config, warm_up=case.warm_up)
    assert_as_worked(seen(history), expected)


@pytest.mark.parametrize("line", [pytest.param(line, id=sentence) for sentence, line in CASES])
def test_the_oracle_fills_as_worked_by_hand(line: str) -> None:
    case, expected = read(line)
    assert_as_worked(seen(simulate(case.signals, case.bars, case.config, warm_up=case.warm_up)), expected)


def test_no_case_is_worked_twice() -> None:
    sentences, lines = zip(*CASES, strict=True)
    assert len(set(sentences)) == len(sentences) >= 60
    assert len(set(lines)) == len(lines)
