"""What the service says of itself."""

from __future__ import annotations

from pydantic import BaseModel, Field


class HealthAnswer(BaseModel):
    """The service lives."""

    status: str = Field(examples=["ok"])


class ReadyAnswer(BaseModel):
    """Whether the service can work, part by part."""

    status: str = Field(description="`ready`, or `not ready`", examples=["ready"])
    parts: dict[str, str] = Field(
        description="Each part: `ok`, or what is wrong; a cache that does not answer makes it slower only",
        examples=[{"documents": "ok", "data folder": "ok"}],
    )
