"""A verification on the screen: changed data first, then what was compared, what differs, and why."""

from __future__ import annotations

from typing import Any

import pytest
from rich.console import Console
from tests.unit.cli.views.runs import make_result

from hindcast.cli.views.verification_view import print_verification
from hindcast.domain.verification import Cause, Difference, TableComparison, Verification

TABLES = (
    TableComparison(name="bars", rows=5031, new_rows=5031, columns=7, verdict="identical"),
    TableComparison(name="orders", rows=12, new_rows=1300, columns=14, verdict="different"),
    TableComparison(name="metrics", rows=1, new_rows=1, columns=51, verdict="different"),
)
STAMPS = {"stored": "2010-04-27T00:00:00.000000000Z", "new": "2010-05-04T00:00:00.000000000Z"}
DIFFERENCES = (
    Difference(table="orders", column="", row=12, stored=12, new=1300, count=1288),
    Difference(table="orders", column="quantity", row=7, stored=10.0, new=1.25, count=2, relative=0.875),
    Difference(table="orders", column="created_at", row=3, count=4, **STAMPS),
    *(Difference(table="metrics", column=f"metric_{n}", stored=0.1 + n, new=None) for n in range(8)),
)


def verification(**fields: Any) -> Verification:
    given: dict[str, Any] = {
        "backtest_id": "20200111-0123456789ab",
        "manifest_id": "abcdef0123456789",
        "verdict": "different",
        "comparison": "byte_for_byte",
        "tables": TABLES,
        "differences": DIFFERENCES,
    }
    return Verification(**(given | fields))


def shown(found: Verification, capsys: Any, width: int = 110) -> str:
    print_verification(Console(width=width, markup=False, highlight=False), make_result(), found)
    printed: str = capsys.readouterr().out
    return printed


def line_of(said: str, *beginning: str) -> list[str]:
    (line,) = (line for line in said.splitlines() if line.split()[: len(beginning)] == list(beginning))
    return line.split()


def test_the_same_is_told_with_every_table_and_no_list_of_differences(capsys: Any) -> None:
    same = tuple(each.model_copy(update={"verdict": "identical", "new_rows": each.rows}) for each in TABLES)
    said = shown(verification(verdict="identical", tables=same, differences=()), capsys)
    assert line_of(said, "bars") == ["bars", "5,031", "7", "identical"]
    assert line_of(said, "metrics") == ["metrics", "51", "identical"]
    assert "byte for byte" in said
    assert said.rstrip().endswith("Identical, bit for bit: 2 tables and 51 metrics")
    assert "differs" not in said
    assert "changed" not in said


def test_of_each_table_the_first_difference_is_shown_and_of_the_metrics_six(capsys: Any) -> None:
    said = shown(verification(), capsys)
    assert line_of(said, "orders", "12,") == ["orders", "12,", "now", "1,300", "14", "different"]
    assert line_of(said, "orders", "created_at") == ["orders", "created_at", "3", "2010-04-27", "2010-05-04", "4"]
    assert "quantity" not in said
    assert "metric_5" in said
    assert "metric_6" not in said
    assert "and 2 more metrics; --json lists every difference" in said
    assert "not reproducible: nothing that the manifest names has changed" in said


def test_numbers_that_nearly_agree_are_shown_with_all_their_digits(capsys: Any) -> None:
    near = Difference(
        table="orders", column="quantity", row=0, stored=0.1 + 0.2, new=0.3, relative=1e-16, tolerated=True
    )
    said = shown(verification(differences=(near,)), capsys)
    assert line_of(said, "orders", "quantity")[3:5] == ["0.30000000000000004", "0.3"]


def test_what_counts_is_shown_before_what_is_tolerated(capsys: Any) -> None:
    tolerated = Difference(table="orders", column="price", row=0, stored=1.0, new=1.0, relative=1e-16, tolerated=True)
    said = shown(verification(differences=(tolerated, *DIFFERENCES)), capsys)
    assert "created_at" in said
    assert "price" not in said


def test_changed_data_come_before_everything_else_and_causes_after_the_differences(capsys: Any) -> None:
    causes = (
        Cause(kind="data", name="data_hash", then="d" * 64, now="e" * 64),
        Cause(kind="parameters", name="window", then=None, now=5, said="was not there then"),
        Cause(kind="environment", name="lock", then="aaaa", now="bbbb", said="is another one"),
        Cause(kind="decisions", name="strategy", said="gives other decisions on the same input: twice"),
    )
    said = shown(verification(causes=causes), capsys)
    words = ["The data have changed: dddddddddddd then, eeeeeeeeeeee now.", "bars", "first differs", "changed since"]
    places = [said.index(word) for word in words]
    assert places == sorted(places)
    assert line_of(said, "parameter") == ["parameter", "window", "-", "5"]
    assert "lock is another one" in said
    assert "strategy gives other decisions on the same input: twice" in said


def test_changes_without_effect_are_called_so(capsys: Any) -> None:
    causes = (Cause(kind="engine", name="engine_version", then="0.1.0", now="0.2.0"),)
    said = shown(verification(verdict="identical", differences=(), causes=causes), capsys)
    assert "What has changed since, without effect" in said


def test_what_can_not_be_compared_shows_why_and_no_tables(capsys: Any) -> None:
    found = verification(verdict="not_comparable", comparison=None, tables=(), differences=(), reason="it is gone")
    said = shown(found, capsys)
    assert said.rstrip().endswith("Not comparable: it is gone")
    assert "Compared" not in said


@pytest.mark.parametrize("width", [72, 80, 100])
def test_both_values_are_whole_at_any_usual_width(width: int, capsys: Any) -> None:
    said = shown(verification(), capsys, width)
    assert line_of(said, "orders", "created_at")[3:5] == ["2010-04-27", "2010-05-04"]
    assert max(len(line.rstrip()) for line in said.splitlines()) <= width
