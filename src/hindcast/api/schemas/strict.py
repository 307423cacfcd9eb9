"""What request bodies are made of: nothing is guessed, nothing unknown is let through."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from hindcast.domain.errors import InputError

_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_FIRST_YEAR: Final = 1700  # within what 64 bits of nanoseconds hold
_LAST_YEAR: Final = 2200


class StrictBody(BaseModel):
    """A request body: "1" is no number, 1 is no truth, NaN is none, and each field is a known one."""

    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False, frozen=True)

    def named_fields(self) -> set[str]:
        """The fields that a body of changes names. Raises InputError where it names none."""
        if not self.model_fields_set:
            known = ", ".join(type(self).model_fields)
            raise InputError(f"the body names no field: expected one or more of {known}")
        return self.model_fields_set


def _as_day(value: object) -> object:
    if value is None or isinstance(value, date):
        return value
    expected = f"expected a date such as '1999-01-04', of the years {_FIRST_YEAR} to {_LAST_YEAR}"
    if not (isinstance(value, str) and _DAY.fullmatch(value)):
        raise ValueError(expected)
    try:
        day = date.fromisoformat(value)
    except ValueError as error:
        raise ValueError(f"{error}: {expected}") from None
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise ValueError(expected)
    return day


def _printable(text: str) -> str:
    if not text.isprintable() or text != text.strip():
        raise ValueError("expected printable characters, without spaces around them")
    return text


def _one_line(text: str) -> str:
    if not text.isprintable() or not text.strip():
        raise ValueError("expected one line of printable characters")
    return text


IsoDate = Annotated[
    date, BeforeValidator(_as_day), WithJsonSchema({"type": "string", "format": "date", "examples": ["1999-01-04"]})
]
Name = Annotated[
    str,
    Field(min_length=1, max_length=200, examples=["Crossing averages on the S&P 500"]),
    AfterValidator(_one_line),
]
Identifier = Annotated[str, Field(min_length=1, max_length=128)]
Symbol = Annotated[str, Field(min_length=1, max_length=40, examples=["SPX"]), AfterValidator(_printable)]
Symbols = Annotated[list[Symbol], Field(min_length=1, max_length=1_000, description="Each once", examples=[["SPX"]])]
Provider = Annotated[str, Field(min_length=1, max_length=64, examples=["sample"]), AfterValidator(_printable)]
Interval = Annotated[str, Field(min_length=1, max_length=16, examples=["1d", "5min"])]
