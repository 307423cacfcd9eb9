"""Users: made and changed by admins, each with a password of his own."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from hindcast.api.deps import Admin, Cursor, IfMatch, Limit, Reader, Services, address_of, etag, expected_revision
from hindcast.api.problem import problems
from hindcast.api.routes.auth import UsersOnly
from hindcast.api.schemas.users import UserAnswer, UserBody, UserChanges, UserPage
from hindcast.bootstrap import ServiceFactory
from hindcast.domain.errors import InputError, NotFoundError, PermissionDeniedError
from hindcast.domain.users import Scope, User
from hindcast.services.users.access import Principal

router = APIRouter(prefix="/users", tags=["users"], dependencies=[UsersOnly])
UserId = Annotated[str, Path(max_length=64, description="The name, in any case", examples=["ada"])]


@router.get("", summary="List users", responses=problems(409))
def list_users(who: Admin, services: Services, cursor: Cursor = None, limit: Limit = 50) -> UserPage:
    """All users, newest first (admins)."""
    page = services.users.page(cursor=cursor, limit=limit)
    items = [UserAnswer.of(user) for user in page.items]
    return UserPage(items=items, next_cursor=page.next_cursor, damaged=list(page.damaged))


@router.post("", summary="Make a user", status_code=201, responses=problems(409))
def create_user(body: UserBody, who: Admin, services: Services, response: Response) -> UserAnswer:
    """Make a user (admins)."""
    user = services.users.create(body.name, body.password.get_secret_value(), role=body.role)
    return _answer(user, response)


@router.get("/{user_id}", summary="Show a user", responses=problems(404, 409))
def read_user(user_id: UserId, who: Reader, services: Services, response: Response) -> UserAnswer:
    """A user: admins see all, others themselves."""
    return _answer(_visible(user_id, who, services), response)


@router.patch("/{user_id}", summary="Change a user", responses=problems(404, 409))
def change_user(
    user_id: UserId,
    body: UserChanges,
    who: Reader,
    request: Request,
    response: Response,
    services: Services,
    if_match: IfMatch = None,
) -> UserAnswer:
    """Change role or disable (admins), or the password (admins; one's own with the current one).

    Another password, and disabling, end all sessions of the user.
    """
    user = _visible(user_id, who, services)
    revision = expected_revision(if_match)
    if body.password is not None and (body.role is not None or body.disabled is not None):
        raise InputError("change either the password, or role and disabled")
    if body.password is not None:
        _check_password_change(user, body, who, request, services)
        return _answer(
            services.users.set_password(user.id, body.password.get_secret_value(), revision=revision), response
        )
    who.require(Scope.ADMIN)
    if body.role is None and body.disabled is None:
        raise InputError("nothing is to be changed: name role, disabled or password")
    return _answer(services.users.change(user.id, role=body.role, disabled=body.disabled, revision=revision), response)


def _check_password_change(
    user: User, body: UserChanges, who: Principal, request: Request, services: ServiceFactory
) -> None:
    if user.id != who.owner:
        who.require(Scope.ADMIN)
        return
    if who.way == "key":
        raise PermissionDeniedError("a user changes his password when he has logged in, not by an API key")
    if body.current_password is None:
        raise InputError("current_password is missing: another password of one's own needs it")
    request.app.state.logins.require(user.id, address_of(request))
    services.users.authenticate(user.id, body.current_password.get_secret_value())


def _visible(user_id: str, who: Principal, services: ServiceFactory) -> User:
    if not who.may(Scope.ADMIN) and user_id.lower() != who.owner:
        raise NotFoundError(f"no user has the name {user_id!r}")
    return services.users.get(user_id)


def _answer(user: User, response: Response) -> UserAnswer:
    response.headers["ETag"] = etag(user.revision)
    return UserAnswer.of(user)
