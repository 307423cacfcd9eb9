"""Verifying stored results: what was asked then, asked again, on data that come from their source once more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from hindcast.domain.backtest import Backtest, BacktestResult
from hindcast.domain.backtest_config import BacktestConfig
from hindcast.domain.errors import (
    ConfigError,
    DataError,
    InputError,
    NotFoundError,
    ParameterError,
    StrategyError,
    UnknownStrategyError,
)
from hindcast.domain.strategy import Strategy
from hindcast.domain.verification import Verification
from hindcast.services.backtest.verification import Columns, Finished, verify
from hindcast.services.documents.repositories import BacktestRepository, StrategyRepository
from hindcast.services.ports import ResultStore
from hindcast.strategies.construction import parameters_of
from hindcast.strategies.factory import StrategyFactory

RunApart = Callable[[Backtest, Strategy], Finished]


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishedRun:
    """A run that has ended, and was stored nowhere."""

    result: BacktestResult
    tables: Mapping[str, Columns]


class ResultVerifier:
    """Runs stored backtests again, beside the stores, and compares."""

    def __init__(
        self,
        *,
        results: ResultStore,
        backtests: BacktestRepository,
        strategies: StrategyRepository,
        run_apart: RunApart,
    ) -> None:
        self._results = results
        self._backtests = backtests
        self._strategies = strategies
        self._run_apart = run_apart

    def verify(self, result: BacktestResult) -> Verification:
        """Run a stored result's backtest again from its manifest, and compare.

        Raises
        ------
        CorruptDataError, StorageError
            A stored table is damaged or gone.
        InputError, DataError
            Its data, its benchmark or its strategy are not to be had any more.
        """
        tables = {artefact.name: self._results.table(result, artefact.name) for artefact in result.artefacts}
        strategy_class = self._class_of(result)
        return verify(result, tables, lambda: self._again(result), strategy_class=strategy_class)

    def _class_of(self, result: BacktestResult) -> type:
        try:
            return StrategyFactory.get(result.manifest.strategy_type)
        except UnknownStrategyError as error:
            raise UnknownStrategyError(f"result {result.backtest_id} can't be run again: {error}") from error

    def _again(self, result: BacktestResult) -> Finished:
        asked, given = self._asked(result)
        strategy = Strategy(
            id="again",
            name=result.strategy_type,
            strategy_type=result.manifest.strategy_type,
            parameters=_parameters(result, given),
        )
        try:
            return self._run_apart(_backtest(result, asked, strategy), strategy)
        except (ConfigError, ParameterError):
            raise
        except (InputError, DataError) as error:
            raise type(error)(
                f"result {result.backtest_id} can't be run again, because its data are not what they were or are no "
                f"longer there: {error}"
            ) from error

    def _asked(self, result: BacktestResult) -> tuple[Backtest | None, Mapping[str, Any] | None]:
        """The backtest and the parameters as they were given, where they are still stored."""
        backtest: Backtest | None = None
        try:
            backtest = self._backtests.get(result.backtest_id)
            return backtest, self._strategies.get(backtest.strategy_id).parameters
        except NotFoundError:
            return backtest, None


def _backtest(result: BacktestResult, asked: Backtest | None, strategy: Strategy) -> Backtest:
    """The question of a result: its symbols, provider and dates, its manifest's configuration; `proof` is no part."""
    config: dict[str, Any] = {**result.manifest.config, "proof": "off"}
    return Backtest(
        id=result.backtest_id,
        name=result.name or result.strategy_type,
        strategy_id=strategy.id,
        symbols=result.symbols,
        start_date=result.start_date,
        end_date=result.end_date,
        provider=result.provider,
        benchmark_symbol=result.benchmark_symbol if asked is None else asked.benchmark_symbol,
        interval=result.interval,
        adjusted=result.adjusted,
        data_versions=result.data_versions,
        config=BacktestConfig(**config),
    )


def _parameters(result: BacktestResult, given: Mapping[str, Any] | None) -> dict[str, Any]:
    """What builds the strategy of then: what was given, or, where defaults have changed since, what it told.

    Raises what building it raises, where neither builds it.
    """
    manifest = result.manifest
    refusals: list[Exception] = []
    built: list[dict[str, Any]] = []
    for parameters in ([] if given is None else [dict(given)]) + [dict(manifest.parameters)]:
        try:
            told = parameters_of(StrategyFactory.create(manifest.strategy_type, parameters))
        except (ParameterError, StrategyError) as error:
            refusals.append(error)
            continue
        if told == manifest.parameters:
            return parameters
        built.append(parameters)
    if not built:
        raise refusals[-1]
    return built[-1]
