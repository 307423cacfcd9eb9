from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from tests.unit.engine.event_runs import bars_of, seen_at

from hindcast.domain.errors import StrategyError
from hindcast.engine.bars import Bars

ONE = bars_of([10, 11, 12, 13, 14])
TWO = Bars.from_numpy(
    np.arange("2020-01-01", 5, dtype="M8[D]"),
    ["AAA", "BBB"],
    *(np.arange(10.0).reshape(5, 2) + 10,) * 4,
    np.full((5, 2), 7.0),
    split=np.ones((5, 2)),
)


def test_one_symbol_gives_numbers_now_and_before() -> None:
    now, before, third = seen_at(ONE, 3, lambda c: (c.bars.close[-1], c.bars.close[-2], c.bars.close[2]))
    assert (now, before, third) == (13.0, 12.0, 12.0)
    assert type(now) is float


def test_slices_end_at_now() -> None:
    everything, last_two, first_two = seen_at(ONE, 3, lambda c: (c.bars.close[:], c.bars.close[-2:], c.bars.close[:2]))
    assert everything.tolist() == [10, 11, 12, 13]
    assert last_two.tolist() == [12, 13]
    assert first_two.tolist() == [10, 11]


def test_a_slice_backwards_starts_at_now() -> None:
    assert seen_at(ONE, 3, lambda c: c.bars.close[::-1]).tolist() == [13, 12, 11, 10]
    assert seen_at(ONE, 3, lambda c: c.bars.close[-1:-3:-1]).tolist() == [13, 12]


def test_a_slice_can_not_be_written_to() -> None:
    with pytest.raises(StrategyError, match="read-only"):
        seen_at(ONE, 3, lambda c: c.bars.close[:].fill(0.0))


def test_a_longer_slice_than_there_is_history_gives_what_there_is() -> None:
    assert seen_at(ONE, 1, lambda c: c.bars.close[-20:]).tolist() == [10, 11]


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda c: c.bars.close[c.index + 1], r"bars.close\[4\] is not known yet: .* bar 3 \(2020-01-04\)"),
        (lambda c: c.bars.close[99], r"bars.close\[99\] is not known yet"),
        (lambda c: c.bars.close[2:5], r"bars.close\[2:5\] asks for bars that are not known yet"),
        (lambda c: c.bars.close[4:], r"bars.close\[4:\] asks for bars that are not known yet"),
        (lambda c: c.bars.close[4::-1], r"bars.close\[4::-1\] asks"),
        (lambda c: c.bars.high[np.int64(4)], r"bars.high\[4\] is not known yet"),
        (lambda c: c.bars.timestamps[4], r"bars.timestamps\[4\] is not known yet"),
        (lambda c: c.indicators["mean"][4], r"mean\[4\] is not known yet"),
        (lambda c: c.indicators["mean"][:5], r"mean\[:5\] asks"),
        (lambda c: c.bars.close["AAA"][4], r"is not known yet"),
        (lambda c: c.bars.close[4, "AAA"], r"is not known yet"),
        (lambda c: c.bars.close[4, 0], r"is not known yet"),
    ],
)
@pytest.mark.parametrize("bars", [ONE, TWO], ids=["one symbol", "two symbols"])
def test_asking_for_the_future_raises_and_names_bar_and_clock(bars: Bars, ask: Any, said: str) -> None:
    with pytest.raises(StrategyError, match=said):
        seen_at(bars, 3, ask, indicators={"mean": bars.panel.close * 2})


def test_asking_for_what_was_before_the_first_bar_says_what_to_declare() -> None:
    with pytest.raises(StrategyError, match=r"close\[-3\] lies before the first bar.*`warm_up` = 2"):
        seen_at(ONE, 1, lambda c: c.bars.close[-3])


def test_several_symbols_give_rows_columns_and_cells() -> None:
    def look(c: Any) -> Any:
        close = c.bars.close
        return close[-1], close["BBB"][-2], close[-1, "BBB"], close[-1, 0], close[-2:], close["BBB"][-2:], close.shape

    row, before, cell, by_number, block, column, shape = seen_at(TWO, 3, look)
    assert row.tolist() == [16, 17]
    assert (before, cell, by_number) == (15.0, 17.0, 16.0)
    assert block.tolist() == [[14, 15], [16, 17]]
    assert column.tolist() == [15, 17]
    assert shape == (4, 2)


def test_one_symbol_answers_by_name_and_number_too() -> None:
    look = lambda c: (c.bars.close["AAA"][-1], c.bars.close[-1, "AAA"], c.bars.close[-1, 0])  # noqa: E731  # a table
    assert seen_at(ONE, 3, look) == (13.0, 13.0, 13.0)


