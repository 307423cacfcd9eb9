"""Indicators that never hold a value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from hindcast.services.market_data.data_processor import ProcessedData
from hindcast.services.strategy.validation import Finding
from hindcast.strategies.long_frame import to_long_frame, wants_long_frame


def indicator_findings(strategy: Any, data: ProcessedData) -> Iterator[Finding]:
    """The indicators of a strategy that has run without fault on these bars, as far as they are all NaN.

    Whatever this fresh instance raises now, the run would have told.
    """
    for name, values in _columns(strategy, data).items():
        numbers = np.asarray(values)
        if numbers.dtype.kind == "f" and numbers.size and np.isnan(numbers).all():
            yield Finding(
                code="indicator_without_values",
                severity="warning",
                field="code",
                message=f"the indicator {name!r} is NaN on all {len(data.bars)} bars",
                remedy="Look at its window, and at what it divides by: one NaN spreads through sums and means.",
            )


def _columns(strategy: Any, data: ProcessedData) -> Mapping[str, Any]:
    compute = getattr(strategy, "calculate_indicators", None)
    if compute is None:
        return {}
    given: Any
    strategy_class: type = type(strategy)
    if wants_long_frame(strategy_class):
        given = to_long_frame(data.bars, data.features)
    else:
        given = data.bars.with_indicators(data.features)
    known = set(getattr(given, "columns", ()))
    if (initialize := getattr(strategy, "initialize", None)) is not None:
        initialize(given)
    found = compute(given)
    if found is None:
        return {}
    names: Iterable[Any] = found if isinstance(found, Mapping) else getattr(found, "columns", ())
    return {str(name): found[name] for name in names if name not in known}
