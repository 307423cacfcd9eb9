"""The shorthand of the hand-worked order cases tells right from wrong, and refuses what it can't read."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.unit.engine.order_runs import by_engine, disagreements, engine_differs, mirror_image, params
from tests.unit.engine.order_shorthand import read

RIGHT = (
    "100 100/111/89/100 | 1: buy 10 sl=90 tp=110 | | 2 #1 buy 10@100; 2 #2 sell 10@90 "
    "| filled 2, filled 2 stop=90, cancelled 2 oco | ~ 2@2 3@2 | 9900"
)


@pytest.mark.parametrize(
    ("word", "wrong"),
    [
        ("buy 10@100", "buy 10@101"),
        ("buy 10@100", "buy 9@100"),
        ("sell 10@90", "buy 10@90"),
        ("#2 sell", "#3 sell"),
        ("2 #1 buy 10@100;", ""),
        ("10@90 |", "10@90 fee 1 |"),
        ("10@90 |", "10@90 margin |"),
        ("filled 2,", "filled 3,"),
        ("oco", "user"),
        ("stop=90", "stop=91"),
        (", cancelled 2 oco", ""),
        ("~ 2@2 3@2", "~ 2@2"),
        ("| ~ 2@2 3@2", ""),
        ("9900", "9901"),
    ],
)
def test_a_case_that_is_wrong_in_one_word_is_told(word: str, wrong: str) -> None:
    changed = RIGHT.replace(word, wrong, 1)
    assert engine_differs(RIGHT) == []
    assert changed != RIGHT
    assert engine_differs(changed)


@pytest.mark.parametrize(
    "line",
    [
        "100/101/99 | 1: buy 10 | | | open",
        "100 100 | 1: purchase 10 | | | open",
        "100 100 | B! . | | | open",
        "100 100 | 1: buy 10 | fast | | open",
        "100 100 | 1: buy 10 | | buy 10 | open",
    ],
)
def test_what_is_no_shorthand_is_refused(line: str) -> None:
    with pytest.raises(AssertionError, match="is no|open/high/low/close"):
        read(line)


def test_an_argument_that_does_not_exist_is_refused() -> None:
    with pytest.raises(KeyError, match="price"):
        read("100 100 | 1: buy 10 price=95 | | | open")


def test_the_mirror_image_of_the_mirror_image_is_the_case_itself() -> None:
    case, expected = read(
        "100 100/106/98/99 | 1: buy 10 stop=105 limit=107 sl=95 tp=120 | short | 2 buy 10@105 | filled 2"
    )
    once, seen_once = mirror_image(case, expected)
    twice, seen_twice = mirror_image(once, seen_once)
    assert (twice.commands, twice.config, seen_twice) == (case.commands, case.config, expected)
    for name in ("open", "high", "low", "close"):
        np.testing.assert_array_equal(getattr(twice.bars.panel, name), getattr(case.bars.panel, name))
    assert once.commands[0].verb == "sell"
    assert disagreements(by_engine(once), seen_twice) != []


def test_equity_is_only_compared_where_it_was_worked_out() -> None:
    case, expected = read(RIGHT)
    found = by_engine(case)
    assert disagreements(replace(found, equity=1.0), replace(expected, equity=None)) == []
    assert disagreements(replace(found, equity=1.0), expected) == ["equity: 1.0, expected 9900.0"]


def test_a_case_that_stands_there_twice_is_refused() -> None:
    with pytest.raises(AssertionError, match="twice"):
        params("one\n 100 | . | | |\ntwo\n 100 | . | | |")
