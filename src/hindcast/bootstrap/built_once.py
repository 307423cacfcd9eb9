"""built_once: a part that is built when it is first asked for, and only once, however many threads ask at once."""

from __future__ import annotations

from collections.abc import Callable
from threading import RLock
from typing import Any, Final, Generic, Self, TypeVar, overload

Value = TypeVar("Value")
_TURN: Final = "_turn_to_build"


class built_once(Generic[Value]):  # noqa: N801  # it is used as a decorator, as `property` is
    """Like `functools.cached_property`, which has no lock since Python 3.12.

    Of one object's parts one is built at a time; a part may ask for others of the same object while it is built.
    """

    def __init__(self, build: Callable[[Any], Value]) -> None:
        self._build = build
        self._name = build.__name__
        self.__doc__ = build.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, instance: None, owner: type | None = None) -> Self: ...

    @overload
    def __get__(self, instance: object, owner: type | None = None) -> Value: ...

    def __get__(self, instance: object | None, owner: type | None = None) -> Self | Value:
        if instance is None:
            return self
        parts = instance.__dict__
        with parts.setdefault(_TURN, RLock()):
            if self._name not in parts:
                parts[self._name] = self._build(instance)
            value: Value = parts[self._name]
            return value
