"""What the accounting proof checks; `hindcast.engine.accounting` has the words.

The codes stand in a module of their own because numba compiles a function anew for each constant that it is given by
its bare name; one that is read from a module is just a number.
"""

from __future__ import annotations

from typing import Final

EQUITY: Final = 0
GROSS: Final = 1
NET: Final = 2
CASH: Final = 3
POSITION: Final = 4
COST: Final = 5
REALISED: Final = 6
PRICE: Final = 7
SHORT: Final = 8
CASH_ONLY: Final = 9
TRADES: Final = 10
FILLED: Final = 11
NOTIONAL: Final = 12
CHARGED: Final = 13
ASKED: Final = 14
CHANGE: Final = 15
DIVIDENDS: Final = 16
FINANCING: Final = 17
FILL: Final = 18
ORDER_OF_FILL: Final = 19
STATE: Final = 20
TRADE: Final = 21
