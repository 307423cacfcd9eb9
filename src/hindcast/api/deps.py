"""What routes ask for in their signatures: the services, who asks, the page, the headers of writes."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Annotated, Final

from fastapi import Depends, Header, Query, Request
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer

from hindcast.api.limits import RateLimiter, address_group
from hindcast.api.middleware.hosts import SAFE_METHODS
from hindcast.api.middleware.requests import USER
from hindcast.bootstrap import ServiceFactory
from hindcast.domain.errors import AuthenticationError, InputError, PermissionDeniedError, StoreUnavailableError
from hindcast.domain.users import Scope
from hindcast.services.users.access import AccessControl, Principal

SESSION_COOKIE: Final = "hindcast_session"
_BEARER = HTTPBearer(
    auto_error=False, scheme_name="bearer", description="The local mode's token, or an API key `hck_…` of a user."
)
_COOKIE = APIKeyCookie(
    name=SESSION_COOKIE, auto_error=False, scheme_name="session", description="The session that a log-in opened."
)
_ETAG = re.compile(r'"([1-9][0-9]{0,17})"')


def services_of(request: Request) -> ServiceFactory:
    """The services of the application."""
    services: ServiceFactory = request.app.state.services
    return services


def access_of(request: Request) -> AccessControl:
    """The application's access control."""
    access: AccessControl = request.app.state.access
    return access


def limiter_of(request: Request) -> RateLimiter:
    """The application's limit of requests."""
    limiter: RateLimiter = request.app.state.limiter
    return limiter


def address_of(request: Request) -> str:
    """The address that a request came from, as limits count it."""
    return address_group(request.client.host if request.client else None)


async def limited_by_address(request: Request) -> None:
    """Raise RateLimitError where an address asks too often, for routes that need no credentials."""
    _count_address(request)


def _count_address(request: Request) -> None:
    limiter_of(request).require(f"address {address_of(request)}", "requests without credentials that count")


# What only looks something up is a coroutine: FastAPI hands each plain function to a thread, which costs more than it.
async def _services(request: Request) -> ServiceFactory:
    return services_of(request)


async def _access(request: Request) -> AccessControl:
    return access_of(request)


Services = Annotated[ServiceFactory, Depends(_services)]
Access = Annotated[AccessControl, Depends(_access)]


def principal(
    request: Request,
    access: Access,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)],
    cookie: Annotated[str | None, Depends(_COOKIE)],
) -> Principal:
    """Who asks. Raises AuthenticationError, PermissionDeniedError for a forged request, RateLimitError."""
    try:
        who = _recognised(request, access, bearer, cookie)
    except AuthenticationError:
        _count_address(request)
        raise
    limiter_of(request).require(f"owner {who.owner}", f"requests of '{who.name}'")
    request.scope[USER] = who.name
    request.state.recognise = partial(_recognised, request, access, bearer, cookie)
    return who


def is_still_known(request: Request) -> bool:
    """Whether who asked would be let in again, for answers that take long: a key may have been revoked meanwhile."""
    recognise: Callable[[], Principal] = request.state.recognise
    try:
        recognise()
    except AuthenticationError:
        return False
    except StoreUnavailableError:
        return True  # nobody knows; nothing new is told either until the store is back
    return True


def _recognised(
    request: Request, access: AccessControl, bearer: HTTPAuthorizationCredentials | None, cookie: str | None
) -> Principal:
    if bearer is not None:
        return access.by_bearer(bearer.credentials)
    if not cookie:
        raise AuthenticationError("no credentials came with the request")
    who = access.by_session(cookie)
    if request.method not in SAFE_METHODS and not is_from_own_page(request):
        raise PermissionDeniedError(
            "a request that changes something by a session must come from the service's own page: its Origin, or "
            "Sec-Fetch-Site, has to say so; programs use an API key"
        )
    return who


def is_from_own_page(request: Request) -> bool:
    """Whether the browser says that a page of this service sent it; HostGuard has refused all other origins."""
    return "origin" in request.headers or request.headers.get("sec-fetch-site") == "same-origin"


Anyone = Annotated[Principal, Depends(principal)]


async def _reader(who: Anyone) -> Principal:
    who.require(Scope.READ)
    return who


async def _writer(who: Anyone) -> Principal:
    who.require(Scope.WRITE)
    return who


async def _admin(who: Anyone) -> Principal:
    who.require(Scope.ADMIN)
    return who


Reader = Annotated[Principal, Depends(_reader)]
Writer = Annotated[Principal, Depends(_writer)]
Admin = Annotated[Principal, Depends(_admin)]

Cursor = Annotated[
    str | None, Query(max_length=400, description="`next_cursor` of the page before; none: the first page")
]
Limit = Annotated[int, Query(ge=1, le=200, description="Items of a page")]  # write `limit: Limit = 50`
IdempotencyHeader = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        pattern=r"^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$",
        description="The same key with the same request is the same write, for 24 hours",
        examples=["3f0c2f5e-run-1"],
    ),
]
IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        max_length=40,
        description='The revision that is to be changed, as `ETag` gave it, such as `"3"`; `*`: any',
        examples=['"3"'],
    ),
]


def expected_revision(if_match: str | None) -> int | None:
    """The revision that `If-Match` names; None where it names none. Raises InputError."""
    if if_match is None or if_match.strip() == "*":
        return None
    found = _ETAG.fullmatch(if_match.strip())
    if found is None:
        raise InputError('If-Match is no revision: expected such as "3", as ETag gave it, or *')
    return int(found[1])


def etag(revision: int) -> str:
    """A revision as an ETag."""
    return f'"{revision}"'
