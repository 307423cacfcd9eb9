"""The one table from errors to statuses, and the handlers that answer with problems."""

from __future__ import annotations

import logging
import math
import re
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from hindcast.api.problem import FieldProblem, Problem, ProblemResponse
from hindcast.api.remedies import remedy_of
from hindcast.domain import errors as known
from hindcast.domain.errors import HindcastError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapi import FastAPI
    from starlette.requests import Request
    from starlette.responses import Response

    from hindcast.api.route_index import RouteIndex

# class → status and title; a class that is not named has its nearest base's
STATUSES: Final[Mapping[type[HindcastError], tuple[int, str]]] = {
    HindcastError: (500, "Failed"),
    known.InputError: (422, "Can't be done as asked"),
    known.NotFoundError: (404, "Not found"),
    known.ConflictError: (409, "Conflict"),
    known.AccessError: (403, "Not allowed"),
    known.AuthenticationError: (401, "Not known"),
    known.PermissionDeniedError: (403, "Not allowed"),
    known.RateLimitError: (429, "Too many requests"),
    known.DataError: (422, "Data that can't be used"),
    known.ProviderError: (502, "A vendor of data failed"),
    known.ProviderUnavailableError: (503, "A vendor of data does not answer"),
    known.QuotaError: (503, "A vendor's limit is reached"),
    known.EntitlementError: (422, "The vendor's plan does not have it"),
    known.CredentialError: (422, "No key for the vendor"),
    known.UnknownSymbolError: (422, "The vendor does not know the symbol"),
    known.StrategyError: (422, "The strategy failed"),
    known.SimulationError: (500, "A defect of the engine"),
    known.WorkLostError: (503, "The work was lost"),
    known.StorageError: (500, "What is kept can't be used"),
    known.StoreUnavailableError: (503, "The store does not answer"),
}
_HTTP_TITLES: Final[Mapping[int, tuple[str, str]]] = {
    400: ("Can't be read", "Send what the OpenAPI document describes."),
    404: ("Not found", "GET /api/v1/openapi.json lists the paths."),
    405: ("Method not allowed", "Use one of the methods that `Allow` names."),
    408: ("Too slow", "Send the body faster, or in smaller parts."),
    413: ("Too large", "Send less; large files of bars go to the import."),
    421: ("Not this service's name", "Call the service by its own name, or add this one to HINDCAST_ALLOWED_HOSTS."),
    403: ("Not allowed", "Ask from the service's own page, or use an API key in a program."),
    415: ("Media type not read here", "Send JSON with `Content-Type: application/json`."),
}
# What stores say names folders and addresses, which in server mode are no business of whoever asks.
_NOT_SHOWN: Final = "a store failed or does not answer; the service's log has what happened under the request id"
_ASK_WHO_RUNS_IT: Final = "Try again; where it stays so, tell the request id to who runs the service."
_FASTAPIS_UNREADABLE: Final = "There was an error parsing the body"
_UNREADABLE: Final = "the body is no JSON in UTF-8, or is nested too deep, or holds a number of thousands of digits"
_COMPRESSED: Final = "the body is sent compressed; send it as it is"
_LOG: Final = logging.getLogger(__name__)
LONGEST_DETAIL: Final = 2_000
_MOST_FINDINGS: Final = 50
_RETRY_SECONDS: Final = 2.0


def status_of(kind: type[HindcastError]) -> int:
    """The status of an error class."""
    return _place_of(kind)[0]


def _place_of(kind: type[HindcastError]) -> tuple[int, str]:
    """Status and title of a class: its own, or those of the nearest base that the table names."""
    return next(STATUSES[base] for base in kind.__mro__ if base in STATUSES)


def problem_of(
    error: HindcastError, *, path: str, request_id: str, errors: Sequence[FieldProblem] | None = None
) -> Problem:
    """The problem that tells an error."""
    status, title = _place_of(type(error))
    return Problem(
        type=_urn(type(error).__name__),
        title=title,
        status=status,
        detail=_cut(str(error)),
        instance=_cut(path),
        remedy=remedy_of(error),
        request_id=request_id,
        errors=list(errors) if errors else None,
    )


def headers_of(error: HindcastError) -> dict[str, str]:
    """The headers that go with an error's answer."""
    status = status_of(type(error))
    if status == 401:
        return {"WWW-Authenticate": "Bearer"}
    if status in (429, 503):
        wait = getattr(error, "retry_after", None)
        return {"Retry-After": str(max(1, math.ceil(_RETRY_SECONDS if wait is None else min(wait, 86_400.0))))}
    return {}


