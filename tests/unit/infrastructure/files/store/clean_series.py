"""Series on their way into the store, as tests of it make them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import numpy as np

from hindcast.domain.market_data import CorporateAction, DateRange, SeriesTerms, Unavailable
from hindcast.services.ports import CleanSeries

DAY_NS = 86_400_000_000_000
MINUTE_NS = 60_000_000_000
KNOWN_AT = datetime(2024, 5, 1, 12, tzinfo=UTC)
USD = SeriesTerms(currency="USD", calendar="XNYS")


def ns(text: str) -> int:
    return int(np.datetime64(text, "ns").astype(np.int64))


def day(text: str) -> date:
    return date.fromisoformat(text)


def days(first: str, last: str) -> DateRange:
    return DateRange(first=day(first), last=day(last))


def split(on: str, value: float) -> CorporateAction:
    return CorporateAction(day=day(on), kind="split", value=value)


def dividend(on: str, value: float) -> CorporateAction:
    return CorporateAction(day=day(on), kind="dividend", value=value)


def missing(first: str, last: str, reason: str = "the plan does not have it", asked_at: datetime = KNOWN_AT):
    return Unavailable(days=days(first, last), reason=reason, remedy="ask another", asked_at=asked_at)


def series_of(
    symbol: str,
    stamps: Sequence[int],
    closes: Sequence[float],
    covered: Sequence[DateRange] | None = None,
    *,
    terms: SeriesTerms = USD,
    actions: Sequence[CorporateAction] | None = None,
    unavailable: Sequence[Unavailable] = (),
    kept: Sequence[int] | None = None,
) -> CleanSeries:
    """Bars around these closes; without `covered`, the days from the first stamp to the last are."""
    timestamps = np.array(stamps, dtype=np.int64)
    close = np.array(closes, dtype=np.float64)
    if covered is None:
        first, last = (date(1970, 1, 1) + timedelta(days=int(timestamps[place] // DAY_NS)) for place in (0, -1))
        covered = [DateRange(first=first, last=last)]
    return CleanSeries(
        symbol=symbol,
        terms=terms,
        timestamps=timestamps,
        open=close - 0.25,
        high=close + 1,
        low=close - 1,
        close=close,
        volume=np.round(close * 100),
        covered=tuple(covered),
        actions=None if actions is None else tuple(actions),
        unavailable=tuple(unavailable),
        kept=None if kept is None else np.array(kept, dtype=np.int64),
    )


def daily(symbol: str, first: str, closes: Sequence[float], **options) -> CleanSeries:
    """A bar a day from the first on, weekends too."""
    return series_of(symbol, [ns(first) + place * DAY_NS for place in range(len(closes))], closes, **options)


def random_series(symbol: str, bars: int, seed: int, *, step: int = DAY_NS, first: str = "2010-01-04", **options):
    """A random walk of so many bars."""
    steps = np.random.default_rng(seed).normal(0, 0.01, bars)
    closes = 100 * np.exp(np.cumsum(steps)) + 2
    return series_of(symbol, (ns(first) + np.arange(bars) * step).tolist(), closes.tolist(), **options)
