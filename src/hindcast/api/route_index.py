"""What is at which path: for the meters' labels, for `Allow`, for query parameters that no route has."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.requests import Request
from starlette.routing import compile_path

from hindcast.domain.errors import InputError
from hindcast.domain.records import LONGEST_VALUE

if TYPE_CHECKING:
    from fastapi import APIRouter
    from fastapi.dependencies.models import Dependant


class RouteIndex:
    """The routes of an application, with the prefixes that they were included under."""

    def __init__(self) -> None:
        self._paths: dict[str, tuple[re.Pattern[str], set[str]]] = {}  # template → its pattern, methods
        self._templates: dict[int, str] = {}  # by the identity of the route: it can't be hashed
        self._queries: dict[int, frozenset[str]] = {}

    def add(self, router: APIRouter, *, prefix: str) -> None:
        """Take in the routes of a router."""
        for route in router.routes:
            if isinstance(route, APIRoute):
                template = prefix + route.path
                _, methods = self._paths.setdefault(template, (compile_path(template)[0], set()))
                methods.update(route.methods or ())
                self._templates.setdefault(id(route), template)
                self._queries[id(route)] = frozenset(_query_names(route.dependant))

    def template(self, scope: Mapping[str, Any]) -> str | None:
        """The path of the route that a request reached, with its parameters' names; None where it reached none."""
        route = scope.get("route")
        return None if route is None else self._templates.get(id(route)) or getattr(route, "path", None)

    def methods(self, path: str) -> tuple[str, ...]:
        """The methods that a path knows."""
        found = {method for pattern, methods in self._paths.values() if pattern.match(path) for method in methods}
        return tuple(sorted(found | ({"HEAD"} if "GET" in found else set())))

    async def check_queries(self, request: Request) -> None:
        """Raise InputError for a query parameter that the route does not have: a typing error would change nothing."""
        known = self._queries.get(id(request.scope.get("route")))
        unknown = next((name for name in request.query_params if known is not None and name not in known), None)
        if unknown is not None and known is not None:
            near = get_close_matches(unknown[:LONGEST_VALUE], known, n=1)
            hint = f"Did you mean '{near[0]}'?" if near else f"Known: {', '.join(sorted(known)) or 'none'}."
            raise InputError(f"there is no query parameter {unknown[:LONGEST_VALUE]!r} here. {hint}")


def _query_names(dependant: Dependant) -> Iterator[str]:
    for field in dependant.query_params:
        annotation = field.field_info.annotation
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            yield from _field_names(annotation.model_fields)
        else:
            yield field.alias
    for inner in dependant.dependencies:
        yield from _query_names(inner)


def _field_names(fields: Mapping[str, Any]) -> Iterable[str]:
    return (field.alias or name for name, field in fields.items())
