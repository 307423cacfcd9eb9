"""What comes back from a child in which a user's code ran: read as a record, or refused."""

from __future__ import annotations

from typing import TypeVar

from pydantic import JsonValue, ValidationError

from hindcast.domain.errors import HindcastError, StrategyError
from hindcast.domain.records import CheckedRecord, in_one_sentence

Record = TypeVar("Record", bound=CheckedRecord)


def record_of(record: type[Record], answer: JsonValue) -> Record:
    """A child's answer as the record that it should be. Raises StrategyError where the code has tampered with it."""
    try:
        return record.model_validate(answer)
    except (ValidationError, HindcastError) as error:
        said = in_one_sentence(record, error) if isinstance(error, ValidationError) else str(error)
        raise StrategyError(
            f"the process that ran the strategy's code gave back no {record.__name__} ({said}): take out whatever "
            "changes Hindcast's own modules"
        ) from error
