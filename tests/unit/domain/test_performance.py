"""The record of metrics: frozen, finite, ready for JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from hindcast.domain.errors import SimulationError
from hindcast.domain.performance import PerformanceMetrics

BASE = {"periods_per_year": 252.0, "risk_free_rate": 0.0, "observations": 3, "ruined": False}


def test_what_is_not_given_is_undefined():
    metrics = PerformanceMetrics(**BASE)
    assert metrics.sharpe_ratio is None
    assert metrics.total_trades is None


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_metric_that_is_not_finite_is_refused(value):
    with pytest.raises(SimulationError, match="sharpe_ratio"):
        PerformanceMetrics(**BASE, sharpe_ratio=value)


def test_metrics_can_not_be_changed():
    metrics = PerformanceMetrics(**BASE)
    with pytest.raises(ValidationError, match="frozen"):
        setattr(metrics, "sharpe_ratio", 3.0)  # noqa: B010 - mypy knows that the plain assignment is refused


def test_metrics_survive_the_way_through_json():
    metrics = PerformanceMetrics(
        **BASE, start=datetime(2020, 1, 1, tzinfo=UTC), end=datetime(2020, 1, 9, tzinfo=UTC), total_return=0.1
    )
    text = json.dumps(metrics.model_dump(mode="json"), allow_nan=False)
    assert PerformanceMetrics(**json.loads(text)) == metrics
