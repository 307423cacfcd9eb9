"""Stores that live as long as the process: for tests, and for runs that nobody keeps."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from hindcast.domain.backtest import Artefact, Backtest, BacktestResult
from hindcast.domain.errors import NotFoundError
from hindcast.domain.strategy import Strategy
from hindcast.services.backtest.result_lookup import choose_result

Columns = Mapping[str, NDArray[np.generic]]


class MemoryStrategyRepository:
    """Strategies in a dictionary."""

    def __init__(self) -> None:
        self._strategies: dict[str, Strategy] = {}

    def save(self, strategy: Strategy) -> None:
        """Keep a strategy, in the place of the one of its id."""
        self._strategies[strategy.id] = strategy

    def get(self, strategy_id: str) -> Strategy:
        """The strategy of this id. Raises NotFoundError."""
        try:
            return self._strategies[strategy_id]
        except KeyError:
            raise NotFoundError(f"no Strategy has the id {strategy_id!r}") from None

    def list(self) -> tuple[Strategy, ...]:
        """All strategies, by id."""
        return tuple(self._strategies[key] for key in sorted(self._strategies))


class MemoryBacktestRepository:
    """Backtests in a dictionary."""

    def __init__(self) -> None:
        self._backtests: dict[str, Backtest] = {}

    def save(self, backtest: Backtest) -> None:
        """Keep a backtest, in the place of the one of its id."""
        self._backtests[backtest.id] = backtest

    def get(self, backtest_id: str) -> Backtest:
        """The backtest of this id. Raises NotFoundError."""
        try:
            return self._backtests[backtest_id]
        except KeyError:
            raise NotFoundError(f"no Backtest has the id {backtest_id!r}") from None

    def list(self) -> tuple[Backtest, ...]:
        """All backtests, by id."""
        return tuple(self._backtests[key] for key in sorted(self._backtests))


class MemoryResultStore:
    """Results in a dictionary."""

    def __init__(self) -> None:
        self._results: dict[str, tuple[BacktestResult, dict[str, dict[str, NDArray[np.generic]]]]] = {}

    def save(self, result: BacktestResult, tables: Mapping[str, Columns]) -> BacktestResult:
        """Keep a result; gives it back with its artefacts named."""
        kept = {name: {column: values.copy() for column, values in columns.items()} for name, columns in tables.items()}
        artefacts = tuple(
            Artefact(name=name, path=f"memory/{name}", content_hash="", rows=len(next(iter(columns.values()), ())))
            for name, columns in kept.items()
        )
        stored = result.model_copy(update={"artefacts": artefacts})
        self._results[result.backtest_id] = stored, kept
        return stored

    def get(self, result_id: str) -> BacktestResult:
        """The result of a backtest id or manifest id, or of the beginning of one. Raises NotFoundError."""
        return choose_result(result_id, self.list())

    def table(self, result: BacktestResult, name: str) -> Columns:
        """One table of a result. Raises NotFoundError."""
        tables = self._results[self.get(result.backtest_id).backtest_id][1]
        if name not in tables:
            raise NotFoundError(f"result {result.backtest_id} has no table {name!r}; it has: {', '.join(tables)}")
        return {column: values.copy() for column, values in tables[name].items()}

    def list(self) -> tuple[BacktestResult, ...]:
        """All results, newest first."""
        results = [result for result, _ in self._results.values()]
        return tuple(sorted(results, key=lambda result: (result.created_at, result.backtest_id), reverse=True))
