"""The base of the records that users fill in: checked when built, frozen afterwards, errors in one sentence."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, ClassVar, Final

from pydantic import BaseModel, ConfigDict, ValidationError

from hindcast.domain.errors import ConfigError, HindcastError

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails


LONGEST_VALUE: Final = 120  # characters of a value that a message shows


class CheckedRecord(BaseModel):
    """A frozen record; what does not fit raises the class's own error instead of pydantic's error."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, validate_default=False)

    error_class: ClassVar[type[HindcastError]] = ConfigError

    def __init__(self, **data: object) -> None:
        try:
            super().__init__(**data)
        except ValidationError as error:
            raise self.error_class(in_one_sentence(type(self), error)) from None


def in_one_sentence(record: type[BaseModel], error: ValidationError) -> str:
    """All findings of a validation of a record, in one line."""
    return "; ".join(_finding(record, detail) for detail in error.errors())


def _finding(record: type[BaseModel], detail: ErrorDetails) -> str:
    where = ".".join(str(part) for part in detail["loc"] if part != "")
    if detail["type"] == "extra_forbidden":
        names = list(record.model_fields)
        near = get_close_matches(where, names, n=1)
        hint = f"Did you mean '{near[0]}'?" if near else f"Known: {', '.join(names) or 'none'}."
        return f"{record.__name__} has no field {where!r}. {hint}"
    if detail["type"] == "missing":
        return f"{record.__name__} needs the field '{where}'"
    said = " ".join(detail["msg"].removeprefix("Value error, ").split())
    if not where:
        return said
    return f"{where} = {_shown(detail['input'])}: {said[:1].lower()}{said[1:]}"


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 1]}…"
