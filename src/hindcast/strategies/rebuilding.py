"""A fresh instance of a strategy that somebody else has built."""

from __future__ import annotations

from typing import Any

from hindcast.domain.errors import InputError, StrategyError
from hindcast.strategies.construction import build, named_parameters, parameters_of, takes_anything

_UNKNOWN = object()


def rebuild(strategy: Any) -> Any:
    """A new instance of the strategy's class with its parameters, as it was before it ran.

    Raises
    ------
    StrategyError
        Its constructor takes what it does not tell afterwards, or refuses what it tells.
    """
    strategy_class = type(strategy)
    known = parameters_of(strategy)
    given = _constructor_arguments(strategy, known)
    try:
        fresh = build(strategy_class, given)
    except (InputError, StrategyError) as error:
        raise StrategyError(
            f"{strategy_class.__name__} was handed in ready-built and can't be built again with {given}: {error}; "
            "hand in the class, and its parameters by parameters={...}"
        ) from error
    told = parameters_of(fresh)
    if told != known or _constructor_arguments(fresh, told) != given:
        raise StrategyError(
            f"{strategy_class.__name__} was handed in ready-built, and built again with {given} it is another one "
            f"(its parameters are {told}; expected {known}); hand in the class, and its parameters by "
            "parameters={...}"
        )
    return fresh


def _constructor_arguments(strategy: Any, known: dict[str, Any]) -> dict[str, Any]:
    """What the constructor was given: from the parameters, else from the attributes of the same names."""
    strategy_class = type(strategy)
    names = [parameter.name for parameter in named_parameters(strategy_class)]
    given = dict(known) if not names or takes_anything(strategy_class) else {}
    for name in names:
        value = known[name] if name in known else getattr(strategy, name, _UNKNOWN)
        if value is _UNKNOWN:
            raise StrategyError(
                f"{strategy_class.__name__} was handed in ready-built, and does not tell the {name!r} that it was "
                f"built with: keep it as self.{name}, or hand in the class, and its parameters by parameters={{...}}"
            )
        given[name] = value
    return given
