"""What a failure looks like over HTTP: `application/problem+json`, as RFC 9457 has it."""

from __future__ import annotations

import json
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

MEDIA_TYPE: Final = "application/problem+json"
SCHEMA: Final = {"$ref": "#/components/schemas/Problem"}
_SAID: Final = {
    400: "The body can't be read: it is no JSON, say.",
    401: "No credentials, or wrong ones.",
    403: "Known, but not allowed to do this.",
    404: "There is none of this id that belongs to who asks.",
    405: "The path does not know this method; `Allow` names those that it knows.",
    408: "The body came too slowly.",
    409: "It changed meanwhile, its state forbids it, or its idempotency key was used before.",
    413: "The body is too large.",
    415: "The body is of another media type than those that are read here.",
    421: "The service is not known by this host name.",
    422: "It can't be done as asked; `errors` names the fields.",
    429: "Too many requests; `Retry-After` says when to go on.",
    500: "A failure that is not the caller's; the service's log has it under the request id.",
    502: "A vendor of data failed.",
    503: "A store or a vendor does not answer; `Retry-After` says when to try again.",
}


class FieldProblem(BaseModel):
    """One finding about one field of what was asked."""

    model_config = ConfigDict(frozen=True)

    field: str = Field(description="Where it is: names joined by dots", examples=["config.initial_capital"])
    message: str = Field(description="What was found and what was expected", examples=["should be greater than 0"])
    remedy: str = Field(default="", description="What to do next", examples=["Send a number greater than 0."])


class Problem(BaseModel):
    """A failure: what it is, and what to do next."""

    model_config = ConfigDict(frozen=True)

    type: str = Field(description="The kind of failure", examples=["urn:hindcast:error:not_found_error"])
    title: str = Field(description="The kind in words", examples=["Not found"])
    status: int = Field(ge=400, le=599, description="The HTTP status", examples=[404])
    detail: str = Field(description="What happened", examples=["no Strategy has the id 'momentum'"])
    instance: str = Field(description="The path that was asked", examples=["/api/v1/strategies/momentum"])
    remedy: str = Field(description="What to do next", examples=["Look at the list: GET /api/v1/strategies."])
    request_id: str = Field(description="What the service's log knows this request by", examples=["9f3c2b7a1d5e4f60"])
    errors: list[FieldProblem] | None = Field(default=None, description="Findings field by field")


class ProblemResponse(Response):
    """A problem as a response. The JSON is ASCII: text that is no valid Unicode can be answered as well."""

    media_type = MEDIA_TYPE

    def render(self, content: Any) -> bytes:
        """A Problem as JSON."""
        return json.dumps(content.model_dump(exclude_none=True)).encode("ascii")


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses=` of a route that may fail in these ways; what every route may answer is added to all of them."""
    return {
        status: {"description": _SAID.get(status, "A failure."), "content": {MEDIA_TYPE: {"schema": SCHEMA}}}
        for status in statuses
    }
