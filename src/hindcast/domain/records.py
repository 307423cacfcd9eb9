"""The base of the records that users fill in: checked when built, frozen afterwards, errors in one sentence."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, ClassVar

from pydantic import BaseModel, ConfigDict, ValidationError

from hindcast.domain.errors import ConfigError, HindcastError

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails


class CheckedRecord(BaseModel):
    """A frozen record; what does not fit raises the class's own error instead of pydantic's error."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, validate_default=False)

    error_class: ClassVar[type[HindcastError]] = ConfigError

    def __init__(self, **data: object) -> None:
        try:
            super().__init__(**data)
        except ValidationError as error:
            raise self.error_class(_sentence(type(self), error)) from None


def _sentence(record: type[BaseModel], error: ValidationError) -> str:
    """All findings of a validation, in one line."""
    return "; ".join(_finding(record, detail) for detail in error.errors())


def _finding(record: type[BaseModel], detail: ErrorDetails) -> str:
    where = ".".join(str(part) for part in detail["loc"])
    if detail["type"] == "extra_forbidden":
        names = list(record.model_fields)
        near = get_close_matches(where, names, n=1)
        hint = f"Did you mean '{near[0]}'?" if near else f"Known: {', '.join(names) or 'none'}."
        return f"{record.__name__} has no field '{where}'. {hint}"
    said = detail["msg"].removeprefix("Value error, ")
    if not where:
        return said
    return f"{where} = {detail['input']!r}: {said[:1].lower()}{said[1:]}"
