"""Which result an id means: all stores answer alike."""

from __future__ import annotations

from collections.abc import Iterable

from hindcast.domain.backtest import BacktestResult
from hindcast.domain.errors import NotFoundError


def choose_result(result_id: str, results: Iterable[BacktestResult]) -> BacktestResult:
    """The result whose backtest id, else whose manifest id, is or begins with this.

    Several results of one manifest are the same answer: the newest stands for them. Raises NotFoundError where none is
    meant, or where several are; then it names them.
    """
    if not result_id:
        raise NotFoundError("an empty id names no result")
    known = sorted(results, key=lambda result: (result.created_at, result.backtest_id), reverse=True)
    found = [result for result in known if result.backtest_id == result_id]
    found = found or [result for result in known if result.backtest_id.startswith(result_id)]
    found = found or [result for result in known if result.manifest.id.startswith(result_id)]
    if not found:
        raise NotFoundError(f"no result has an id that begins with {result_id!r}")
    if len({result.manifest.id for result in found}) > 1:
        few = ", ".join(result.backtest_id for result in found[:5])
        raise NotFoundError(f"{len(found)} results have an id that begins with {result_id!r}: {few}; say more of it")
    return found[0]
