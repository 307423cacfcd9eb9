"""StrategyFactory: strategies by the name of their type."""

from __future__ import annotations

import importlib
import inspect
import threading
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any, ClassVar, TypeVar, cast

from hindcast.domain.errors import StrategyError, UnknownStrategyError
from hindcast.strategies.builtin import BUILTIN_STRATEGIES
from hindcast.strategies.construction import build
from hindcast.strategies.description import StrategyDescription, describe_class

StrategyClass = TypeVar("StrategyClass", bound=type)


class StrategyFactory:
    """Makes strategies by type. Built-in ones are there from the start; `register` adds more."""

    _classes: ClassVar[dict[str, type]] = {}  # what was registered; built-in ones are found by BUILTIN_STRATEGIES
    _lock: ClassVar[threading.RLock] = threading.RLock()

    @classmethod
    def register(cls, strategy_type: str) -> Callable[[StrategyClass], StrategyClass]:
        """Class decorator that makes a class known by a type name. Raises StrategyError if another class has it."""

        def add(strategy_class: StrategyClass) -> StrategyClass:
            cls.add(strategy_type, strategy_class)
            return strategy_class

        return add

    @classmethod
    def add(cls, strategy_type: str, strategy_class: type) -> None:
        """Make a class known by a type name. Raises StrategyError if another class has it."""
        if not strategy_type.strip():
            raise StrategyError(f"strategy type {strategy_type!r}: expected a name such as 'sma_crossover'")
        with cls._lock:
            known = cls._find(strategy_type)
            if known is not None and _identity(known) != _identity(strategy_class):
                raise StrategyError(
                    f"strategy type {strategy_type!r} of {_place(strategy_class)} is already taken by {_place(known)}; "
                    "choose another STRATEGY_TYPE"
                )
            if not strategy_class.__dict__.get("STRATEGY_TYPE"):
                cast("Any", strategy_class).STRATEGY_TYPE = strategy_type
            cls._classes[strategy_type] = strategy_class

    @classmethod
    def remove(cls, strategy_type: str) -> None:
        """Forget a class that was registered; built-in ones stay."""
        with cls._lock:
            cls._classes.pop(strategy_type, None)

    @classmethod
    def registered(cls) -> dict[str, type]:
        """The classes that were registered, by type; built-in ones are not among them."""
        with cls._lock:
            return dict(cls._classes)

    @classmethod
    def get(cls, strategy_type: str) -> type:
        """The class of a type. Raises UnknownStrategyError."""
        with cls._lock:
            found = cls._find(strategy_type)
        if found is None:
            known = cls.types()
            near = get_close_matches(str(strategy_type), known, n=1)
            hint = f"Did you mean '{near[0]}'?" if near else f"Known: {', '.join(known)}."
            raise UnknownStrategyError(f"no strategy of type '{strategy_type}'. {hint}")
        return found

    @classmethod
    def create(cls, strategy_type: str, parameters: Mapping[str, object] | None = None) -> Any:
        """A strategy of a type with these parameters.

        Raises
        ------
        UnknownStrategyError
            No such type.
        ParameterError
            A parameter is unknown, of the wrong type, or out of bounds.
        """
        return build(cls.get(strategy_type), parameters)

    @classmethod
    def types(cls) -> tuple[str, ...]:
        """The names of all types, sorted."""
        return tuple(sorted({*BUILTIN_STRATEGIES, *cls._classes}))

    @classmethod
    def describe(cls, strategy_type: str) -> StrategyDescription:
        """What a type is and takes: documentation, JSON Schema and defaults. Raises UnknownStrategyError."""
        return describe_class(cls.get(strategy_type), strategy_type)

    @classmethod
    def _find(cls, strategy_type: str) -> type | None:
        if strategy_type not in BUILTIN_STRATEGIES:
            return cls._classes.get(strategy_type)
        module, name = BUILTIN_STRATEGIES[strategy_type]
        return cast("type", getattr(importlib.import_module(module), name))


def _identity(strategy_class: type) -> tuple[str, str, str]:
    """The same class read again from the same file is the same strategy."""
    return strategy_class.__module__, strategy_class.__qualname__, _file(strategy_class)


def _place(strategy_class: type) -> str:
    return f"{strategy_class.__qualname__} ({_file(strategy_class)})"


def _file(strategy_class: type) -> str:
    try:
        return inspect.getfile(strategy_class)
    except (TypeError, OSError):
        return strategy_class.__module__
