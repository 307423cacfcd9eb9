"""Errors on their way out of a child, and back into errors."""

from __future__ import annotations

import errno

import pytest

from hindcast.domain.errors import (
    HindcastError,
    MemoryLimitError,
    PluginError,
    RateLimitError,
    StoreUnavailableError,
    StrategyError,
    UnknownSymbolError,
)
from hindcast.infrastructure.processes.error_frames import MAX_MESSAGE, TREE, from_frame, to_frame


class _PluginsOwnError(StrategyError):
    """A class that the supervisor does not know."""


class _WordlessError(Exception):
    def __str__(self) -> str:
        raise ValueError("no words")


def _raised(error: BaseException, cause: BaseException | None = None) -> BaseException:
    try:
        raise error from cause
    except BaseException as raised:  # noqa: BLE001  # as a child does it
        return raised


@pytest.mark.parametrize("name", sorted(TREE))
def test_every_error_of_the_tree_comes_back_or_is_the_strategys(name):
    found = from_frame({"class": name, "message": "words", "retry_after": 2})

    assert isinstance(found, HindcastError)
    assert type(found).__name__ == (name if not name.startswith("Work") else "StrategyError")
    assert str(found) == "words"


@pytest.mark.parametrize("error", [UnknownSymbolError("no X"), PluginError("broken"), StrategyError("")])
def test_an_error_goes_there_and_back(error):
    found = from_frame(to_frame(error))

    assert type(found) is type(error)
    assert str(found) in (str(error), type(error).__name__)


@pytest.mark.parametrize("error", [RateLimitError("slow", retry_after=3.5), StoreUnavailableError("gone")])
def test_how_long_to_wait_goes_with_it(error):
    found = from_frame(to_frame(error))

    assert isinstance(found, RateLimitError | StoreUnavailableError)
    assert found.retry_after == error.retry_after


def test_a_class_of_a_plugins_own_is_what_it_extends():
    assert to_frame(_PluginsOwnError("mine"))["class"] == "StrategyError"


def test_an_unknown_class_is_a_strategys():
    assert type(from_frame({"class": "os.system", "message": "rm"})) is StrategyError


def test_an_error_without_words_is_told_all_the_same():
    assert "_WordlessError (its text can't be had: ValueError)" in str(to_frame(_WordlessError())["message"])


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        _raised(StrategyError("it raised"), MemoryError()),
        _raised(PluginError("it raised"), OSError(errno.ENOMEM, "Cannot allocate memory")),
    ],
)
def test_want_of_memory_is_found_below_other_errors(error):
    assert to_frame(error)["class"] == MemoryLimitError.__name__


def test_another_system_error_is_no_want_of_memory():
    assert to_frame(_raised(StrategyError("x"), OSError(errno.ENOENT, "none")))["class"] == "StrategyError"


def test_messages_are_bounded_and_whole_characters():
    message = str(to_frame(StrategyError("a" * 50_000 + "\ud800 end"))["message"])

    assert len(message) <= MAX_MESSAGE
    assert message.endswith("? end")


@pytest.mark.parametrize(
    "told",
    [
        None,
        "text",
        {},
        {"class": "StrategyError"},
        {"class": 1, "message": "x"},
        {"class": "StrategyError", "message": "x", "more": 1},
        {"class": "StrategyError", "message": "x" * (MAX_MESSAGE + 1)},
        {"class": "QuotaError", "message": "x", "retry_after": -1},
        {"class": "QuotaError", "message": "x", "retry_after": True},
    ],
)
def test_what_is_no_error_is_refused(told):
    with pytest.raises(ValueError, match="an error"):
        from_frame(told)
