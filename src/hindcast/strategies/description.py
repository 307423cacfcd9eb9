"""What a strategy is and takes, for forms, pages and people."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Any

from hindcast.strategies.construction import config_class_of, named_parameters, takes_anything


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategyDescription:
    """A strategy type: its documentation, and its parameters as JSON Schema."""

    strategy_type: str
    summary: str  # the first line of the class's docstring
    doc: str
    parameters_schema: dict[str, Any]
    defaults: dict[str, Any]


def describe_class(strategy_class: type, strategy_type: str | None = None) -> StrategyDescription:
    """What a strategy class is and takes, registered or not."""
    doc = inspect.cleandoc(strategy_class.__doc__ or "")
    schema, defaults = _parameters(strategy_class)
    return StrategyDescription(
        strategy_type=strategy_type or getattr(strategy_class, "STRATEGY_TYPE", "") or strategy_class.__name__,
        summary=doc.split("\n", 1)[0],
        doc=doc,
        parameters_schema=schema,
        defaults=defaults,
    )


def _parameters(strategy_class: type) -> tuple[dict[str, Any], dict[str, Any]]:
    """JSON Schema and defaults: of the declared record, else as far as the constructor's signature tells."""
    config_class = config_class_of(strategy_class)
    if config_class is not None:
        fields = {name: field for name, field in config_class.model_fields.items() if not field.is_required()}
        defaults = {name: field.get_default(call_default_factory=True) for name, field in fields.items()}
        return config_class.model_json_schema(), defaults
    anything = takes_anything(strategy_class)
    named = named_parameters(strategy_class)
    defaults = {each.name: each.default for each in named if each.default is not each.empty}
    properties = {each.name: {"title": each.name, **_default(defaults, each.name)} for each in named}
    return {"type": "object", "properties": properties, "additionalProperties": anything}, defaults


def _default(defaults: dict[str, Any], name: str) -> dict[str, Any]:
    return {"default": defaults[name]} if name in defaults else {}
