"""The catalogue explains every metric once, and the examples in the documentation strings hold."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import typing

import pytest

import hindcast.engine.metrics
from hindcast.domain.performance import PerformanceMetrics
from hindcast.engine.metrics.catalogue import BY_NAME, CATALOGUE, Group, MetricDefinition

CONTEXT = {
    "periods_per_year", "risk_free_rate", "observations", "start", "end", "ruined",
    "benchmark_common_observations", "benchmark_dropped_dates",
}  # fmt: skip
MODULES = [
    *(f"hindcast.engine.metrics.{module.name}" for module in pkgutil.iter_modules(hindcast.engine.metrics.__path__)),
    "hindcast.engine.curve_input",
    "hindcast.engine.curves",
    "hindcast.engine.performance",
    "hindcast.engine.trades",
]


def test_every_metric_of_the_model_is_in_the_catalogue_exactly_once():
    names = [metric.name for metric in CATALOGUE]
    assert len(names) == len(set(names))
    assert set(names) == set(PerformanceMetrics.model_fields) - CONTEXT
    assert list(BY_NAME) == names


def test_groups_stand_together_in_the_order_of_display():
    groups = [metric.group for metric in CATALOGUE]
    assert list(dict.fromkeys(groups)) == list(typing.get_args(Group))
    assert groups == sorted(groups, key=typing.get_args(Group).index)


@pytest.mark.parametrize("metric", CATALOGUE, ids=lambda metric: metric.name)
def test_each_definition_is_one_sentence(metric: MetricDefinition):
    assert metric.definition[0].isupper()
    assert metric.definition.endswith(".")
    assert ". " not in metric.definition
    assert metric.label
    assert metric.formula


def test_counts_are_whole_numbers_in_the_model():
    for metric in CATALOGUE:
        kinds = typing.get_args(PerformanceMetrics.model_fields[metric.name].annotation)
        assert (int in kinds) == (metric.unit == "count"), metric.name


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_in_the_documentation_strings_hold(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0
