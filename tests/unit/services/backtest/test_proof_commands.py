from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hindcast.engine import layout
from hindcast.services.backtest.proof_commands import CommandDecisions
from hindcast.services.backtest.proof_comparison import Place


def commands(*rows: dict[str, Any]) -> CommandDecisions:
    found = np.zeros(len(rows), dtype=layout.COMMAND_DTYPE)
    found["limit"] = np.nan
    for record, row in zip(found, rows, strict=True):
        for name, value in row.items():
            record[name] = value
    return CommandDecisions(commands=found, symbols=2)


RUN = commands({"bar": 2, "symbol": 1, "quantity": 5}, {"bar": 4, "symbol": 0, "quantity": 3, "limit": 9.0})


def test_the_same_commands_do_not_differ() -> None:
    assert RUN.first_difference(RUN, 0, 9) is None


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ({"quantity": 4}, Place(4, 0, "quantity")),
        ({"limit": np.nan}, Place(4, 0, "limit")),
        ({"limit": 9.0 + 1e-14}, Place(4, 0, "limit")),
        ({"side": 1}, Place(4, 0, "side")),
    ],
)
def test_a_changed_command_is_told_with_its_bar_symbol_and_column(changed: dict[str, Any], place: Place) -> None:
    row = {"bar": 4, "symbol": 0, "quantity": 3, "limit": 9.0} | changed
    other = commands({"bar": 2, "symbol": 1, "quantity": 5}, row)
    assert RUN.first_difference(other, 0, 9) == place
    assert RUN.first_difference(other, 0, 3) is None


def test_rounding_may_be_let_pass() -> None:
    other = commands(
        {"bar": 2, "symbol": 1, "quantity": 5}, {"bar": 4, "symbol": 0, "quantity": 3, "limit": 9.0 + 1e-14}
    )
    assert RUN.first_difference(other, 0, 9, exact=False) is None


def test_a_command_more_or_less_is_told() -> None:
    fewer = commands({"bar": 2, "symbol": 1, "quantity": 5})
    assert RUN.first_difference(fewer, 0, 9) == Place(4, 0, "order")
    assert fewer.first_difference(RUN, 0, 9) == Place(4, 0, "order")


def test_a_symbol_that_the_panel_lacks_is_told_at_the_first_column() -> None:
    strange = commands({"bar": 2, "symbol": 7, "quantity": 5})
    assert strange.first_difference(commands(), 0, 9) == Place(2, 0, "order")


def test_decisions_are_the_bars_with_commands() -> None:
    twice = commands({"bar": 2}, {"bar": 2}, {"bar": 5})
    assert twice.decided().tolist() == twice.decision_bars().tolist() == [2, 5]