def handle_errors(app: FastAPI, index: RouteIndex) -> None:
    """Let an application answer its failures with problems."""
    app.add_exception_handler(HindcastError, _on_hindcast_error)
    app.add_exception_handler(RequestValidationError, _on_invalid_request)
    app.add_exception_handler(HTTPException, partial(_on_http_exception, index))


def http_problem(status: int, detail: str, *, path: str, request_id: str) -> Problem:
    """A failure that has no error class: of the protocol, or unexpected."""
    title, remedy = _HTTP_TITLES.get(status, ("Failed", "Report it with the request id: the service's log has more."))
    kind = _urn(title.replace("'", "").title().replace(" ", ""))
    return Problem(
        type=kind,
        title=title,
        status=status,
        detail=_cut(detail),
        instance=_cut(path),
        remedy=remedy,
        request_id=request_id,
    )


def request_id_of(request: Request) -> str:
    """What the log knows a request by."""
    return str(request.scope.get("hindcast.request_id", ""))


async def _on_hindcast_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HindcastError)
    problem = problem_of(error, path=request.scope["path"], request_id=request_id_of(request))
    if problem.status >= 500:
        _LOG.error("%s: %s", type(error).__name__, error, exc_info=error if problem.status == 500 else None)
        if isinstance(error, known.StorageError) and request.app.state.access.has_users:
            problem = problem.model_copy(update={"detail": _NOT_SHOWN, "remedy": _ASK_WHO_RUNS_IT})
    return _answer(problem, headers_of(error))


async def _on_invalid_request(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    findings = error.errors()
    path, request_id = request.scope["path"], request_id_of(request)
    if _is_not_sent_as_json(request) and any(
        tuple(found["loc"]) == ("body",) and found["type"] != "missing" for found in findings
    ):
        return _answer(http_problem(415, "the body is not sent as JSON", path=path, request_id=request_id))
    fields = [_field_problem(found) for found in findings[:_MOST_FINDINGS]]
    told = known.InputError("; ".join(f"{field.field}: {field.message}" for field in fields))
    return _answer(problem_of(told, path=path, request_id=request_id, errors=fields))


async def _on_http_exception(index: RouteIndex, request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    headers = dict(error.headers or {})
    status, detail = error.status_code, str(error.detail)
    if status == 400 and detail == _FASTAPIS_UNREADABLE:
        status, detail = (415, _COMPRESSED) if _is_compressed(request) else (400, _UNREADABLE)
    if status == 404 and detail == "Not Found":
        detail = "there is nothing at this path"
    if status == 405:
        detail = f"this path does not know {request.method[:20]}"
        headers["Allow"] = ", ".join(index.methods(request.scope["path"]))
    path, request_id = request.scope["path"], request_id_of(request)
    return _answer(http_problem(status, detail, path=path, request_id=request_id), headers)


def _answer(problem: Problem, headers: Mapping[str, str] | None = None) -> Response:
    return ProblemResponse(problem, status_code=problem.status, headers=dict(headers or {}))


def _is_not_sent_as_json(request: Request) -> bool:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json"))


def _is_compressed(request: Request) -> bool:
    return request.headers.get("content-encoding", "identity").strip().lower() != "identity"


def _field_problem(found: Mapping[str, Any]) -> FieldProblem:
    """A finding of pydantic, without the value: it may be a password."""
    where = [str(part) for part in found["loc"]]
    if len(where) > 1 and where[0] in {"body", "query", "path", "header", "cookie"}:
        where = where[1:]
    message = " ".join(str(found["msg"]).removeprefix("Value error, ").split())
    if found["type"] == "json_invalid":
        where, message = ["body"], f"is no JSON: {found.get('ctx', {}).get('error', 'it ends too early')}"
    if found["type"] == "extra_forbidden":
        message = "is no field of this body"
    return FieldProblem(
        field=_cut(".".join(where), 200),
        message=_cut(f"{message[:1].lower()}{message[1:]}", 500),
        remedy=_remedy(found),
    )


def _remedy(found: Mapping[str, Any]) -> str:
    if found["type"] == "missing":
        return "Add it."
    if found["type"] == "extra_forbidden":
        return "Take it out, or correct its name."
    return "Correct it; the OpenAPI document says what it may be."


def _urn(class_name: str) -> str:
    return f"urn:hindcast:error:{re.sub(r'(?<=[a-z0-9])(?=[A-Z])', '_', class_name).lower()}"


def _cut(text: str, longest: int = LONGEST_DETAIL) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
