"""Two series side by side before they are compared: dates, currencies, dividends, and when their days end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from hindcast.domain.errors import BenchmarkError
from hindcast.engine.stamps import DAY_NS, day_text
from hindcast.services.ports import Schedule

IntArray = NDArray[np.int64]
Returns = Literal["price", "total", ""]

HOUR_NS: Final = 3_600_000_000_000
SIMULTANEOUS_HOURS: Final = 0.5  # closes that are no further apart count as one
SHOWN: Final = 4
SAID: Final = {"price": "price only, dividends left out", "total": "with dividends", "": "dividends not known"}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AlignedSide:
    """One of the two: its stamps, and what is known of its numbers."""

    name: str
    timestamps: IntArray  # (n,), UTC nanoseconds, increasing; of daily bars the session's date
    currency: str = ""  # ISO 4217; empty where nobody said
    returns: Returns = ""  # whether dividends are in its returns
    calendar: str = ""
    schedule: Schedule | None = None  # its sessions, for the time of day of its closes


@dataclass(frozen=True, slots=True, kw_only=True)
class YearOfDates:
    """The dates of one year."""

    year: int
    common: int
    only_run: int
    only_benchmark: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AlignmentReport:
    """How a run and its benchmark lie beside each other within the run's span."""

    run: str
    benchmark: str
    first: str  # the run's span, as a person reads stamps
    last: str
    common: int  # dates that both have: what the metrics are made of
    only_run: tuple[str, ...]  # dates that the metrics leave out
    only_benchmark: tuple[str, ...]
    by_year: tuple[YearOfDates, ...]
    currencies: tuple[str, str]  # of the run and of the benchmark; empty where not known
    returns: tuple[Returns, Returns]
    calendars: tuple[str, str]
    close_lag_hours: float | None  # how much later the run's day ends, median of the common dates; None: not known
    overlapping_hours: float | None  # how long both are open at once, median of the common dates
    findings: tuple[str, ...]  # what a reader of alpha, beta and the like must know; none where nothing stands out

    def to_json(self) -> dict[str, Any]:
        """The report as JSON has it."""
        return asdict(self)

    def __str__(self) -> str:
        apart = f"{_dates(self.run, self.only_run)}, {_dates(self.benchmark, self.only_benchmark)}"
        lines = [
            f"{self.run} against {self.benchmark}, {self.first} to {self.last}",
            f"  dates       {self.common:,} common, {apart}",
            f"  currency    {_pair(self.currencies)}",
            f"  returns     {_pair((SAID[self.returns[0]], SAID[self.returns[1]]))}",
            f"  calendar    {_pair(self.calendars)}{self._clock_words()}",
        ]
        return "\n".join([*lines, *(f"  ! {finding}" for finding in self.findings)])

    def _clock_words(self) -> str:
        if self.close_lag_hours is None:
            return ""
        end = "with the benchmark's" if self.close_lag_hours == 0 else _later(self.close_lag_hours)
        return f"; the run's day ends {end}, both are open for {self.overlapping_hours:g} h"


def align_benchmark(run: AlignedSide, benchmark: AlignedSide) -> AlignmentReport:
    """Lay a benchmark beside a run, as the metrics will do it.

    Parameters
    ----------
    run, benchmark : AlignedSide
        The run's span counts: that a benchmark reaches further says nothing.

    Returns
    -------
    AlignmentReport

    Raises
    ------
    BenchmarkError
        The run has no stamps, or no stamp is common.

    Notes
    -----
    The metrics compare returns over the common stamps (equal to the nanosecond), gaps included, in each side's own
    currency, whenever in the day these closes are; what speaks against that is among the findings.
    """
    stamps = run.timestamps
    if not stamps.size:
        raise BenchmarkError(f"{run.name} has no bars to compare with {benchmark.name}")
    inside = benchmark.timestamps[(benchmark.timestamps >= stamps[0]) & (benchmark.timestamps <= stamps[-1])]
    common = np.intersect1d(stamps, inside, assume_unique=True)
    if not common.size:
        raise BenchmarkError(
            f"{run.name} and {benchmark.name} have no date in common from {day_text(stamps[0])} to "
            f"{day_text(stamps[-1])}; choose other dates, or bars of the same interval"
        )
    only_run = np.setdiff1d(stamps, common, assume_unique=True)
    only_benchmark = np.setdiff1d(inside, common, assume_unique=True)
    lag, overlap = _clocks(run.schedule, benchmark.schedule, common)
    report = AlignmentReport(
        run=run.name,
        benchmark=benchmark.name,
        first=day_text(stamps[0]),
        last=day_text(stamps[-1]),
        common=int(common.size),
        only_run=tuple(map(day_text, only_run)),
        only_benchmark=tuple(map(day_text, only_benchmark)),
        by_year=_by_year(common, only_run, only_benchmark),
        currencies=(run.currency, benchmark.currency),
        returns=(run.returns, benchmark.returns),
        calendars=(run.calendar, benchmark.calendar),
        close_lag_hours=lag,
        overlapping_hours=overlap,
        findings=(),
    )
    return _with_findings(report)


