"""The task that loads plug-ins, and tells what they hold."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel, JsonValue

from hindcast.services.backtest.source_hash import strategy_hash
from hindcast.services.ports import Tell
from hindcast.services.strategy.discovery import discover


class _Payload(BaseModel):
    plugin_dir: str
    files: list[str]
    entry_points: bool = False


def discover_strategies(payload: Mapping[str, JsonValue], tell: Tell) -> JsonValue:
    """Templates of the strategies in these files and entry points, and the tracebacks of the broken ones."""
    asked = _Payload.model_validate(payload)
    found = discover(asked.files, entry_points=asked.entry_points, code_hash=strategy_hash, tell=tell)
    answer: JsonValue = found.model_dump(mode="json")
    return answer
