"""The pages name what is there: every public name, table, column, order type, reason, verdict and identity."""

from __future__ import annotations

import re

import pytest
from tests.architecture.source_tree import ROOT

import hindcast as hc
from hindcast.domain.certificate import Certificate, ReplayKind, Verdict
from hindcast.engine import layout
from hindcast.engine.accounting import IDENTITIES
from hindcast.services.backtest.tables import run_tables

REFERENCE = ROOT / "docs" / "reference"


def test_the_page_of_the_python_door_has_each_public_name_and_no_other():
    page = (REFERENCE / "python.md").read_text(encoding="utf-8")
    assert sorted(set(re.findall(r"`hc\.(\w+)`", page))) == sorted(hc.__all__)


def sections() -> dict[str, str]:
    page = (REFERENCE / "tables.md").read_text(encoding="utf-8")
    return dict(re.findall(r"^## `(\w+)`\n(.*?)(?=^## )", page, flags=re.DOTALL | re.MULTILINE))


@pytest.fixture(scope="module")
def tables():
    bars = hc.load_bars(["SPX"], start="2010-01-01", end="2010-12-31")
    run = hc.run_backtest("sma_crossover", bars, benchmark="SPX")
    return run_tables(run.history, bars, run.benchmark)


def test_the_page_of_tables_has_a_section_for_each_table(tables):
    assert set(sections()) == set(tables)


@pytest.mark.parametrize("name", ["equity", "fills", "trades", "orders", "positions"])
def test_the_page_of_tables_names_each_column(name, tables):
    first_cells = re.findall(r"^\| (`[^|]*) \|", sections()[name], flags=re.MULTILINE)
    assert re.findall(r"`(\w+)`", " ".join(first_cells)) == list(tables[name])


def first_cells(page: str) -> set[str]:
    """The words in code style that stand in the first cells of a page's tables."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    return set(re.findall(r"`([^`]+)`", " ".join(re.findall(r"^\| ([^|]*) \|", text, flags=re.MULTILINE))))


@pytest.mark.parametrize(
    "names", [layout.TYPE_NAMES, layout.TIF_NAMES, layout.REASON_NAMES[1:]], ids=lambda names: names[0]
)
def test_the_page_of_orders_tells_of_each_type_time_and_reason(names):
    assert set(names) - first_cells("concepts/orders.md") == set()


def test_the_page_of_the_look_ahead_proof_tells_of_each_replay_verdict_and_field():
    names = {*ReplayKind, *Verdict, *Certificate.model_fields, "passed"} - {"schema_version"}
    assert {str(name) for name in names} - first_cells("concepts/look_ahead.md") == set()


def test_the_page_of_the_accounting_proof_tells_of_each_identity():
    text = (ROOT / "docs/concepts/accounting.md").read_text(encoding="utf-8")
    assert set(IDENTITIES) - set(re.findall(r"^\| ([\w ]+) \|", text, flags=re.MULTILINE)) == set()
