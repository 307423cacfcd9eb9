"""The result that a child gives back, before it is believed."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from blake3 import blake3
from pydantic import JsonValue

from hindcast.domain.backtest import Artefact, Backtest, BacktestResult
from hindcast.domain.errors import StrategyError
from hindcast.services.child_answers import record_of

FOLDER: Final = "artefacts"  # of the data folder: where tables of results are


def checked_result(answer: JsonValue, backtest: Backtest, *, result_id: str, home: Path) -> BacktestResult:
    """The result in a child's answer; whose it is and what was asked are taken from the backtest.

    Each table must be in the data folder's artefacts with the content that the result names. Raises StrategyError:
    where the answer is none, the code in the child has meddled with it.
    """
    found = answer.get("result") if isinstance(answer, dict) else None
    result = record_of(BacktestResult, found)
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
        found = blake3(file.read_bytes()).hexdigest()
    except (OSError, ValueError) as error:
        raise StrategyError(f"table {artefact.name!r} of the run can't be read: {error}") from error
    if found != artefact.content_hash:
        raise StrategyError(
            f"table {artefact.name!r} of the run has the content {found[:12]}, not {artefact.content_hash[:12]}: "
            "something changed it while the strategy ran"
        )
