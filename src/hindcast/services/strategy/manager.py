"""StrategyManager: stored strategies, checked before they are kept and built when they are needed."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, cast
from uuid import uuid4

import numpy as np
from pydantic import JsonValue

from hindcast.domain.errors import ConflictError, NotFoundError, ParameterError, StrategyError
from hindcast.domain.strategy import LOCAL_OWNER, Strategy
from hindcast.services.documents.repositories import StrategyRepository
from hindcast.services.strategy.service import Clock, StrategyService, utc_now
from hindcast.strategies.factory import StrategyFactory

if TYPE_CHECKING:
    from hindcast.services.strategy.catalogue import StrategyCatalogue
    from hindcast.services.strategy.validation import StrategyValidator, ValidationReport


class StrategyManager:
    """Creates strategies from type and parameters, validates and clones them, and builds their instances.

    `create`, `prepare` and `get_instance` run the strategy's own code in this process: they are for processes whose
    user wrote it, and for children. `create_from_template`, `change`, `clone` and `validate` run it in a child.
    """

    def __init__(
        self,
        strategies: StrategyRepository,
        new_id: Callable[[], str] = lambda: uuid4().hex,
        *,
        catalogue: Callable[[], StrategyCatalogue] | None = None,
        validator: Callable[[], StrategyValidator] | None = None,
        clock: Clock = utc_now,
    ) -> None:
        self._strategies = strategies
        self._service = StrategyService(strategies.store, clock=clock)
        self._new_id = new_id
        self._catalogue = catalogue
        self._validator = validator
        self._clock = clock

    def create(
        self,
        strategy_type: str,
        parameters: Mapping[str, object] | None = None,
        *,
        name: str = "",
        description: str = "",
        owner: str = LOCAL_OWNER,
    ) -> Strategy:
        """Check and keep a strategy. Raises UnknownStrategyError, ParameterError."""
        strategy = self.prepare(strategy_type, parameters, name=name, description=description, owner=owner)
        self.save(strategy)
        return strategy

    def prepare(
        self,
        strategy_type: str,
        parameters: Mapping[str, object] | None = None,
        *,
        name: str = "",
        description: str = "",
        owner: str = LOCAL_OWNER,
    ) -> Strategy:
        """A strategy that is checked and not yet kept. Raises UnknownStrategyError, ParameterError."""
        given = as_json(parameters)
        StrategyFactory.create(strategy_type, given)
        return self._new(strategy_type, given, name=name, description=description, owner=owner)

    def save(self, strategy: Strategy) -> None:
        """Keep a strategy that `prepare` made."""
        self._strategies.save(strategy)

    def get(self, strategy_id: str, *, owner: str | None = None) -> Strategy:
        """The stored strategy of this id; without an owner whoever's it is. Raises NotFoundError."""
        return self._strategies.get(strategy_id) if owner is None else self._service.get(strategy_id, owner=owner)

    def get_instance(self, strategy_id: str, *, owner: str | None = None) -> Any:
        """A fresh instance of a stored strategy. Raises NotFoundError, UnknownStrategyError, ParameterError."""
        strategy = self.get(strategy_id, owner=owner)
        return StrategyFactory.create(strategy.strategy_type, strategy.parameters)

    def create_from_template(
        self,
        strategy_type: str,
        overrides: Mapping[str, object] | None = None,
        *,
        name: str = "",
        description: str = "",
        owner: str = LOCAL_OWNER,
        strategy_id: str | None = None,
    ) -> Strategy:
        """Keep a strategy of a type, with parameters in the place of its defaults, once it was built without fault.

        With an id that the owner has already, that strategy is the answer: whoever repeats a request makes one.

        Raises
        ------
        UnknownStrategyError, ParameterError
        StrategyError
            It can't be built.
        """
        if strategy_id is not None and (known := self._known(strategy_id, owner)) is not None:
            return known
        given = as_json(overrides)
        self._types.check(strategy_type, given)
        strategy = self._new(strategy_type, given, name=name, description=description, owner=owner)
        return self._keep(strategy if strategy_id is None else strategy.model_copy(update={"id": strategy_id}))

    def change(
        self, strategy_id: str, *, owner: str, changes: Mapping[str, object], revision: int | None = None
    ) -> Strategy:
        """Change fields of a stored strategy, once what it becomes was built without fault.

        Raises NotFoundError, ConflictError for another revision, and what `create_from_template` raises.
        """
        seen = self._service.get(strategy_id, owner=owner)
        wanted = dict(changes)
        if "parameters" in wanted:
            wanted["parameters"] = as_json(cast("Mapping[str, object]", wanted["parameters"]))
        if wanted.keys() & {"strategy_type", "parameters"}:
            self._types.check(
                str(wanted.get("strategy_type", seen.strategy_type)),
                cast("Mapping[str, JsonValue]", wanted.get("parameters", seen.parameters)),
            )
            # What was checked is the whole of type and parameters: half of it may have changed meanwhile.
            wanted = {"strategy_type": seen.strategy_type, "parameters": seen.parameters, **wanted}
            revision = seen.revision if revision is None else revision
        return self._service.update(strategy_id, owner=owner, changes=wanted, revision=revision)

    def clone(self, strategy_id: str, *, owner: str, name: str = "", new_id: str | None = None) -> Strategy:
        """Keep a copy of a strategy under another name. Raises NotFoundError; repeated with an id, it makes one."""
        if new_id is not None and (known := self._known(new_id, owner)) is not None:
            return known
        original = self._service.get(strategy_id, owner=owner)
        copy = self._new(
            original.strategy_type,
            original.parameters,
            name=name or f"Copy of {original.name}"[:200],
            description=original.description,
            owner=owner,
        )
        return self._keep(copy if new_id is None else copy.model_copy(update={"id": new_id}))

    def validate(self, strategy_type: str, parameters: Mapping[str, object] | None = None) -> ValidationReport:
        """Check a type with these parameters in a child: built, run on sample bars, proven. Raises WorkLostError."""
        if self._validator is None:
            raise StrategyError("no child processes are at hand to check a strategy in; ask ServiceFactory.strategies")
        return self._validator().validate(strategy_type, as_json(parameters))

    @property
    def _types(self) -> StrategyCatalogue:
        if self._catalogue is None:
            raise StrategyError("no catalogue of strategies is at hand; ask ServiceFactory.strategies")
        return self._catalogue()

    def _known(self, strategy_id: str, owner: str) -> Strategy | None:
        try:
            return self._service.get(strategy_id, owner=owner)
        except NotFoundError:
            return None

    def _keep(self, strategy: Strategy) -> Strategy:
        try:
            return self._service.create(strategy)
        except ConflictError:  # a repeat of the request that came at the same time
            known = self._known(strategy.id, strategy.owner)
            if known is None:
                raise
            return known

    def _new(
        self, strategy_type: str, parameters: Mapping[str, JsonValue], *, name: str, description: str, owner: str
    ) -> Strategy:
        now = self._clock()
        return Strategy(
            id=self._new_id(),
            owner=owner,
            name=name or strategy_type,
            strategy_type=strategy_type,
            parameters=dict(parameters),
            description=description,
            created_at=now,
            updated_at=now,
        )


def as_json(parameters: Mapping[str, object] | None) -> dict[str, JsonValue]:
    """Parameters as they can be kept: numpy's numbers and arrays as Python's. Raises ParameterError."""
    return {str(name): _as_json(name, value) for name, value in (parameters or {}).items()}


def _as_json(name: object, value: object) -> JsonValue:
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
