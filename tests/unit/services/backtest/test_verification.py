from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.unit.services.backtest.finished_runs import Again, Run, run

from hindcast.domain.errors import ConfigError, ParameterError, SimulationError, StrategyError, SymbolError
from hindcast.domain.verification import Verification
from hindcast.services.backtest.environment import environment
from hindcast.services.backtest.verification import verify
from hindcast.strategies.builtin.momentum import Momentum

OTHER_PYTHON = {"environment": dict(environment()) | {"python": "3.99.1"}}


def verified(then: Run, *now: Run | Exception) -> Verification:
    return verify(then.result, then.tables, Again(*now))


def test_the_same_numbers_are_identical_byte_for_byte_and_need_one_run() -> None:
    again = Again(run())
    found = verify(run().result, run().tables, again)
    assert (found.verdict, found.comparison, found.differences, found.causes) == ("identical", "byte_for_byte", (), ())
    assert [table.name for table in found.tables] == ["bars", "orders", "equity", "metrics"]
    assert {table.verdict for table in found.tables} == {"identical"}
    assert found.reproduced
    assert again.asked == 1


@pytest.mark.parametrize("change", [{"equity": np.nextafter(101_000.25, 0)}, {"figures": {"total_return": 0.3}}])
def test_on_the_same_ground_one_bit_is_a_difference(change: dict[str, Any]) -> None:
    found = verified(run(), run(**change))
    assert (found.verdict, found.comparison) == ("different", "byte_for_byte")
    (difference,) = found.differences
    assert difference.relative is not None
    assert 0 < difference.relative < 1e-15
    assert not difference.tolerated
    assert not found.reproduced


@pytest.mark.parametrize("change", [{"equity": np.nextafter(101_000.25, 0)}, {"figures": {"total_return": 0.3}}])
def test_on_other_ground_differences_below_the_tolerance_are_told_and_tolerated(change: dict[str, Any]) -> None:
    found = verified(run(manifest=OTHER_PYTHON), run(**change))
    assert (found.verdict, found.comparison) == ("equal_within_tolerance", "within_tolerance")
    (difference,) = found.differences
    assert difference.tolerated
    assert found.reproduced
    (cause,) = found.causes
    assert (cause.kind, cause.name, cause.then) == ("environment", "python", "3.99.1")


def test_on_other_ground_equal_bytes_are_identical_all_the_same() -> None:
    found = verified(run(manifest=OTHER_PYTHON), run())
    assert (found.verdict, found.comparison) == ("identical", "within_tolerance")


@pytest.mark.parametrize("change", [{"equity": 101_000.25 * (1 + 1e-11)}, {"figures": {"total_return": 0.3 + 1e-11}}])
def test_on_other_ground_differences_above_the_tolerance_count(change: dict[str, Any]) -> None:
    assert verified(run(manifest=OTHER_PYTHON), run(**change)).verdict == "different"


def test_what_an_older_manifest_does_not_say_of_its_ground_is_not_taken_for_the_same() -> None:
    ground = dict(environment())
    del ground["lock"], ground["cpu"]
    found = verified(run(manifest={"environment": ground}), run())
    assert found.comparison == "within_tolerance"
    assert found.causes == ()


def test_changed_data_come_first_among_the_causes_and_the_tables_are_compared_all_the_same() -> None:
    then = run(manifest={"data_hash": "0" * 64, "parameters": {"short_window": 9}, "engine_hash": "1" * 64})
    found = verified(then, run(equity=99_000.0))
    assert [(cause.kind, cause.name) for cause in found.causes] == [
        ("data", "data_hash"),
        ("parameters", "short_window"),
        ("engine", "engine_hash"),
    ]
    assert found.causes[0].then == "0" * 64
    assert found.verdict == "different"
    assert not found.unexplained


def test_what_has_changed_without_effect_is_told_too() -> None:
    found = verified(run(manifest={"strategy_hash": "0" * 64}), run())
    assert found.verdict == "identical"
    assert [cause.kind for cause in found.causes] == ["strategy"]


def test_a_strategy_that_does_not_agree_with_itself_is_found_out_even_where_much_has_changed() -> None:
    then = run(manifest={"data_hash": "0" * 64})
    found = verified(then, run(quantity=8.0), run(quantity=7.0))
    cause = found.causes[-1]
    assert (cause.kind, cause.said) == (
        "decisions",
        "gives other decisions on the same input: two runs just now differ from order 2 on",
    )
    assert not found.unexplained


def test_a_strategy_that_fails_every_other_time_does_not_agree_with_itself_either() -> None:
    found = verified(run(), run(quantity=8.0), StrategyError("only once"))
    assert found.causes[-1].said.endswith("of two runs just now, one failed: only once")


def test_a_steady_strategy_that_decides_otherwise_than_then_depends_on_something_unnamed() -> None:
    found = verified(run(), run(quantity=8.0))
    (cause,) = found.causes
    assert "from order 2 on they are not those of then" in cause.said
    assert found.unexplained
    assert "not reproducible" in found.summary


def test_other_numbers_for_the_same_orders_are_not_put_down_to_the_strategy() -> None:
    found = verified(run(), run(equity=99_000.0))
    assert found.causes == ()
    assert found.unexplained


def test_other_decisions_that_changed_data_explain_are_not_put_down_to_the_strategy() -> None:
    found = verified(run(manifest={"data_hash": "0" * 64}), run(quantity=8.0))
    assert [cause.kind for cause in found.causes] == ["data"]


@pytest.mark.parametrize("error", [StrategyError("broken"), ParameterError("no such"), ConfigError("out of bounds")])
def test_what_can_not_be_run_any_more_is_not_comparable_with_the_changes_that_are_known(error: Exception) -> None:
    then = run(manifest={"engine_version": "0.0.1"})
    found = verify(then.result, then.tables, Again(error), strategy_class=Momentum)
    assert (found.verdict, found.comparison, found.new_manifest_id, found.reason) == (
        "not_comparable",
        None,
        None,
        str(error),
    )
    assert [cause.name for cause in found.causes] == ["strategy_hash", "engine_version", "engine_hash"]
    assert not found.reproduced


@pytest.mark.parametrize("error", [SymbolError("gone"), SimulationError("books")])
def test_every_other_error_is_an_error(error: Exception) -> None:
    with pytest.raises(type(error)):
        verified(run(), error)


def test_a_table_that_the_new_run_lacks_is_a_difference_and_one_that_was_not_kept_then_is_none() -> None:
    more = {"more": {"x": np.array([1.0])}}
    found = verified(run(**more), run())
    assert [(each.table, each.stored, each.new) for each in found.differences] == [("more", 1, None)]
    assert verified(run(), run(**more)).verdict == "identical"
