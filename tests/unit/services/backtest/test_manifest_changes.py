from __future__ import annotations

from typing import Any

import pytest
from tests.contracts.records import a_manifest

from hindcast.services.backtest.environment import environment
from hindcast.services.backtest.manifest import class_hash, engine_version
from hindcast.services.backtest.manifest_changes import code_changes, manifest_changes
from hindcast.services.backtest.source_hash import engine_hash
from hindcast.strategies.builtin.momentum import Momentum

GROUND = {"python": "3.11.1", "platform": "here", "cpu": "fast", "numpy": "2.2", "lock": "aaaa"}


def changes(then: dict[str, Any], now: dict[str, Any]) -> list[tuple[str, str, Any, Any]]:
    base = a_manifest("a" * 64)
    found = manifest_changes(base.model_copy(update=then), base.model_copy(update=now))
    return [(cause.kind, cause.name, cause.then, cause.now) for cause in found]


def test_the_same_manifest_has_no_changes() -> None:
    assert changes({}, {"id": "b" * 64}) == []


@pytest.mark.parametrize(
    ("field", "kind"),
    [
        ("data_hash", "data"),
        ("benchmark_hash", "benchmark"),
        ("strategy_type", "strategy"),
        ("strategy_hash", "strategy"),
        ("engine_version", "engine"),
        ("engine_hash", "engine"),
    ],
)
def test_each_field_is_a_cause_of_its_kind(field: str, kind: str) -> None:
    assert changes({field: "1"}, {field: "2"}) == [(kind, field, "1", "2")]


@pytest.mark.parametrize("field", ["parameters", "config"])
def test_a_parameter_or_setting_is_named_with_both_values_also_where_one_is_not_there(field: str) -> None:
    then, now = {"same": 1, "other": 2, "gone": None}, {"same": 1, "other": 3, "new": False}
    assert changes({field: then}, {field: now}) == [
        (field, "other", 2, 3),
        (field, "gone", None, None),
        (field, "new", None, False),
    ]


def test_another_source_of_a_users_own_model_is_a_change_of_the_configuration() -> None:
    assert changes({"model_hashes": {"commission": "1"}}, {"model_hashes": {"commission": "2"}}) == [
        ("config", "commission (source)", "1", "2")
    ]


def test_a_package_that_changed_explains_the_lock() -> None:
    now = GROUND | {"numpy": "2.3", "lock": "bbbb"}
    assert changes({"environment": GROUND}, {"environment": now}) == [("environment", "numpy", "2.2", "2.3")]


def test_another_lock_with_the_same_named_packages_is_told() -> None:
    now = GROUND | {"python": "3.12.0", "lock": "bbbb"}
    assert changes({"environment": GROUND}, {"environment": now}) == [
        ("environment", "python", "3.11.1", "3.12.0"),
        ("environment", "lock", "aaaa", "bbbb"),
    ]


def test_what_was_not_written_down_then_is_no_change() -> None:
    assert changes({"environment": {"python": "3.11.1"}}, {"environment": GROUND}) == []


def test_without_a_new_run_code_engine_and_environment_are_looked_at() -> None:
    then = a_manifest("a" * 64).model_copy(update={"environment": dict(environment()) | {"cpu": "slow"}})
    found = {cause.name: cause.now for cause in code_changes(then, Momentum)}
    assert found == {
        "strategy_hash": class_hash(Momentum),
        "engine_hash": engine_hash(),
        "cpu": environment()["cpu"],
    } | ({} if engine_version() == then.engine_version else {"engine_version": engine_version()})
    assert "strategy_hash" not in {cause.name for cause in code_changes(then, None)}
