from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from hindcast.domain.errors import ConfigError, MissingDataError
from hindcast.services.market_data.gap_rules import (
    check_gap_rule,
    forward_filled,
    gaps,
    packed,
    packed_order,
    refuse_gaps,
    unpacked,
)

NAN = np.nan
DAY = 86_400_000_000_000
panels = hnp.arrays(
    np.float64, st.tuples(st.integers(1, 9), st.integers(1, 3)), elements=st.floats(1, 9) | st.just(NAN)
)


@given(panels)
def test_closes_are_carried_forward_as_pandas_does(closes):
    np.testing.assert_array_equal(forward_filled(closes), pd.DataFrame(closes).ffill())


@given(panels, st.integers(0, 9))
def test_filling_looks_at_no_later_bar(closes, known):
    np.testing.assert_array_equal(forward_filled(closes[:known]), forward_filled(closes)[:known])


@given(panels)
def test_a_gap_has_a_bar_on_both_sides(closes):
    frame = pd.DataFrame(closes)
    np.testing.assert_array_equal(gaps(closes), frame.isna() & frame.ffill().notna() & frame.bfill().notna())


@given(panels)
def test_packing_moves_bars_together_and_back(closes):
    order = packed_order(closes)
    together = packed(closes, order)
    for column in range(closes.shape[1]):
        have = closes[~np.isnan(closes[:, column]), column]
        np.testing.assert_array_equal(together[: len(have), column], have)
        assert np.isnan(together[len(have) :, column]).all()
    np.testing.assert_array_equal(unpacked(together, order), closes)


def test_days_before_the_first_and_after_the_last_bar_are_no_gap():
    refuse_gaps(np.array([[NAN], [1.0], [2.0], [NAN]]), np.arange(4) * DAY, ("A",))


def test_the_first_gap_is_named():
    closes = np.array([[1.0, 1.0], [1.0, NAN], [NAN, NAN], [1.0, 1.0]])
    with pytest.raises(MissingDataError, match=r"B has no bar on 1970-01-02, .* \(3 missing in all\)"):
        refuse_gaps(closes, np.arange(4) * DAY, ("A", "B"))


def test_an_unknown_rule_is_refused():
    with pytest.raises(ConfigError, match="gap_rule='backfill'; expected one of forward_fill, drop, raise"):
        check_gap_rule("backfill")
