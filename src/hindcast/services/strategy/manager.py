"""StrategyManager: stored strategies, checked before they are kept and built when they are needed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast
from uuid import uuid4

from pydantic import JsonValue

from hindcast.domain.strategy import Strategy
from hindcast.services.ports import StrategyRepository
from hindcast.strategies.factory import StrategyFactory


class StrategyManager:
    """Creates strategies from type and parameters, and builds their instances."""

    def __init__(self, strategies: StrategyRepository, new_id: Callable[[], str] = lambda: uuid4().hex) -> None:
        self._strategies = strategies
        self._new_id = new_id

    def create(
        self, strategy_type: str, parameters: Mapping[str, object] | None = None, *, name: str = "", description: str = ""
    ) -> Strategy:
        """Check and keep a strategy. Raises UnknownStrategyError, ParameterError."""
        given = dict(parameters or {})
        StrategyFactory.create(strategy_type, given)
        strategy = Strategy(
            id=self._new_id(),
            name=name or strategy_type,
            strategy_type=strategy_type,
            parameters=cast("dict[str, JsonValue]", given),
            description=description,
        )
        self._strategies.save(strategy)
        return strategy

    def get(self, strategy_id: str) -> Strategy:
        """The stored strategy of this id. Raises NotFoundError."""
        return self._strategies.get(strategy_id)

    def get_instance(self, strategy_id: str) -> Any:
        """A fresh instance of a stored strategy. Raises NotFoundError, UnknownStrategyError, ParameterError."""
        strategy = self._strategies.get(strategy_id)
        return StrategyFactory.create(strategy.strategy_type, strategy.parameters)
