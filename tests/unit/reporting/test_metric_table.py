from __future__ import annotations

import pytest

from hindcast.domain.performance import PerformanceMetrics
from hindcast.engine.layout import REASON_NAMES
from hindcast.engine.metrics.catalogue import CATALOGUE
from hindcast.reporting.formatting import DASH
from hindcast.reporting.metric_table import GROUP_TITLES, metric_groups
from hindcast.reporting.reasons import EXPLANATIONS, explain


def metrics(**values):
    known = {"periods_per_year": 252.0, "risk_free_rate": 0.0, "observations": 100, "ruined": False}
    return PerformanceMetrics(**(known | values))


def row(performance, name):
    return next(row for group in metric_groups(performance) for row in group.rows if row.name == name)


def test_every_metric_of_the_catalogue_is_shown_once_with_its_definition():
    rows = [row for group in metric_groups(metrics()) for row in group.rows]
    assert sorted(row.name for row in rows) == sorted(definition.name for definition in CATALOGUE)
    assert all(row.definition and row.formula for row in rows)


def test_every_group_of_the_catalogue_has_a_title():
    assert {definition.group for definition in CATALOGUE} == set(GROUP_TITLES)


def test_a_metric_with_a_value_needs_no_excuse():
    found = row(metrics(total_return=0.3125778), "total_return")
    assert (found.value, found.undefined) == ("31.26%", "")


@pytest.mark.parametrize(
    ("name", "values", "reason"),
    [
        ("profit_factor", {"total_trades": 0}, "no trade was closed"),
        ("profit_factor", {"total_trades": 3}, "no closed trade lost money"),
        ("beta", {}, "no benchmark"),
        ("beta", {"benchmark_common_observations": 1}, "it needs two returns in common with the benchmark; there is 1"),
        ("sharpe_ratio", {"observations": 1}, "it needs at least two returns; there are 1"),
        ("sharpe_ratio", {}, "the returns do not vary"),
        ("calmar_ratio", {}, "never fell below an earlier peak"),
        ("total_commission", {}, "a curve without its fills"),
    ],
)
def test_an_undefined_metric_is_a_dash_that_says_why(name, values, reason):
    found = row(metrics(**values), name)
    assert found.value == DASH
    assert reason in found.undefined


def test_every_reason_of_the_engine_has_a_sentence():
    assert set(REASON_NAMES) - {""} <= set(EXPLANATIONS)
    assert explain("something_new") == "something new"
