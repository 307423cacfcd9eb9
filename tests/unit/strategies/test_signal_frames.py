from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tests.unit.strategies.panels import bars_of

from hindcast.domain.errors import StrategyError
from hindcast.engine.layout import SIGNAL_HOLD, SIGNAL_TARGET
from hindcast.engine.signals import SIGNAL_PRICES, Signals
from hindcast.strategies.signal_frames import checked_signals, signals_from_frame

NAN = float("nan")
BARS = bars_of(np.ones((3, 2)), symbols=["AAA", "BBB"])
ONE = bars_of(np.ones(3), symbols=["AAA"])
WEIGHTS = np.array([[0.5, NAN], [0.0, -0.25], [NAN, 1.5]])


def frame(values=WEIGHTS, index=BARS.index, columns=("AAA", "BBB")):
    return pd.DataFrame(values, index=index, columns=list(columns))


def check(found):
    assert found.side.tolist() == np.where(np.isnan(WEIGHTS), SIGNAL_HOLD, SIGNAL_TARGET).tolist()
    np.testing.assert_array_equal(found.weight, WEIGHTS)


@pytest.mark.parametrize(
    "weights",
    [
        WEIGHTS,
        WEIGHTS.tolist(),
        frame(),
        frame().iloc[::-1],
        frame()[["BBB", "AAA"]],
        frame(index=BARS.index.tz_localize(None)),
        frame(index=BARS.index.tz_convert("Asia/Seoul")),
        frame().astype(object),
    ],
    ids=["array", "list", "frame", "reversed", "columns exchanged", "naive", "another zone", "objects"],
)
def test_weights_are_laid_out_by_symbol_and_stamp(weights):
    check(signals_from_frame(weights, BARS))


@pytest.mark.parametrize("weights", [np.array([1.0, NAN, 0.0]), pd.Series([1.0, NAN, 0.0], index=ONE.index)])
def test_one_symbol_needs_no_second_dimension(weights):
    assert signals_from_frame(weights, ONE).side[:, 0].tolist() == [SIGNAL_TARGET, SIGNAL_HOLD, SIGNAL_TARGET]


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        (frame()[["AAA"]], "symbols missing: BBB"),
        (frame(columns=("AAA", "CCC")), "symbols missing: BBB; symbols that the bars don't have: CCC"),
        (frame(np.ones((3, 3)), columns=("AAA", "BBB", "BBB")), "column 'BBB' twice"),
        (frame().iloc[1:], "dates missing: 2020-01-01"),
        (
            frame(index=BARS.index + pd.Timedelta(days=1)),
            "missing: 2020-01-01; dates that the bars don't have: 2020-01-04",
        ),
        (frame(index=[*BARS.index[:2], BARS.index[1]]), "2020-01-02 twice"),
        (frame(index=range(3)), "numbered 0 to 2; expected the bars' stamps as index"),
        (frame(index=list("abc")), "expected the bars' stamps as index"),
        (WEIGHTS[:2], r"shape \(2, 2\); expected \(3, 2\)"),
        (np.ones(3), r"shape \(3,\); expected \(3, 2\)"),
        (frame() > 0, "booleans"),
        (frame(np.full((3, 2), "x")), "no numbers"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_weights_that_do_not_fit_are_refused(weights, words):
    with pytest.raises(StrategyError, match=words):
        signals_from_frame(weights, BARS)


@pytest.mark.parametrize("value", [np.inf, -np.inf])
def test_an_infinite_weight_is_told_with_symbol_and_date(value):
    weights = WEIGHTS.copy()
    weights[1, 1] = value
    with pytest.raises(StrategyError, match=f"BBB on 2020-01-02: target weight {value:g}; expected a finite share"):
        signals_from_frame(weights, BARS)


def test_signals_that_fit_pass_as_they_are():
    side = np.array([[1, 0], [2, 3], [0, 0]], dtype=np.int8)
    strength = np.array([[0.5, NAN], [1.0, 1.0], [NAN, 7.0]])
    found = checked_signals(Signals(side=side, strength=strength, weight=np.full((3, 2), 0.5)), BARS)
    np.testing.assert_array_equal(found.side, side)
    assert found.side.dtype == np.int8
    assert found.side.flags.c_contiguous


def test_signals_of_one_symbol_may_have_one_dimension():
    assert checked_signals(Signals(side=np.array([0, 1, 2], dtype=np.int8)), ONE).shape == (3, 1)


SIDE = np.array([[1, 0], [0, 3], [0, 0]], dtype=np.int8)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"side": SIDE[:2]}, r"signals' side has shape \(2, 2\); expected \(3, 2\)"),
        ({"side": SIDE + 1}, "BBB on 2020-01-02: signal code 4"),
        ({"side": -SIDE}, "AAA on 2020-01-01: signal code -1"),
        ({"side": SIDE.astype(float)}, "side is of type float64"),
        ({"side": SIDE}, "no `weight`"),
        ({"side": SIDE, "weight": np.full((3, 2), NAN)}, "BBB on 2020-01-02: target weight nan"),
        ({"side": SIDE, "weight": np.ones((3, 2)), "strength": np.zeros((3, 2))}, "AAA on 2020-01-01: strength 0"),
        ({"side": SIDE, "weight": np.ones((3, 2)), "strength": np.full((3, 2), NAN)}, "strength nan"),
        ({"side": SIDE, "weight": np.ones((3, 2)), "strength": np.full((3, 2), 1.01)}, r"strength 1.01; .*\(0, 1\]"),
        ({"side": SIDE, "weight": np.ones(2)}, r"signals' weight has shape \(2,\)"),
        (
            {"side": SIDE, "weight": np.ones((3, 2)), "limit": np.ones((2, 3))},
            r"limit has shape \(2, 3\); expected \(3, 2",
        ),
        ({"side": SIDE, "weight": np.ones((3, 2)), "stop_loss": SIDE > 0}, "stop_loss prices are booleans"),
        ({"side": SIDE, "weight": np.ones((3, 2)), "trailing": np.full((3, 2), "x")}, "trailing prices are no numbers"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_signals_that_can_not_be_are_refused(fields, words):
    with pytest.raises(StrategyError, match=words):
        checked_signals(Signals(**fields), BARS)


@pytest.mark.parametrize("name", SIGNAL_PRICES)
def test_prices_pass_as_they_are_however_impossible(name):
    prices = np.asfortranarray([[9.5, NAN], [-1.0, 0.0], [np.inf, 3]])
    found = getattr(checked_signals(Signals(side=SIDE, weight=np.ones((3, 2)), **{name: prices}), BARS), name)
    np.testing.assert_array_equal(found, prices)
    assert found.dtype == np.float64
    assert found.flags.c_contiguous


@pytest.mark.parametrize("name", SIGNAL_PRICES)
def test_the_shape_of_each_price_column_is_looked_at(name):
    with pytest.raises(StrategyError, match=rf"signals' {name} has shape \(2, 2\); expected \(3, 2\) \(bars, symbols"):
        checked_signals(Signals(side=SIDE, weight=np.ones((3, 2)), **{name: np.ones((2, 2))}), BARS)


def test_prices_of_one_symbol_may_have_one_dimension():
    signals = Signals(side=np.array([0, 1, 2], dtype=np.int8), limit=np.array([1, 2, 3]))
    np.testing.assert_array_equal(checked_signals(signals, ONE).limit, [[1.0], [2.0], [3.0]])
