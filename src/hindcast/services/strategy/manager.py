"""StrategyManager: stored strategies, checked before they are kept and built when they are needed."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, cast
from uuid import uuid4

import numpy as np
from pydantic import JsonValue

from hindcast.domain.errors import ParameterError
from hindcast.domain.strategy import Strategy
from hindcast.services.documents.repositories import StrategyRepository
from hindcast.strategies.factory import StrategyFactory


class StrategyManager:
    """Creates strategies from type and parameters, and builds their instances."""

    def __init__(self, strategies: StrategyRepository, new_id: Callable[[], str] = lambda: uuid4().hex) -> None:
        self._strategies = strategies
        self._new_id = new_id

    def create(
        self,
        strategy_type: str,
        parameters: Mapping[str, object] | None = None,
        *,
        name: str = "",
        description: str = "",
    ) -> Strategy:
        """Check and keep a strategy. Raises UnknownStrategyError, ParameterError."""
        strategy = self.prepare(strategy_type, parameters, name=name, description=description)
        self.save(strategy)
        return strategy

    def prepare(
        self,
        strategy_type: str,
        parameters: Mapping[str, object] | None = None,
        *,
        name: str = "",
        description: str = "",
    ) -> Strategy:
        """A strategy that is checked and not yet kept. Raises UnknownStrategyError, ParameterError."""
        given = {str(each): _as_json(each, value) for each, value in (parameters or {}).items()}
        StrategyFactory.create(strategy_type, given)
        return Strategy(
            id=self._new_id(),
            name=name or strategy_type,
            strategy_type=strategy_type,
            parameters=given,
            description=description,
        )

    def save(self, strategy: Strategy) -> None:
        """Keep a strategy that `prepare` made."""
        self._strategies.save(strategy)

    def get(self, strategy_id: str) -> Strategy:
        """The stored strategy of this id. Raises NotFoundError."""
        return self._strategies.get(strategy_id)

    def get_instance(self, strategy_id: str) -> Any:
        """A fresh instance of a stored strategy. Raises NotFoundError, UnknownStrategyError, ParameterError."""
        strategy = self._strategies.get(strategy_id)
        return StrategyFactory.create(strategy.strategy_type, strategy.parameters)


def _as_json(name: object, value: object) -> JsonValue:
    """A parameter as it can be kept: numpy's numbers and arrays as Python's. Raises ParameterError."""
    try:
        return cast("JsonValue", json.loads(json.dumps(value, allow_nan=False, default=_plain)))
    except (TypeError, ValueError, RecursionError) as error:
        raise ParameterError(
            f"parameter {name!r} = {value!r} can't be kept ({error}); expected finite numbers, text, true or false, or "
            "lists and mappings of these"
        ) from None


def _plain(value: object) -> object:
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    raise TypeError(f"a {type(value).__name__} is no JSON value")
