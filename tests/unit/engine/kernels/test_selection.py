"""Selection against sorting."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from hindcast.engine.kernels.selection import lower_tail, select, upper_quantile

VALUES = st.one_of(st.floats(-1e6, 1e6), st.sampled_from([0.0, 0.0, -0.0, 1.0, -1.0]))


@given(arrays(np.float64, st.integers(1, 300), elements=VALUES), st.data())
def test_a_selected_value_is_in_its_sorted_place_between_smaller_and_larger_ones(values, data):
    k = data.draw(st.integers(0, values.size - 1))
    ordered = np.sort(values)
    select(values, 0, values.size - 1, k)
    assert values[k] == ordered[k]
    assert (values[:k] <= values[k]).all()
    assert (values[k:] >= values[k]).all()
    assert (np.sort(values) == ordered).all()


@given(arrays(np.float64, st.integers(2, 400), elements=VALUES))
def test_quantiles_are_numpys_to_the_bit(values):
    work = values.copy()
    low, shortfall = lower_tail(work, 0.05)
    count = int((values.size - 1) * 0.05) + 1
    assert low == np.quantile(values, 0.05)
    assert shortfall == pytest.approx(np.sort(values)[:count].mean(), rel=1e-12, abs=1e-9)
    assert upper_quantile(work, 0.95, count) == np.quantile(values, 0.95)


@pytest.mark.parametrize("order", ["sorted", "reversed", "constant", "organ pipe"])
def test_orders_that_trouble_a_plain_quickselect_are_selected_too(order):
    n = 20_000
    rising = np.arange(n, dtype=np.float64)
    shapes = {
        "sorted": rising,
        "reversed": rising[::-1],
        "constant": np.full(n, 3.0),
        "organ pipe": np.minimum(rising, rising[::-1]),
    }
    values = shapes[order].copy()
    select(values, 0, n - 1, n // 20)
    assert values[n // 20] == np.sort(shapes[order])[n // 20]
