"""StrategyTemplate: a type of strategy, and all that a form needs to make one of it."""

from __future__ import annotations

import json
from typing import Any, Final, Literal

from pydantic import Field, JsonValue

from hindcast.domain.records import CheckedRecord
from hindcast.strategies.description import describe_class
from hindcast.strategies.events import is_event_strategy

BUILT_IN: Final = "built-in"
_LONGEST_DOC: Final = 20_000  # characters


class StrategyTemplate(CheckedRecord):
    """A type of strategy: what it does, and its parameters as JSON Schema with their defaults."""

    strategy_type: str = Field(min_length=1)
    summary: str  # the first line of its documentation
    doc: str
    parameters_schema: dict[str, JsonValue]
    defaults: dict[str, JsonValue]
    source: str  # "built-in", a plug-in's file, or "entry point NAME"
    code_hash: str  # BLAKE3 of its source and of what it imports, as a manifest names it
    lane: Literal["vectorised", "event"]


def template_of(strategy_class: type, strategy_type: str, *, source: str, code_hash: str) -> StrategyTemplate:
    """The template of a class. Raises whatever a schema or default that is no JSON makes pydantic raise."""
    described = describe_class(strategy_class, strategy_type)
    return StrategyTemplate(
        strategy_type=strategy_type,
        summary=described.summary[:_LONGEST_DOC],
        doc=described.doc[:_LONGEST_DOC],
        parameters_schema=_plain(described.parameters_schema),
        defaults=_plain(described.defaults),
        source=source,
        code_hash=code_hash,
        lane="event" if is_event_strategy(strategy_class) else "vectorised",
    )


def _plain(values: dict[str, Any]) -> dict[str, JsonValue]:
    """The same as JSON values; what JSON has no word for as text."""
    text = json.dumps(values, default=str)
    found: dict[str, JsonValue] = json.loads(text, parse_constant=str)  # NaN and the infinities
    return found
