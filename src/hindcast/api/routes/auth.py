"""Logging in and out, and API keys."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path, Request, Response

from hindcast.api.deps import SESSION_COOKIE, Access, Cursor, Limit, Reader, Services, address_of
from hindcast.api.problem import problems
from hindcast.api.schemas.users import KeyAnswer, KeyBody, KeyPage, LoginBody, NewKeyAnswer, WhoAnswer
from hindcast.domain.errors import ConflictError, PermissionDeniedError
from hindcast.services.users.access import AccessControl, Principal
from hindcast.services.users.sessions import SESSION_SECONDS
from hindcast.services.users.user_access import UserAccess

open_router = APIRouter(prefix="/auth", tags=["auth"])
router = APIRouter(prefix="/auth", tags=["auth"])
KeyId = Annotated[str, Path(max_length=64, examples=["9f3c2b7a1d5e4f60"])]
_NO_USERS: Final = "the service runs in local mode: it has one token, and no users, sessions or API keys"


def only_with_users(access: Access) -> AccessControl:
    """Raise ConflictError in local mode."""
    if not access.has_users:
        raise ConflictError(_NO_USERS)
    return access


def logged_in(who: Reader) -> Principal:
    """Raise PermissionDeniedError for a key: one that was stolen must not make others, nor take its owner's away."""
    if who.way == "key":
        raise PermissionDeniedError("API keys are made and revoked by who logged in, not by another key")
    return who


UsersOnly = Depends(only_with_users)
LoggedIn = Annotated[Principal, Depends(logged_in)]


@open_router.post("/login", summary="Log in", responses=problems(401, 409))
def log_in(body: LoginBody, request: Request, response: Response, access: Access) -> WhoAnswer:
    """Open a session: its cookie comes with the answer. Five tries a minute for a name and address."""
    if not isinstance(access, UserAccess):
        raise ConflictError(_NO_USERS)
    request.app.state.logins.require(body.name, address_of(request))
    before = request.cookies.get(SESSION_COOKIE)
    cookie, who = access.log_in(body.name, body.password.get_secret_value())
    if before:
        access.log_out(before)
    response.set_cookie(
        SESSION_COOKIE,
        cookie,
        max_age=SESSION_SECONDS,
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )
    return WhoAnswer.of(who, mode="server")


@router.post("/logout", summary="Log out", status_code=204, responses=problems(409), dependencies=[UsersOnly])
def log_out(who: Reader, services: Services, response: Response) -> None:
    """End the session that the request came by."""
    if who.session_id is None:
        raise ConflictError("the request came by an API key, which no log-out ends: revoke it")
    services.sessions.end(who.session_id)
    response.delete_cookie(SESSION_COOKIE, path="/", httponly=True, samesite="strict")


@router.get("/me", summary="Who asks")
def who_am_i(who: Reader, services: Services) -> WhoAnswer:
    """Who asks, and what he may do."""
    return WhoAnswer.of(who, mode=services.settings.mode)


@router.get("/keys", summary="List one's API keys", responses=problems(409), dependencies=[UsersOnly])
def list_api_keys(who: Reader, services: Services, cursor: Cursor = None, limit: Limit = 50) -> KeyPage:
    """One's own API keys, newest first, without their secrets."""
    page = services.api_keys.page(who.owner, cursor=cursor, limit=limit)
    items = [KeyAnswer.of(key) for key in page.items]
    return KeyPage(items=items, next_cursor=page.next_cursor, damaged=list(page.damaged))


@router.post("/keys", summary="Make an API key", status_code=201, responses=problems(409), dependencies=[UsersOnly])
def create_api_key(body: KeyBody, who: LoggedIn, services: Services) -> NewKeyAnswer:
    """Make an API key of one's own; its text is shown this once. A key can't make keys: log in."""
    who.require(body.scope)
    text, key = services.api_keys.create(who.owner, body.name, body.scope, expires_at=body.expires_at)
    return NewKeyAnswer.with_text(key, text)


@router.delete(
    "/keys/{key_id}",
    summary="Revoke an API key",
    status_code=204,
    responses=problems(404, 409),
    dependencies=[UsersOnly],
)
def revoke_api_key(key_id: KeyId, who: LoggedIn, services: Services) -> None:
    """Let one of one's own API keys be used no more."""
    services.api_keys.revoke(key_id, user_id=who.owner)
