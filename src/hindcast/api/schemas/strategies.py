"""Strategies over HTTP: what is sent, what is answered."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue

from hindcast.api.schemas.pages import DamagedIds
from hindcast.api.schemas.strict import Name, StrictBody
from hindcast.domain.strategy import Strategy
from hindcast.services.strategy.templates import StrategyTemplate

LARGEST_PARAMETERS: Final = 65_536  # bytes of JSON
DEEPEST: Final = 8
_INT64: Final = 2**63
_EXAMPLE: Final[dict[str, JsonValue]] = {
    "name": "Crossing averages",
    "strategy_type": "sma_crossover",
    "parameters": {"short_window": 10, "long_window": 30},
    "description": "The textbook's windows",
}
_ID: Final = "0b54f1c2a3d94e5f8a7b6c5d4e3f2a1b"


def bounded_parameters(value: object) -> object:
    """Parameters that can be kept and handed on. Raises ValueError for what is too large, too deep, or no number."""
    if not isinstance(value, dict):
        return value  # its type is told by the field
    _check(value, DEEPEST)
    size = len(json.dumps(value).encode("ascii"))
    if size > LARGEST_PARAMETERS:
        raise ValueError(f"the parameters are {size:,} bytes of JSON; expected at most {LARGEST_PARAMETERS:,}")
    return value


def _check(value: object, depth: int) -> None:
    if isinstance(value, dict | list):
        if depth == 0:
            raise ValueError(f"the parameters are nested more than {DEEPEST} deep")
        for each in value.items() if isinstance(value, dict) else value:
            for part in each if isinstance(value, dict) else (each,):
                _check(part, depth - 1)
    elif isinstance(value, str):
        if any("\ud800" <= character <= "\udfff" for character in value):
            raise ValueError("the parameters hold half a surrogate pair: no valid Unicode text")
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError("the parameters hold a number that is not finite")
    elif isinstance(value, int) and not -_INT64 <= value < _INT64:
        raise ValueError("the parameters hold a whole number beyond 64 bits")


StrategyType = Annotated[
    str,
    Field(min_length=1, max_length=200, description="A type of the templates", examples=["sma_crossover"]),
]
Parameters = Annotated[
    dict[str, JsonValue],
    BeforeValidator(bounded_parameters),
    Field(
        description="What differs from the type's defaults: at most 64 KiB, 8 levels deep, finite numbers of 64 bits",
        examples=[_EXAMPLE["parameters"]],
    ),
]
Description = Annotated[str, Field(max_length=10_000, examples=["The textbook's windows"])]


class StrategyBody(StrictBody):
    """A strategy that is to be made, or put in the place of one."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    name: Name
    strategy_type: StrategyType
    parameters: Parameters = Field(default_factory=dict)
    description: Description = ""


class StrategyChanges(StrictBody):
    """Fields that are to be changed; those that are not named stay. `parameters` are taken whole."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Slower averages"}], "minProperties": 1})

    name: Name = Field(default_factory=str)
    strategy_type: StrategyType = Field(default_factory=str)
    parameters: Parameters = Field(default_factory=dict)
    description: Description = Field(default_factory=str)

    def changes(self) -> dict[str, Any]:
        """The fields that are named. Raises InputError."""
        return {name: getattr(self, name) for name in self.named_fields()}


class CloneBody(StrictBody):
    """How the copy of a strategy is called."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Crossing averages, second try"}]})

    name: Name = Field(default_factory=str, description="Left out: `Copy of` and the original's name")


class TrialBody(StrictBody):
    """A strategy that is to be checked, and not kept."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"strategy_type": "sma_crossover", "parameters": {"short_window": 50}}]}
    )

    strategy_type: StrategyType
    parameters: Parameters = Field(default_factory=dict)


class StrategyAnswer(BaseModel):
    """A stored strategy."""

    model_config = ConfigDict(
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "id": _ID,
                    "revision": 1,
                    **_EXAMPLE,
                    "created_at": "2026-01-05T09:30:00Z",
                    "updated_at": "2026-01-05T09:30:00Z",
                }
            ]
        },
    )

    id: str
    revision: int = Field(ge=1, description="Counts the changes; `If-Match` names it")
    name: str
    strategy_type: str
    parameters: dict[str, JsonValue]
    description: str
    created_at: datetime | None
    updated_at: datetime | None

    @classmethod
    def of(cls, strategy: Strategy) -> Self:
        """A strategy as an answer."""
        return cls(**strategy.model_dump(exclude={"owner", "schema_version"}))


class StrategyPage(BaseModel):
    """A page of strategies, newest first."""

    items: list[StrategyAnswer]
    next_cursor: str | None = Field(description="Asks for the next page; null at the end")
    damaged: DamagedIds


class TemplateAnswer(BaseModel):
    """A type of strategy, with what a form for its parameters needs."""

    model_config = ConfigDict(
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "strategy_type": "buy_and_hold",
                    "summary": "BUY each symbol once, on its first bar, and hold it to the end.",
                    "doc": "BUY each symbol once, on its first bar, and hold it to the end.",
                    "parameters_schema": {"type": "object", "properties": {}, "additionalProperties": False},
                    "defaults": {},
                    "source": "built-in",
                    "code_hash": "b2" * 32,
                    "lane": "vectorised",
                }
            ]
        },
    )

    strategy_type: str
    summary: str = Field(description="The first line of its documentation")
    doc: str
    parameters_schema: dict[str, JsonValue] = Field(description="JSON Schema of its parameters")
    defaults: dict[str, JsonValue] = Field(description="The parameters that need not be given")
    source: str = Field(description="`built-in`, a plug-in's file, or an entry point")
    code_hash: str = Field(description="BLAKE3 of its source and of what it imports, as a result's manifest names it")
    lane: Literal["vectorised", "event"] = Field(description="Columns of decisions, or one call per bar")

    @classmethod
    def of(cls, template: StrategyTemplate) -> Self:
        """A template as an answer: where the plug-in folder lies stays here."""
        return cls(**{**template.model_dump(), "source": _place(template.source)})


class BrokenPlugin(BaseModel):
    """A plug-in that can't be loaded."""

    model_config = ConfigDict(frozen=True)

    source: str = Field(description="Its file, or the name of its entry point", examples=["breakout.py"])
    error: str = Field(
        description="Why, with the traceback where there is one",
        examples=[
            "breakout.py can't be loaded: NameError: name 'np' is not defined\nTraceback (most recent call last):"
        ],
    )


class TemplatePage(BaseModel):
    """All types of strategies, by name, and the plug-ins that could not be loaded."""

    items: list[TemplateAnswer]
    broken: list[BrokenPlugin]
    next_cursor: None = Field(default=None, description="Always null: one page holds all of them")

    @classmethod
    def of(cls, templates: tuple[StrategyTemplate, ...], broken: Mapping[str, str]) -> Self:
        """Templates and broken plug-ins as an answer."""
        return cls(
            items=[TemplateAnswer.of(each) for each in templates],
            broken=[BrokenPlugin(source=_place(source), error=error) for source, error in sorted(broken.items())],
        )


def _place(source: str) -> str:
    return Path(source).name if Path(source).is_absolute() else source
