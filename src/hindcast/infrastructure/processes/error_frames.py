"""Errors on their way out of a child: by the name of their class and their message, never by their own code."""

from __future__ import annotations

import errno
import traceback
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from pydantic import JsonValue

from hindcast.domain import errors
from hindcast.domain.errors import HindcastError, MemoryLimitError, StrategyError, WorkLostError

MAX_MESSAGE: Final = 20_000  # characters
_HEAD: Final = 12_000
_DEEPEST: Final = 50  # causes that are looked at

TREE: Final[Mapping[str, type[HindcastError]]] = {
    name: value for name, value in vars(errors).items() if isinstance(value, type) and issubclass(value, HindcastError)
}


def to_frame(error: BaseException) -> dict[str, JsonValue]:
    """What a child says of an error. It never raises, whatever the error's own methods do."""
    name = next((each.__name__ for each in type(error).__mro__ if TREE.get(each.__name__) is each), "")
    message = bounded(_words(error) if name else _told(error))
    if any(_is_out_of_memory(each) for each in _chain(error)):
        name = MemoryLimitError.__name__
        message = bounded(f"the run needed more memory than it may have: {message}")
    told: dict[str, JsonValue] = {"class": name or StrategyError.__name__, "message": message}
    wait = getattr(error, "retry_after", None) if name else None
    if type(wait) in (int, float):
        told["retry_after"] = wait
    return told


def from_frame(told: JsonValue) -> HindcastError:
    """The error that a child told of. Raises ValueError for what is no such frame.

    A name that is not in the tree of errors is a StrategyError, and so is that of lost work: only who watches a child
    can say so.
    """
    if not isinstance(told, dict) or not told.keys() <= {"class", "message", "retry_after"}:
        raise ValueError("an error without class and message")
    name, message, wait = told.get("class"), told.get("message"), told.get("retry_after")
    if not isinstance(name, str) or not isinstance(message, str) or len(message) > MAX_MESSAGE:
        raise ValueError("an error whose class or message is no text")
    if wait is not None and (isinstance(wait, bool) or not isinstance(wait, int | float) or not 0 <= wait <= 1e7):
        raise ValueError("an error that names no time to wait for")
    found = TREE.get(name, StrategyError)
    if issubclass(found, WorkLostError):
        found = StrategyError
    if issubclass(found, errors.RateLimitError | errors.QuotaError | errors.StoreUnavailableError):
        return found(message, retry_after=1.0 if wait is None else float(wait))
    return found(message)


def bounded(message: str) -> str:
    """A message without half characters, its middle left out where it is long: the end of a traceback says most."""
    if len(message) > MAX_MESSAGE:
        tail = MAX_MESSAGE - _HEAD - 60
        message = f"{message[:_HEAD]} … ({len(message) - _HEAD - tail:,} characters left out) … {message[-tail:]}"
    return message.encode("utf-8", "replace").decode()


def _words(error: BaseException) -> str:
    try:
        return str(error) or type(error).__name__
    except BaseException as second:  # noqa: BLE001  # the process edge: the words of an error may be code of a user
        return f"{type(error).__name__} (its text can't be had: {type(second).__name__})"


def _told(error: BaseException) -> str:
    """An error that is none of ours: its class, its words, and where it came from."""
    place = ""
    if error.__traceback__ is not None:
        frame = traceback.extract_tb(error.__traceback__)[-1]
        place = f" ({Path(frame.filename).name}, line {frame.lineno})"
    words = _words(error)
    name = type(error).__name__
    return f"the run ended with {name}{place}" if words == name else f"the run ended with {name}: {words}{place}"


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An error, and what it came from."""
    waiting: list[BaseException | None] = [error]
    seen: set[int] = set()
    while waiting and len(seen) < _DEEPEST:
        each = waiting.pop()
        if each is not None and id(each) not in seen:
            seen.add(id(each))
            yield each
            waiting += (each.__cause__, each.__context__)


def _is_out_of_memory(error: BaseException) -> bool:
    """numpy, pyarrow and numba raise a MemoryError, DuckDB one of its own, system calls an error with a number."""
    kind = type(error)
    if issubclass(kind, OSError) and kind.__module__ == "builtins":
        return error.args[:1] == (errno.ENOMEM,)
    return issubclass(kind, MemoryError) or kind.__name__ == "OutOfMemoryException"
