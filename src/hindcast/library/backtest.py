"""`run_backtest` and `load_bars`: from a strategy and bars to a finished run."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import partial
from threading import Lock
from typing import Any, cast

from numpy.typing import ArrayLike

from hindcast.bootstrap import ServiceFactory
from hindcast.domain.backtest_config import BacktestConfig
from hindcast.domain.errors import ConfigError, InputError, ParameterError, PartialDataWarning
from hindcast.engine.curve_input import benchmark_series
from hindcast.engine.metrics.benchmark import BenchmarkSeries
from hindcast.engine.performance import PerformanceAnalyzer
from hindcast.engine.trade_engine import TradeEngine
from hindcast.infrastructure.duckdb.features import DuckDbFeatureStore
from hindcast.library.bars import Bars
from hindcast.library.run import BacktestRun
from hindcast.services.backtest.benchmark import closes_of
from hindcast.services.backtest.executor import execute, simulate
from hindcast.services.backtest.proof_replays import LookAheadProof
from hindcast.services.backtest.summary import certified, seed_of, summarise
from hindcast.services.market_data.data_processor import DataProcessor
from hindcast.services.market_data.data_versions import as_pin
from hindcast.services.market_data.ready_made import FeaturesBySize
from hindcast.settings import load_settings
from hindcast.strategies.construction import build, check_parameters
from hindcast.strategies.events import EventStrategy, is_event_strategy
from hindcast.strategies.factory import StrategyFactory
from hindcast.strategies.protocol import TradingStrategy
from hindcast.strategies.rebuilding import rebuild


def load_bars(  # noqa: PLR0913  # a door with fixed names
    symbols: Sequence[str] | str,
    *,
    provider: str = "sample",
    start: date | str | None = None,
    end: date | str | None = None,
    interval: str = "1d",
    adjusted: bool = False,
    version: str | None = None,
) -> Bars:
    """Bars of the symbols from a provider, from start to end, both days included.

    What a vendor's bars lack in the store is fetched first; what it did not give is told by a PartialDataWarning and
    in the bars' notes.

    Parameters
    ----------
    symbols : names, or one name
    provider : str
        "sample" is the data inside the package, "alpha_vantage" a vendor; a name that `import_bars` was given is what
        it imported. `hindcast data list` shows what there is.
    start, end : date or ISO text such as "1999-01-04", optional
    interval : str
        "1d", or within the day "1min", "5min", "1h" …
    adjusted : bool
        Prices with splits and dividends worked in. By default prices are raw, and the engine applies the actions.
    version : str, optional
        A data version's id, as `hindcast data list --versions` shows it, or a pin as a result names it: those bars are
        read, and nothing is fetched.

    Returns
    -------
    Bars

    Raises
    ------
    SymbolError, DateRangeError, InputError
        The symbol, the dates, the provider or the version do not exist.
    ProviderError
        The vendor did not give what is missing.
    CorruptDataError
        A stored file is damaged.

    Examples
    --------
    >>> load_bars("SPX", start="1999-01-04", end="2018-12-31").shape
    (5031, 1)
    """
    names = [symbols] if isinstance(symbols, str) else _names(symbols)
    if not names:
        raise InputError("no symbols: name at least one, such as load_bars(['SPX'])")
    services = _services()
    first, last = _day("start", start), _day("end", end)
    pins = () if version is None else (as_pin(provider, interval, version),)
    table = services.market_data.get_historical_data(
        names, first, last, provider=provider, interval=interval, adjusted=adjusted, versions=pins
    )
    for gap in table.unavailable:
        warnings.warn(f"{provider} {gap}", PartialDataWarning, stacklevel=2)
    return services.data_processor.process(table, names, first, last).bars.with_source(provider, table.version)


def run_backtest(
    strategy: str | type | TradingStrategy | EventStrategy,
    bars: Bars,
    *,
    parameters: Mapping[str, object] | None = None,
    config: BacktestConfig | None = None,
    benchmark: object = None,
) -> BacktestRun:
    """Simulate a strategy on bars.

    Parameters
    ----------
    strategy : str, class or instance
        A registered type ("sma_crossover"), a strategy class, or a strategy that is already built.
    bars : Bars
    parameters : mapping, optional
        The strategy's parameters; not with an instance, which has its own.
    config : BacktestConfig, optional
    benchmark : str, Bars of one symbol, series or BenchmarkSeries, optional
        A symbol of the bars, a symbol or common name of the sample data, or values by date.

    Returns
    -------
    BacktestRun

    Raises
    ------
    InputError
        Strategy, parameters, configuration or benchmark do not exist or do not fit.
    StrategyError
        The strategy's code failed, or returned what it must not.
    """
    if not isinstance(bars, Bars):
        raise InputError(f"bars is a {type(bars).__name__}; expected hc.Bars, such as hc.Bars.from_pandas(frame)")
    if config is not None and not isinstance(config, BacktestConfig):
        raise ConfigError(f"config is a {type(config).__name__}; expected hc.BacktestConfig(...)")
    rules = config or BacktestConfig()
    instance = _instance(strategy, parameters)
    data = DataProcessor(FeaturesBySize(DuckDbFeatureStore())).ready(bars, gap_rule=rules.gap_rule)
    proof = LookAheadProof(instance, data, rules)
    execution = execute(instance, data)
    series = _benchmark(benchmark, bars)
    history = simulate(TradeEngine(), execution, bars, rules)
    metrics = PerformanceAnalyzer().analyze(
        history, benchmark_data=series, risk_free_rate=rules.risk_free_rate, periods_per_year=rules.periods_per_year
    )
    result = summarise(
        instance,
        bars,
        rules,
        history,
        metrics,
        series,
        backtest_id="",
        name="",
        provider=bars.source,
        adjusted=bars.adjusted,
        created_at=datetime.now(UTC),
    )
    result = certified(result, proof.certify(execution, history, seed_of(result.manifest)))
    given = None if parameters is None else dict(parameters)
    return BacktestRun(
        result,
        bars,
        history,
        series,
        config=rules,
        again=partial(_run_again, strategy, instance, given, bars, rules, series),
    )


def _run_again(
    strategy: object,
    instance: TradingStrategy | EventStrategy,
    parameters: Mapping[str, object] | None,
    bars: Bars,
    config: BacktestConfig,
    benchmark: BenchmarkSeries | None,
) -> BacktestRun:
    """The same run with a fresh strategy. Raises StrategyError where one that was handed in can't be built again."""
    fresh = rebuild(instance) if strategy is instance else build(type(instance), parameters)
    return run_backtest(fresh, bars, config=config.model_copy(update={"proof": "off"}), benchmark=benchmark)


