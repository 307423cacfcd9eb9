"""The OpenAPI document: what FastAPI finds out, and the failures that every route may answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from hindcast.api.problem import FieldProblem, Problem, problems
from hindcast.engine.metrics.catalogue import CATALOGUE, Unit

if TYPE_CHECKING:
    from fastapi import FastAPI

TAGS: Final = (
    {"name": "strategies", "description": "Rules with their parameters, and the templates that they are made of."},
    {"name": "backtests", "description": "A strategy over symbols and dates: made, queued, watched, cancelled."},
    {"name": "results", "description": "What finished backtests gave: figures, tables, reports."},
    {"name": "market data", "description": "Symbols, what is known of them, bars, imports and fetches."},
    {"name": "auth", "description": "Logging in and out, and API keys (server mode)."},
    {"name": "users", "description": "Users (server mode)."},
    {"name": "service", "description": "Whether the service lives, whether it is ready, what it counts."},
)
_REMAINS: Final = ("HTTPValidationError", "ValidationError")  # FastAPI's own, which are never answered
_UNITS: Final[dict[Unit, str]] = {
    "fraction": "a fraction of 1",
    "ratio": "a ratio",
    "money": "money",
    "days": "days",
    "count": "a count",
}
_BODY_STATUSES: Final = (400, 408, 413, 415)
_HEADERS: Final = {
    401: {"WWW-Authenticate": "The scheme of credentials"},
    405: {"Allow": "The methods that the path knows"},
    429: {"Retry-After": "Seconds to wait"},
    503: {"Retry-After": "Seconds to wait"},
}


def describe(app: FastAPI) -> dict[str, Any]:
    """The document of an application; made once."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title,
            version=app.version,
            description=app.description,
            routes=app.routes,
            tags=[dict(tag) for tag in TAGS],
        )
        _add_schemas(document)
        for operations in document["paths"].values():
            for operation in operations.values():
                _add_problems(operation)
        app.openapi_schema = document
    return app.openapi_schema


def _add_schemas(document: dict[str, Any]) -> None:
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for name in _REMAINS:
        schemas.pop(name, None)
    _, made = models_json_schema(
        [(Problem, "serialization"), (FieldProblem, "serialization")], ref_template="#/components/schemas/{model}"
    )
    schemas.update(made["$defs"])
    _define_metrics(schemas)


def _define_metrics(schemas: dict[str, Any]) -> None:
    """Say of each metric what it is, in the words that reports have."""
    figures = schemas.get("PerformanceMetrics", {}).get("properties", {})
    for metric in CATALOGUE:
        if metric.name in figures:
            figures[metric.name]["description"] = (
                f"{metric.definition} Unit: {_UNITS[metric.unit]}. Formula: {metric.formula}"
            )


def _add_problems(operation: dict[str, Any]) -> None:
    statuses = [422, 429, 500, 503]
    if operation.get("security"):
        statuses += [401, 403]
    if "requestBody" in operation:
        statuses += _BODY_STATUSES
    answers = operation["responses"]
    answers.pop("422", None) if _is_fastapis_own(answers.get("422")) else None
    for status, answer in problems(*statuses).items():
        answers.setdefault(str(status), answer)
    for status, headers in _HEADERS.items():
        if str(status) in answers:
            answers[str(status)].setdefault(
                "headers", {name: {"description": said, "schema": {"type": "string"}} for name, said in headers.items()}
            )


def _is_fastapis_own(answer: dict[str, Any] | None) -> bool:
    return answer is not None and "HTTPValidationError" in str(answer)
