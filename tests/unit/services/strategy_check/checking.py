"""Strategy classes from source, and their check on the sample."""

from __future__ import annotations

from functools import cache
from typing import Any

from hindcast.infrastructure.duckdb.features import DuckDbFeatureStore
from hindcast.infrastructure.sample.provider import SampleProvider
from hindcast.services.market_data.data_processor import DataProcessor
from hindcast.services.market_data.ready_made import FeaturesBySize
from hindcast.services.strategy.validation import Finding, ValidationReport
from hindcast.services.strategy_check.check import check_class
from hindcast.services.strategy_check.sample import Sample


@cache
def the_sample() -> Sample:
    """The sample that every test shares: nothing writes to it."""
    return Sample(SampleProvider(), DataProcessor(FeaturesBySize(DuckDbFeatureStore())))


def check(strategy_class: type, **parameters: Any) -> ValidationReport:
    """The report on a class with these parameters."""
    return check_class(strategy_class, strategy_class.__name__, parameters, the_sample())


def only(report: ValidationReport, code: str) -> Finding:
    """The one finding of this code."""
    (found,) = (finding for finding in report.findings if finding.code == code)
    return found
