"""Weekly and monthly bars: a split within one leaves its prices on two bases."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import numpy as np

from hindcast.domain.market_data import CorporateAction
from hindcast.infrastructure.alpha_vantage.parsing import ParsedSeries, day_of
from hindcast.infrastructure.alpha_vantage.sessions import weekdays_between


def on_one_basis(
    series: ParsedSeries, interval: str, actions: Iterable[CorporateAction]
) -> tuple[ParsedSeries, tuple[str, ...]]:
    """The series without the bars within which a split took effect, and notes on these.

    Such a bar opens at the old price and closes at the new one, and nobody can tell its high and low apart. One whose
    split is of the first weekday of its week or month stays. The split itself counts from the next bar that there is.
    """
    splits = [action.day for action in actions if action.kind == "split"]
    mixed = np.array(
        [day >= 0 and any(_lies_within(split, day_of(int(day)), interval) for split in splits) for day in series.days],
        dtype=np.bool_,
    )
    if not mixed.any():
        return series, ()
    left_out = ", ".join(str(day_of(int(day))) for day in series.days[mixed])
    note = (
        f"left out, for a split lies within and its prices are on two bases: {interval} {left_out}; "
        "daily bars, resampled, have it"
    )
    return series.where(~mixed), (note,)


def _lies_within(split: date, stamp: date, interval: str) -> bool:
    """Whether a split took effect after the first weekday of the bar with this last session."""
    begin = stamp - timedelta(days=stamp.weekday()) if interval == "1w" else stamp.replace(day=1)
    return begin < split <= stamp and weekdays_between(begin, split - timedelta(days=1)) > 0
