"""Results: tables by content in one place, the summaries that point to them in another."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from hindcast.domain.backtest import BacktestResult
from hindcast.domain.errors import CorruptDataError, NotFoundError
from hindcast.services.backtest.result_lookup import choose_result
from hindcast.services.documents.repositories import BacktestRepository, ResultRepository
from hindcast.services.jobs.transitions import counts
from hindcast.services.ports import ArtefactStore, DocumentStore, Find

_CANDIDATES = 200


class DocumentResultStore:
    """Results whose summaries are documents.

    Tables land first, the summary after them. Of a backtest that workers ran, the one result counts that the backtest
    names: what a worker stored whose claim had passed on to another stays unseen.
    """

    def __init__(self, documents: DocumentStore, artefacts: ArtefactStore) -> None:
        self._summaries = ResultRepository(documents)
        self._backtests = BacktestRepository(documents)
        self._artefacts = artefacts

    def save(self, result: BacktestResult, tables: Mapping[str, Mapping[str, NDArray[np.generic]]]) -> BacktestResult:
        """Keep a result; gives it back with its artefacts named. Raises StorageError."""
        artefacts = tuple(self._artefacts.keep(name, columns) for name, columns in tables.items())
        stored = result.model_copy(update={"artefacts": artefacts})
        self._summaries.save(stored)
        return stored

    def get(self, result_id: str) -> BacktestResult:
        """The result of a backtest id or manifest id, or of the beginning of one. Raises NotFoundError."""
        if not result_id:
            raise NotFoundError("an empty id names no result")
        questions = (
            Find(where={"backtest_id": result_id}, limit=_CANDIDATES),
            Find(starting={"backtest_id": result_id}, limit=_CANDIDATES),
            Find(starting={"manifest_id": result_id}, limit=_CANDIDATES),
        )
        for question in questions:
            if found := [each for each in self._summaries.matching(question) if self._counts(each)]:
                return choose_result(result_id, found)
        return choose_result(result_id, [])

    def table(self, result: BacktestResult, name: str) -> Mapping[str, NDArray[np.generic]]:
        """One table of a result, its bytes checked first. Raises NotFoundError, CorruptDataError."""
        artefact = next((artefact for artefact in result.artefacts if artefact.name == name), None)
        if artefact is None:
            known = ", ".join(artefact.name for artefact in result.artefacts)
            raise NotFoundError(f"result {result.backtest_id} has no table {name!r}; it has: {known}")
        return self._artefacts.table(artefact)

    def list(self) -> tuple[BacktestResult, ...]:
        """All results that count, newest first."""
        return tuple(each for each in self._summaries.all() if self._counts(each))

    def _counts(self, result: BacktestResult) -> bool:
        named = result.id or result.backtest_id
        try:
            backtest = self._backtests.find(result.backtest_id)
        except CorruptDataError:
            if named != result.backtest_id:
                raise
            return True
        if backtest is None:  # older Hindcasts kept results without it
            return named == result.backtest_id
        return counts(backtest, named)
