from __future__ import annotations

import numpy as np
import pytest
from tests.unit.strategies.panels import bars_of, decisions

from hindcast.domain.errors import ParameterError
from hindcast.engine.layout import SIGNAL_BUY
from hindcast.strategies.builtin.buy_and_hold import BuyAndHold
from hindcast.strategies.construction import build

NAN = float("nan")


def test_each_symbol_is_bought_on_its_first_bar_with_a_price_and_only_then():
    side = decisions(BuyAndHold(), bars_of(np.array([[1.0, NAN, NAN], [2.0, 1.0, NAN], [NAN, 2.0, NAN]])))
    assert side.tolist() == [[SIGNAL_BUY, 0, 0], [0, SIGNAL_BUY, 0], [0, 0, 0]]


def test_it_takes_no_parameters():
    with pytest.raises(ParameterError, match="buy_and_hold has no parameter 'window'. It takes none."):
        build(BuyAndHold, {"window": 3})