def _names(symbols: object) -> list[str]:
    if not isinstance(symbols, Iterable):
        raise InputError(f"symbols is {symbols!r}; expected names such as ['SPX']")
    return list(symbols)


def _instance(strategy: object, parameters: Mapping[str, object] | None) -> Any:
    if parameters is not None and not isinstance(parameters, Mapping):
        raise ParameterError(f"parameters is a {type(parameters).__name__}; expected a mapping of names to values")
    names: Iterable[object] = parameters or ()
    for name in names:
        if not isinstance(name, str):
            raise ParameterError(f"parameters name {name!r}, which is no text; expected names such as 'short_window'")
    if isinstance(strategy, str):
        if strategy not in StrategyFactory.types():
            _services().plugins.load_all()
        return StrategyFactory.create(strategy, parameters)
    if isinstance(strategy, type):
        return build(strategy, parameters)
    if parameters:
        raise InputError("parameters go with a strategy's type or class; this strategy is already built with its own")
    if not isinstance(strategy, TradingStrategy) and not is_event_strategy(type(strategy)):
        raise InputError(
            f"strategy is a {type(strategy).__name__}; expected a type such as 'sma_crossover', a strategy class, or "
            "an instance of one"
        )
    check_parameters(strategy)
    return strategy


def _benchmark(benchmark: object, bars: Bars) -> BenchmarkSeries | None:
    if benchmark is None or isinstance(benchmark, BenchmarkSeries):
        return benchmark
    if isinstance(benchmark, str):
        return (
            closes_of(bars, benchmark)
            if benchmark in bars.symbols
            else _services().benchmarks.for_bars(bars, benchmark)
        )
    if isinstance(benchmark, Bars):
        if len(benchmark.symbols) != 1:
            raise InputError(
                f"the benchmark's bars hold {len(benchmark.symbols)} symbols; expected one: use .select(['NAME'])"
            )
        return closes_of(benchmark, benchmark.symbols[0])
    return benchmark_series(cast("ArrayLike", benchmark))


def _services() -> ServiceFactory:
    """The services that the settings of this moment name."""
    settings = load_settings()
    with _made_lock:
        if not _made or _made[0].settings != settings:
            _made[:] = [ServiceFactory(settings)]
        return _made[0]


_made: list[ServiceFactory] = []
_made_lock = Lock()


def _day(name: str, value: date | str | None) -> date | None:
    if value is None or isinstance(value, date):
        return value.date() if isinstance(value, datetime) else value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise InputError(f"{name}={value!r} is no date; expected one such as '1999-01-04'") from None
