"""The result that a child gives back, before it is believed."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

from blake3 import blake3
from pydantic import JsonValue

from hindcast.domain.backtest import Artefact, Backtest, BacktestResult
from hindcast.domain.errors import StrategyError
from hindcast.services.child_answers import record_of

FOLDER: Final = "artefacts"  # of the data folder: where tables of results are
MOST_TABLES: Final = 64  # of a result; a run has about ten
_CHUNK: Final = 4 * 1024**2


def checked_result(answer: JsonValue, backtest: Backtest, *, result_id: str, home: Path) -> BacktestResult:
    """The result in a child's answer; whose it is and what was asked are taken from the backtest.

    Each table must be in the data folder's artefacts with the content that the result names. Raises StrategyError:
    where the answer is none, the code in the child has meddled with it.
    """
    found = answer.get("result") if isinstance(answer, dict) else None
    result = record_of(BacktestResult, found)
    if len(result.artefacts) > MOST_TABLES:
        raise StrategyError(f"the run gave back {len(result.artefacts)} tables; expected {MOST_TABLES} at most")
    for artefact in result.artefacts:
        _check(artefact, home)
    return result.model_copy(
        update={
            "id": result_id,
            "owner": backtest.owner,
            "backtest_id": backtest.id,
            "name": backtest.name,
            "provider": backtest.provider,
            "interval": backtest.interval,
            "adjusted": backtest.adjusted,
        }
    )


def _check(artefact: Artefact, home: Path) -> None:
    folder = (home / FOLDER).resolve()
    try:
        file = (home / artefact.path).resolve(strict=True)
        if not file.is_relative_to(folder) or file.stem != artefact.content_hash:
            raise StrategyError(
                f"table {artefact.name!r} of the run is said to be {artefact.path!r}; expected a file below {FOLDER}/ "
                f"named by its hash {artefact.content_hash[:12]}"
            )
        found = _hash_of(file, artefact.name)
    except (OSError, ValueError) as error:
        raise StrategyError(f"table {artefact.name!r} of the run can't be read: {error}") from error
    if found != artefact.content_hash:
        raise StrategyError(
            f"table {artefact.name!r} of the run has the content {found[:12]}, not {artefact.content_hash[:12]}: "
            "something changed it while the strategy ran"
        )


def _hash_of(file: Path, table: str) -> str:
    """The hash of a file, read in parts: it may be as large as a child can make it, or a pipe that never ends."""
    handle = os.open(file, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(handle, "rb") as opened:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise StrategyError(f"table {table!r} of the run is no file")
        hashed = blake3()
        while part := opened.read(_CHUNK):
            hashed.update(part)
        return hashed.hexdigest()
