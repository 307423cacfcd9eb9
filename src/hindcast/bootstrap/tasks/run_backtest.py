"""The task `run_backtest`: a queued backtest in a process of its own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from pydantic import JsonValue

from hindcast.bootstrap.tasks.pipeline import run_once, stored_market_data
from hindcast.bootstrap.tasks.plugin_types import load_type
from hindcast.domain.backtest import Backtest
from hindcast.infrastructure.files.artefacts import FileArtefactStore
from hindcast.services.ports import Tell


def run_backtest(payload: Mapping[str, JsonValue], tell: Tell) -> JsonValue:
    """{"backtest", "home", "plugin_dir", "result_id"} in, {"result": BacktestResult} out; its tables are in `home`.

    The backtest runs as its snapshot of the strategy says, on bars that are in `home` already.
    """
    backtest = Backtest.model_validate_json(json.dumps(payload["backtest"]))
    home = Path(str(payload["home"]))
    if backtest.strategy is not None:
        load_type(backtest.strategy.strategy_type, Path(str(payload["plugin_dir"])))
    result = run_once(backtest, stored_market_data(home), FileArtefactStore(home), tell)
    kept = result.model_copy(update={"id": str(payload["result_id"]), "owner": backtest.owner})
    return {"result": cast("JsonValue", json.loads(kept.model_dump_json()))}