def _by_year(*dates: IntArray) -> tuple[YearOfDates, ...]:
    years = [stamps.view("M8[ns]").astype("M8[Y]").astype(np.int64) + 1970 for stamps in dates]
    return tuple(
        YearOfDates(
            year=int(year),
            common=int((years[0] == year).sum()),
            only_run=int((years[1] == year).sum()),
            only_benchmark=int((years[2] == year).sum()),
        )
        for year in np.unique(np.concatenate(years))
    )


def _clocks(
    run: Schedule | None, benchmark: Schedule | None, common: IntArray
) -> tuple[float, float] | tuple[None, None]:
    """Hours by which the run's session ends later, and for which both are open; medians of the common dates."""
    if run is None or benchmark is None:
        return None, None
    dates = np.unique(common // DAY_NS * DAY_NS)
    dates = dates[np.isin(dates, run.sessions) & np.isin(dates, benchmark.sessions)]
    if not dates.size:
        return None, None
    left, right = (np.searchsorted(schedule.sessions, dates) for schedule in (run, benchmark))
    ends = run.closes[left], benchmark.closes[right]
    open_at_once = np.minimum(*ends) - np.maximum(run.opens[left], benchmark.opens[right])
    lag, overlap = np.median(ends[0] - ends[1]), np.median(np.maximum(open_at_once, 0))
    return round(float(lag) / HOUR_NS, 2), round(float(overlap) / HOUR_NS, 2)


def _with_findings(report: AlignmentReport) -> AlignmentReport:
    return replace(report, findings=tuple(_findings(report)))


def _findings(report: AlignmentReport) -> Iterator[str]:
    run, benchmark = report.run, report.benchmark
    lost = len(report.only_run) + len(report.only_benchmark)
    if lost:
        yield (
            f"{lost:,} of {report.common + lost:,} dates are of one side only and left out; returns are taken over "
            f"these gaps on the {report.common:,} that both have"
        )
    left, right = report.currencies
    if left and right and left != right:
        yield (
            f"{run} is in {left}, {benchmark} in {right}: nothing is converted, so the metrics are those of somebody "
            "whose currency is hedged at no cost"
        )
    elif not (left and right):
        unknown = " and ".join(name for name, known in zip((run, benchmark), (left, right), strict=True) if not known)
        yield f"the currency of {unknown} is not known; nothing is converted"
    if report.returns == ("total", "price"):
        yield f"{run} has its dividends, {benchmark} is without: alpha is too high by about that dividend yield"
    if report.returns == ("price", "total"):
        yield f"{benchmark} has its dividends, {run} is without: alpha is too low by about that dividend yield"
    lag = report.close_lag_hours
    if lag is not None and abs(lag) > SIMULTANEOUS_HOURS:
        yield (
            f"the day of {run} ends {_later(lag)} than that of {benchmark}: returns of one date are not of the same "
            "hours, so beta and correlation of daily returns come out too low and tracking error too high; weekly "
            "returns suffer less"
        )


def _later(hours: float) -> str:
    return f"{abs(hours):g} h {'later' if hours >= 0 else 'earlier'}"


def _pair(values: tuple[str, str]) -> str:
    left, right = (value or "not known" for value in values)
    return left if left == right else f"{left} · {right}"


def _dates(name: str, dates: tuple[str, ...]) -> str:
    if not dates:
        return f"none of {name} alone"
    few = ", ".join(dates[:SHOWN]) + (", …" if len(dates) > SHOWN else "")
    return f"{len(dates):,} of {name} alone ({few})"
