"""A stored strategy: a type, its parameters, and a name that a person gave it."""

from __future__ import annotations

from datetime import datetime

from pydantic import ConfigDict, Field, JsonValue

from hindcast.domain.records import CheckedRecord

LOCAL_OWNER = "local"  # whose everything is that one machine's user makes, without logging in


class Strategy(CheckedRecord):
    """A strategy as users keep it: which type, with which parameters."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: int = 2  # 2 added owner, revision, created_at and updated_at
    id: str = Field(min_length=1)
    owner: str = LOCAL_OWNER
    revision: int = 1  # counts its changes: who changes it names the one that he saw
    name: str = Field(min_length=1)
    strategy_type: str = Field(min_length=1)
    parameters: dict[str, JsonValue] = Field(default_factory=dict)
    description: str = ""
    created_at: datetime | None = None
    updated_at: datetime | None = None


class StrategySnapshot(CheckedRecord):
    """A strategy as it was when a backtest was queued: later changes of the strategy don't reach the run."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    strategy_type: str = Field(min_length=1)
    parameters: dict[str, JsonValue] = Field(default_factory=dict)
