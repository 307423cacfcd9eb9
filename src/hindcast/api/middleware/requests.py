"""The frame around every request: its id, its line in the log, its time, the headers that make browsers careful."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import MutableMapping
from dataclasses import dataclass
from secrets import token_hex
from typing import TYPE_CHECKING, Any, Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect

from hindcast.api.errors import http_problem
from hindcast.api.logging import request_context
from hindcast.api.problem import ProblemResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from hindcast.api.meters import Meters
    from hindcast.api.route_index import RouteIndex

REQUEST_ID: Final = "hindcast.request_id"  # in the ASGI scope
USER: Final = "hindcast.user"
_LOG: Final = logging.getLogger("hindcast.requests")
_GIVEN_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_QUIET: Final = frozenset({"/health", "/ready", "/api/v1/health", "/api/v1/ready", "/api/v1/metrics"})
_LONGEST_PATH: Final = 200
SAFE_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@dataclass(slots=True)
class _Answer:
    """What is known of the answer so far."""

    status: int = 0


class RequestFrame:
    """The outermost middleware. An unexpected exception ends here: the log has it, the answer only its request's id."""

    def __init__(self, app: ASGIApp, *, meters: Meters, index: RouteIndex) -> None:
        self._app = app
        self._meters = meters
        self._index = index

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(Headers(scope=scope).get("x-request-id"))
        scope[REQUEST_ID] = request_id
        answer = _Answer()
        began = time.perf_counter()

        async def framed(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer.status = message["status"]
                _add_headers(message, request_id)
            await send(message)

        with request_context(request_id):
            try:
                await self._app(scope, receive, framed)
            except ClientDisconnect:
                _LOG.debug("the client went away")
            except Exception as error:  # the process edge: a defect costs one request, not the server
                if answer.status:
                    raise  # too late for an answer: the server breaks the connection off, and logs why
                _LOG.exception("unexpected %s", type(error).__name__)
                await _answer_defect(scope, receive, framed)
            finally:
                self._tell(scope, answer.status, time.perf_counter() - began)

    def _tell(self, scope: Scope, status: int, seconds: float) -> None:
        method, path = str(scope["method"]), str(scope["path"])
        self._meters.observe(method=method, route=self._index.template(scope), status=status, seconds=seconds)
        level = logging.DEBUG if path in _QUIET and status < 400 else logging.INFO
        if _LOG.isEnabledFor(level):
            client = scope.get("client")
            told = {
                "method": method[:20],
                "path": path[:_LONGEST_PATH],
                "status": status,
                "milliseconds": round(seconds * 1000, 1),
                "client": client[0] if client else "",
                "user": scope.get(USER, ""),
            }
            _LOG.log(level, "request", extra=told)


async def _answer_defect(scope: Scope, receive: Receive, send: Send) -> None:
    told = "an unexpected failure; the service's log has it under the request id"
    problem = http_problem(500, told, path=scope["path"], request_id=scope[REQUEST_ID])
    await ProblemResponse(problem, status_code=500)(scope, receive, send)


def _request_id(given: str | None) -> str:
    return given if given is not None and _GIVEN_ID.fullmatch(given) else token_hex(8)


def _add_headers(message: MutableMapping[str, Any], request_id: str) -> None:
    headers = MutableHeaders(scope=message)
    headers["X-Request-ID"] = request_id
    for name, value in SAFE_HEADERS.items():
        headers.setdefault(name, value)