@pytest.mark.parametrize(
    ("bars", "key", "said"),
    [
        (ONE, "AAB", "no symbol 'AAB'. Did you mean 'AAA'?"),
        (TWO, "ZZZ", "no symbol 'ZZZ'. The panel holds: AAA, BBB."),
        (ONE, (-1, 1), "no column 1; the panel has 1 symbol"),
        (TWO, (-1, 2), "no column 2; the panel has 2 symbols"),
        (ONE, 1.0, "a float is no place in a history"),
        (TWO, None, "a NoneType is no place in a history"),
        (TWO, (1, 2, 3), r"expected \[bar, symbol\]"),
    ],
)
def test_what_is_no_place_says_what_would_be(bars: Bars, key: Any, said: str) -> None:
    with pytest.raises(StrategyError, match=said):
        seen_at(bars, 3, lambda c: c.bars.close[key])


def test_numpy_sees_the_history_up_to_now_and_loops_end_there() -> None:
    assert seen_at(ONE, 2, lambda c: np.asarray(c.bars.close).tolist()) == [10, 11, 12]
    assert seen_at(ONE, 2, lambda c: np.mean(c.bars.close)) == 11
    assert seen_at(ONE, 2, lambda c: list(c.bars.close)) == [10, 11, 12]
    assert seen_at(TWO, 1, lambda c: [row.tolist() for row in c.bars.close]) == [[10, 11], [12, 13]]
    assert seen_at(TWO, 1, lambda c: np.array(c.bars.close, dtype=np.float32).tolist()) == [[10, 11], [12, 13]]


def test_the_bars_tell_their_length_symbols_stamps_and_actions() -> None:
    length, symbols, stamp, volume = seen_at(
        TWO, 2, lambda c: (len(c.bars), c.bars.symbols, c.bars.timestamps[-1], c.bars.volume[-1, "AAA"])
    )
    assert (length, symbols, volume) == (3, ("AAA", "BBB"), 7.0)
    assert stamp == datetime(2020, 1, 3, tzinfo=UTC).timestamp() * 1e9
    assert seen_at(TWO, 2, lambda c: (c.bars.split[-1, "AAA"], c.bars.dividend)) == (1.0, None)


def test_histories_say_what_they_are() -> None:
    said = seen_at(TWO, 2, lambda c: (repr(c.bars), repr(c.bars.close), repr(c.bars.close["BBB"]), repr(c)))
    assert said == (
        "bars of 2 symbols up to bar 2 (2020-01-03)",
        "bars.close of 2 symbols up to bar 2 (2020-01-03)",
        "bars.close['BBB'] of BBB up to bar 2 (2020-01-03)",
        "Context at bar 2 (2020-01-03)",
    )


def test_indicators_of_any_kind_of_number_are_shown() -> None:
    columns = {
        "truth": np.array([False, True, True, False, True])[:, None],
        "count": np.arange(5),
        "half": np.arange(5, dtype=np.float16),
        "listed": [[1.0], [2.0], [3.0], [4.0], [5.0]],
    }
    found = seen_at(ONE, 1, lambda c: {name: c.indicators[name][-1] for name in c.indicators}, indicators=columns)
    assert found == {"truth": True, "count": 1, "half": 1.0, "listed": 2.0}
    assert type(found["truth"]) is bool
    assert type(found["count"]) is int


def test_an_unknown_indicator_names_the_near_one() -> None:
    with pytest.raises(StrategyError, match="no indicator 'maen'.*Did you mean 'mean'?"):
        seen_at(ONE, 3, lambda c: c.indicators["maen"], indicators={"mean": ONE.panel.close})
    with pytest.raises(StrategyError, match="There are: none"):
        seen_at(ONE, 3, lambda c: c.indicators["mean"])


def test_an_indicator_of_another_shape_is_told() -> None:
    with pytest.raises(StrategyError, match=r"indicator 'mean' has shape \(3, 1\); expected \(5, 1\)"):
        seen_at(ONE, 3, lambda c: c.indicators["mean"], indicators={"mean": np.zeros((3, 1))})


def test_the_names_of_the_indicators_can_be_asked_for() -> None:
    look = lambda c: ("mean" in c.indicators, "other" in c.indicators, len(c.indicators), list(c.indicators.keys()))  # noqa: E731  # a table
    assert seen_at(ONE, 3, look, indicators={"mean": ONE.panel.close}) == (True, False, 1, ["mean"])
