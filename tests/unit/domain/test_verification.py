from __future__ import annotations

from typing import Any

import pytest

from hindcast.domain.errors import SimulationError
from hindcast.domain.verification import Cause, TableComparison, Verdict, Verification


def table(name: str, verdict: str, *, columns: int = 3) -> TableComparison:
    return TableComparison.model_validate(
        {"name": name, "rows": 2, "new_rows": 2, "columns": columns, "verdict": verdict}
    )


def verification(verdict: Verdict, **fields: Any) -> Verification:
    return Verification(backtest_id="b1", manifest_id="a" * 64, verdict=verdict, **fields)


@pytest.mark.parametrize(
    ("verdict", "reproduced"),
    [("identical", True), ("equal_within_tolerance", True), ("different", False), ("not_comparable", False)],
)
def test_what_is_the_same_to_the_bit_or_within_the_tolerance_is_reproduced(verdict: Verdict, reproduced: bool) -> None:
    assert verification(verdict).reproduced is reproduced


def test_each_verdict_has_its_sentence() -> None:
    same = (table("orders", "identical"), table("equity", "identical"), table("metrics", "identical", columns=51))
    assert str(verification("identical", tables=same)) == "identical, bit for bit: 2 tables and 51 metrics"
    assert str(verification("equal_within_tolerance", tables=same)) == (
        "equal within 1e-12, on another platform or with other packages: 2 tables and 51 metrics"
    )
    other = (table("orders", "identical"), table("equity", "different"), table("metrics", "different"))
    assert str(verification("different", tables=other, causes=(Cause(kind="data", name="data_hash"),))) == (
        "different in equity, metrics"
    )
    assert str(verification("not_comparable", reason="it is gone")) == "not comparable: it is gone"


@pytest.mark.parametrize(
    ("kinds", "unexplained"), [((), True), (("decisions",), True), (("engine", "decisions"), False), (("data",), False)]
)
def test_a_difference_is_unexplained_where_nothing_that_the_manifest_names_has_changed(
    kinds: tuple[str, ...], unexplained: bool
) -> None:
    causes = tuple(Cause.model_validate({"kind": kind, "name": "x"}) for kind in kinds)
    found = verification("different", tables=(table("equity", "different"),), causes=causes)
    assert found.unexplained is unexplained
    assert ("not reproducible" in found.summary) is unexplained


def test_a_verification_is_json_and_comes_back_from_it() -> None:
    found = verification("different", tables=(table("equity", "different"),), causes=(Cause(kind="data", name="x"),))
    assert Verification.model_validate_json(found.model_dump_json()) == found


def test_a_record_that_can_not_be_is_a_defect_of_the_engine() -> None:
    with pytest.raises(SimulationError, match="verdict"):
        verification("perhaps")  # type: ignore[arg-type]  # no verdict at all
