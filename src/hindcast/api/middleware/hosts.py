"""By which name the service may be called, and from which pages: against DNS rebinding and forged requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers

from hindcast.api.errors import http_problem
from hindcast.api.middleware.requests import REQUEST_ID
from hindcast.api.problem import ProblemResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


class HostGuard:
    """Refuses host names that are not the service's (421), and pages of other origins (403)."""

    def __init__(self, app: ASGIApp, *, allowed: frozenset[str] | None) -> None:
        """`allowed` are names without ports, in lower case; None allows any."""
        self._app = app
        self._allowed = allowed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        refused = self._refusal(scope) if scope["type"] == "http" else None
        if refused is None:
            await self._app(scope, receive, send)
            return
        status, detail = refused
        problem = http_problem(status, detail, path=scope["path"], request_id=scope[REQUEST_ID])
        await ProblemResponse(problem, status_code=status)(scope, receive, send)

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        headers = Headers(scope=scope)
        named = authority(headers.get("host", ""))
        if named is None:
            return 400, "the Host header is missing, or is no host name with a port"
        if self._allowed is not None and named[0] not in self._allowed:
            return 421, f"the service is not called {named[0][:100]!r}; HINDCAST_ALLOWED_HOSTS says what it is called"
        origin = headers.get("origin")
        if origin is not None and not _same(origin, named):
            return 403, "the request comes from a page of another origin"
        if scope["method"] not in SAFE_METHODS and headers.get("sec-fetch-site") in {"cross-site", "same-site"}:
            return 403, "the request comes from a page of another site"
        return None


def allowed_hosts(mode: str, setting: str) -> frozenset[str] | None:
    """The names of the mode and setting: in local mode loopback's only; None for any."""
    if mode == "local":
        return LOOPBACK
    names = {name.strip().lower().strip("[]") for name in setting.split(",") if name.strip()}
    return None if "*" in names else frozenset(names | LOOPBACK)


def authority(host: str) -> tuple[str, int | None] | None:
    """Name and port of a Host header; None for a text that is none."""
    if not host or not host.isascii() or set(host) & set("/\\@?# \t"):
        return None
    try:
        parts = urlsplit(f"//{host}")
        name, port = parts.hostname, parts.port
    except ValueError:
        return None
    return None if not name else (name.rstrip("."), port)


def _same(origin: str, named: tuple[str, int | None]) -> bool:
    scheme, found, rest = origin.partition("://")
    theirs = authority(rest) if found else None
    if theirs is None or scheme not in _DEFAULT_PORTS:
        return False
    # A proxy may speak https for a service that sees http: which of the two default ports is meant is not known here.
    ports = [None if port == _DEFAULT_PORTS[scheme] else port for port in (theirs[1], named[1])]
    return theirs[0] == named[0] and ports[0] == ports[1]
