"""`align_benchmark`: what a benchmark looks like beside a run's bars, before any number is made of the two."""

from __future__ import annotations

from datetime import timedelta

from hindcast.bootstrap import ServiceFactory
from hindcast.domain.errors import InputError
from hindcast.engine.bars import Bars
from hindcast.engine.stamps import to_datetime
from hindcast.library.calendars import exchange_calendars
from hindcast.services.market_data.benchmarks import alignment
from hindcast.services.market_data.benchmarks.alignment import AlignedSide, AlignmentReport, Returns
from hindcast.services.market_data.benchmarks.benchmark_names import known_benchmark
from hindcast.services.ports import Schedule, SymbolInfo
from hindcast.settings import load_settings


def align_benchmark(bars: Bars, benchmark: str | Bars) -> AlignmentReport:
    """Dates, currencies, dividends and hours of bars and of a benchmark, and what they mean for its metrics.

    Parameters
    ----------
    bars : Bars
        The bars of a run.
    benchmark : str or Bars of one symbol
        A symbol of the bars, a symbol or common name of a source ("KOSPI", "S&P 500"), or bars of its own.

    Returns
    -------
    AlignmentReport
        Print it, or take `to_json()`. `findings` says what a reader of alpha and beta must know.

    Raises
    ------
    BenchmarkError
        No source has the benchmark, or no date is common.
    InputError
        Bars of several symbols as the benchmark.

    Examples
    --------
    >>> import hindcast as hc
    >>> report = align_benchmark(hc.load_bars("AAPL", start="2010-01-04", end="2011-12-30"), "S&P 500")
    >>> report.common, report.currencies
    (504, ('USD', 'USD'))
    """
    services = ServiceFactory(load_settings())
    return alignment.align_benchmark(
        _side(services, bars, ", ".join(bars.symbols[:3]) + (", …" if len(bars.symbols) > 3 else "")),
        _benchmark_side(services, bars, benchmark),
    )


def _benchmark_side(services: ServiceFactory, bars: Bars, benchmark: str | Bars) -> AlignedSide:
    if isinstance(benchmark, str) and benchmark in bars.symbols:
        benchmark = bars.select([benchmark])
    if isinstance(benchmark, Bars):
        if len(benchmark.symbols) != 1:
            raise InputError(
                f"the benchmark's bars hold {len(benchmark.symbols)} symbols; expected one: use .select(['NAME'])"
            )
        return _side(services, benchmark, benchmark.symbols[0])
    provider, symbol = services.benchmarks.resolve(benchmark)
    series = services.benchmarks.for_bars(bars, benchmark)
    info = _info(services, provider, symbol)
    row = known_benchmark(benchmark) or known_benchmark(symbol)
    calendar = (info.exchange if info else "") or (row.calendar if row else "")
    index = row is not None and (info is None or info.kind == "index")
    return AlignedSide(
        name=symbol,
        timestamps=series.timestamps,
        currency=(info.currency if info else "") or (row.currency if row else ""),
        returns=row.returns if index and row else _returns_of(services, bars, provider, symbol),
        calendar=calendar,
        schedule=_schedule(calendar, bars),
    )


def _side(services: ServiceFactory, bars: Bars, name: str) -> AlignedSide:
    infos = [_info(services, bars.source, symbol) for symbol in bars.symbols]
    currencies = {info.currency if info else "" for info in infos}
    calendars = {info.exchange if info else "" for info in infos}
    calendar = calendars.pop() if len(calendars) == 1 else ""
    paid = bars.panel.dividend
    holds = bars.adjusted or (paid is not None and bool((paid > 0.0).any()))
    return AlignedSide(
        name=name,
        timestamps=bars.timestamps,
        currency=currencies.pop() if len(currencies) == 1 else "",
        returns="total" if holds else "price" if infos and all(infos) else "",
        calendar=calendar,
        schedule=_schedule(calendar, bars),
    )


def _info(services: ServiceFactory, provider: str, symbol: str) -> SymbolInfo | None:
    if provider not in services.market_data.providers():
        return None
    return next((info for info in services.market_data.symbols(provider) if info.symbol == symbol), None)


def _returns_of(services: ServiceFactory, bars: Bars, provider: str, symbol: str) -> Returns:
    """Whether dividends are in the benchmark's values, as the benchmark service gives them."""
    first, last = (to_datetime(stamp).date() for stamp in (bars.timestamps[0], bars.timestamps[-1]))
    table = services.market_data.get_historical_data([symbol], first, last, provider=provider)
    paid = table.dividend is not None and bool((table.dividend > 0.0).any())
    return "total" if table.adjusted or paid else "price"


def _schedule(calendar: str, bars: Bars) -> Schedule | None:
    if not calendar:
        return None
    first, last = (to_datetime(stamp).date() for stamp in (bars.timestamps[0], bars.timestamps[-1]))
    try:
        return exchange_calendars().schedule(calendar, first - timedelta(days=1), last + timedelta(days=1))
    except InputError:  # a market code that has no calendar: the hours stay unknown, and the report says so
        return None
