"""Users, logging in, and API keys over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, SecretStr

from hindcast.api.schemas.pages import DamagedIds
from hindcast.domain.users import ApiKey, Role, Scope, User
from hindcast.services.users.access import Principal

# The order of fields is the order in the document; strictness lets "1" be no 1.
_STRICT = ConfigDict(extra="forbid", strict=True, frozen=True)
Password = Annotated[
    SecretStr,
    Field(
        min_length=1,
        max_length=1_024,
        description="A new one has 12 characters or more and is not the name",
        examples=["correct horse battery staple"],
    ),
]
_Role = Annotated[Role, Field(strict=False, description="What he may do beside working with what is his own")]
_Scope = Annotated[Scope, Field(strict=False, description="Each scope holds those before it")]
_Moment = Annotated[AwareDatetime, Field(strict=False, description="With its offset from UTC")]
UserName = Annotated[
    str,
    Field(
        min_length=1,
        max_length=64,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$",
        description="Letters, digits, '.', '_', '-'; two names can't differ by case alone",
        examples=["ada"],
    ),
]
KeyName = Annotated[str, Field(min_length=1, max_length=100, description="What the key is for", examples=["nightly"])]


class LoginBody(BaseModel):
    """A name and a password."""

    model_config = _STRICT

    name: Annotated[str, Field(min_length=1, max_length=64, examples=["ada"])]
    password: Annotated[SecretStr, Field(min_length=1, max_length=1_024, examples=["correct horse battery staple"])]


class UserBody(BaseModel):
    """A user who is to be made."""

    model_config = _STRICT

    name: UserName
    password: Password
    role: _Role = Role.USER


class UserChanges(BaseModel):
    """What is to be changed of a user; what is not named stays."""

    model_config = _STRICT

    role: _Role | None = None
    disabled: Annotated[bool | None, Field(description="Whether he may come in no more")] = None
    password: Password | None = None
    current_password: Annotated[
        SecretStr | None, Field(max_length=1_024, description="Needed for another password of one's own")
    ] = None


class UserAnswer(BaseModel):
    """A user."""

    id: str = Field(examples=["ada"])
    revision: int = Field(ge=1)
    name: str = Field(examples=["Ada"])
    role: Role
    disabled: bool
    created_at: datetime

    @classmethod
    def of(cls, user: User) -> Self:
        """What may be shown of a user."""
        return cls(
            id=user.id,
            revision=user.revision,
            name=user.name,
            role=user.role,
            disabled=user.disabled,
            created_at=user.created_at,
        )


class UserPage(BaseModel):
    """A page of users, newest first."""

    items: list[UserAnswer]
    next_cursor: str | None
    damaged: DamagedIds


class WhoAnswer(BaseModel):
    """Who asks, and what he may do."""

    owner: str = Field(description="Whom what he makes belongs to", examples=["ada"])
    name: str = Field(examples=["Ada"])
    scope: Scope
    way: str = Field(description="How he came in: token, session or key", examples=["session"])
    mode: str = Field(description="How the service runs: local or server", examples=["server"])

    @classmethod
    def of(cls, who: Principal, *, mode: str) -> Self:
        """What may be shown of who asks."""
        return cls(owner=who.owner, name=who.name, scope=who.scope, way=who.way, mode=mode)


class KeyBody(BaseModel):
    """An API key that is to be made."""

    model_config = _STRICT

    name: KeyName
    scope: _Scope = Scope.READ
    expires_at: _Moment | None = None


class KeyAnswer(BaseModel):
    """An API key, without its secret."""

    id: str = Field(examples=["9f3c2b7a1d5e4f60"])
    name: str = Field(examples=["nightly"])
    scope: Scope
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None

    @classmethod
    def of(cls, key: ApiKey) -> Self:
        """What may be shown of a key."""
        return cls(**_shown(key))


class NewKeyAnswer(KeyAnswer):
    """A new API key: its text is shown this once."""

    key: str = Field(description="Send it as `Authorization: Bearer`; it is never shown again", examples=["hck_…"])

    @classmethod
    def with_text(cls, key: ApiKey, text: str) -> Self:
        """A key and its text."""
        return cls(**_shown(key), key=text)


class KeyPage(BaseModel):
    """A page of keys, newest first."""

    items: list[KeyAnswer]
    next_cursor: str | None
    damaged: DamagedIds


def _shown(key: ApiKey) -> dict[str, object]:
    return key.model_dump(include=set(KeyAnswer.model_fields))
