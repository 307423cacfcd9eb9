"""A stored strategy: a type, its parameters, and a name that a person gave it."""

from __future__ import annotations

from pydantic import ConfigDict, Field, JsonValue

from hindcast.domain.records import CheckedRecord


class Strategy(CheckedRecord):
    """A strategy as users keep it: which type, with which parameters."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: int = 1
    id: str = Field(min_length=1)
    name: str = Field(min_length=1)
    strategy_type: str = Field(min_length=1)
    parameters: dict[str, JsonValue] = Field(default_factory=dict)
    description: str = ""
