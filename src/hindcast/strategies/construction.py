"""How a strategy is built from its parameters, whichever way its class takes them."""

from __future__ import annotations

import builtins
import inspect
import json
import re
import types
import typing
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any, cast

from hindcast.domain.errors import HindcastError, ParameterError, StrategyError
from hindcast.strategies.configs import OpenConfig, StrategyConfig
from hindcast.strategies.events import can_trade
from hindcast.strategies.long_frame import wants_long_frame
from hindcast.strategies.protocol import ConfiguredStrategy

Parameters = Mapping[str, object]

_BY_PLACE = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


def build(strategy_class: type, parameters: Parameters | None = None) -> Any:
    """An instance with these parameters, checked.

    Its `__init__` may take a `config`, a mapping (`parameters`, or annotated as one), each parameter by name, or
    nothing. A `config` is the class's own `Config` or the `StrategyConfig` subclass in the annotation; where neither
    says what the parameters are, it is an `OpenConfig` of what is given.

    Raises
    ------
    ParameterError
        A parameter is unknown or out of bounds, or the class's own `validate_parameters` says no.
    StrategyError
        The class is no strategy, or can't be built.
    """
    given = dict(parameters or {})
    _check_class(strategy_class)
    try:
        instance = _instance(strategy_class, given)
    except HindcastError:
        raise
    except Exception as error:  # the strategy fence: a user's code may raise anything
        raise StrategyError(f"{strategy_class.__name__} can't be built with {given}: {_words(error)}") from error
    check_parameters(instance, given)
    return instance


def check_parameters(strategy: Any, parameters: Parameters | None = None) -> None:
    """Ask a strategy's `validate_parameters`, which may raise, answer False, or want to be given the parameters.

    Raises
    ------
    ParameterError
        The answer is False, or a ValueError.
    StrategyError
        The check itself fails.
    """
    validate = getattr(strategy, "validate_parameters", None)
    if validate is None:
        return
    given = dict(parameters if parameters is not None else getattr(strategy, "parameters", {}))
    name = type(strategy).__name__
    try:
        wanted = [each for each in inspect.signature(validate).parameters.values() if each.kind in _BY_PLACE]
        answer = validate(given) if any(each.default is each.empty for each in wanted) else validate()
    except HindcastError:
        raise
    except ValueError as error:
        raise ParameterError(f"{name} refuses its parameters: {error}") from error
    except Exception as error:  # the strategy fence
        raise StrategyError(f"{name}.validate_parameters failed: {_words(error)}") from error
    if answer is not None and not answer:
        raise ParameterError(
            f"{name} refuses its parameters {given}: validate_parameters() returned {answer!r}; choose other values"
        )


def config_class_of(strategy_class: type) -> type[StrategyConfig] | None:
    """The record that declares a class's parameters: its `Config`, else what its `__init__` is annotated with."""
    candidates = [getattr(strategy_class, "Config", None)]
    candidates += [kind for each in constructor_parameters(strategy_class) for kind in _classes(strategy_class, each)]
    for candidate in candidates:
        if inspect.isclass(candidate) and issubclass(candidate, StrategyConfig) and candidate is not StrategyConfig:
            return candidate
    return None


def constructor_parameters(strategy_class: type) -> list[inspect.Parameter]:
    """What `__init__` takes beside self and *args; nothing where the class has none of its own."""
    constructor = inspect.getattr_static(strategy_class, "__init__")
    if constructor is object.__init__:
        return []
    parameters = list(inspect.signature(constructor).parameters.values())[1:]
    return [each for each in parameters if each.kind is not each.VAR_POSITIONAL]


def named_parameters(strategy_class: type) -> list[inspect.Parameter]:
    """The parameters that a class without a declaring record takes one by one."""
    taken = constructor_parameters(strategy_class)
    if not taken or _takes_record(strategy_class, taken[0]):
        return []
    return [each for each in taken if each.kind is not each.VAR_KEYWORD]


def takes_anything(strategy_class: type) -> bool:
    """Whether a class declares no parameters and yet reads what it is given, so that no name can be called unknown."""
    taken = constructor_parameters(strategy_class)
    if config_class_of(strategy_class) is not None or not taken:
        return False
    if _inherits_constructor(strategy_class):
        return wants_long_frame(strategy_class)
    return _takes_record(strategy_class, taken[0]) or any(each.kind is each.VAR_KEYWORD for each in taken)


def _check_class(strategy_class: type) -> None:
    if not inspect.isclass(strategy_class):
        raise StrategyError(f"{strategy_class!r} is no class; expected a strategy class, such as one of BaseStrategy's")
    if not can_trade(strategy_class):
        raise StrategyError(
            f"{strategy_class.__name__} has neither generate_signals(data) nor on_bar(context); a strategy needs one"
        )
    if unfinished := sorted(getattr(strategy_class, "__abstractmethods__", ())):
        raise StrategyError(f"{strategy_class.__name__} is abstract: implement {', '.join(unfinished)}")


def _instance(strategy_class: type, given: dict[str, object]) -> Any:
    taken = constructor_parameters(strategy_class)
    config_class = config_class_of(strategy_class)
    if config_class is not None and not issubclass(config_class, OpenConfig):
        _check_names(strategy_class, given, list(config_class.model_fields))
    elif not takes_anything(strategy_class):
        _check_names(strategy_class, given, [each.name for each in named_parameters(strategy_class)])
    if not taken:
        return strategy_class()
    if not _takes_record(strategy_class, taken[0]):
        return strategy_class(**given)
    if config_class is not None:
        return strategy_class(config_class(**given))
    if _wants_mapping(strategy_class, taken[0]):
        return strategy_class(given)
    own_records = [kind for kind in _classes(strategy_class, taken[0]) if kind not in (StrategyConfig, object)]
    if own_records:
        return strategy_class(_own_record(strategy_class, own_records[0], given))
    return strategy_class(OpenConfig(**given) if takes_anything(strategy_class) else StrategyConfig())


def _own_record(strategy_class: type, record: type, given: dict[str, object]) -> object:
    """A parameters' record of the strategy's own making: a dataclass, a pydantic model."""
    try:
        return record(**given)
    except (TypeError, ValueError) as error:
        raise ParameterError(f"{strategy_class.__name__} refuses its parameters {given}: {error}") from error


def _inherits_constructor(strategy_class: type) -> bool:
    return getattr(strategy_class, "__init__", None) is ConfiguredStrategy.__init__


def _takes_record(strategy_class: type, first: inspect.Parameter) -> bool:
    """Whether the constructor takes all parameters in its first argument."""
    if first.kind not in _BY_PLACE:
        return False
    is_config = any(issubclass(kind, StrategyConfig) for kind in _classes(strategy_class, first))
    return is_config or first.name == "config" or _wants_mapping(strategy_class, first)


def _wants_mapping(strategy_class: type, first: inspect.Parameter) -> bool:
    return first.name in ("parameters", "params") or any(
        kind in (dict, Mapping) for kind in _classes(strategy_class, first)
    )


def _classes(strategy_class: type, parameter: inspect.Parameter) -> list[type]:
    """The classes that a parameter's annotation names; text is looked up where the constructor stands."""
    annotation = parameter.annotation
    if annotation is parameter.empty:
        return []
    if isinstance(annotation, str):
        constructor = inspect.getattr_static(strategy_class, "__init__")
        names = {**vars(builtins), "Dict": dict, **getattr(constructor, "__globals__", {})}
        found = [names.get(word) for word in re.findall(r"[A-Za-z_]\w*", annotation)]
    else:
        found = [typing.get_origin(each) or each for each in (annotation, *typing.get_args(annotation))]
    return [each for each in found if inspect.isclass(each) and each not in (type(None), types.UnionType)]


def _check_names(strategy_class: type, given: Mapping[str, object], known: Sequence[str]) -> None:
    name = getattr(strategy_class, "STRATEGY_TYPE", "") or strategy_class.__name__
    for parameter in given:
        if parameter in known:
            continue
        near = get_close_matches(parameter, known, n=1)
        hint = f"Did you mean '{near[0]}'?" if near else f"Known: {', '.join(known)}." if known else "It takes none."
        raise ParameterError(f"{name} has no parameter '{parameter}'. {hint}")


def _words(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"


def parameters_of(strategy: Any) -> dict[str, Any]:
    """A built strategy's parameters by name, as JSON values. Raises StrategyError where they are none."""
    found = getattr(strategy, "parameters", None)
    if found is None:
        config = getattr(strategy, "config", None)
        found = config.model_dump(mode="json") if isinstance(config, StrategyConfig) else config
    if found is None:
        found = {}
    try:
        plain = json.loads(json.dumps(dict(found), allow_nan=False))
    except (TypeError, ValueError) as error:
        raise StrategyError(
            f"{type(strategy).__name__}: its parameters are no JSON values ({error}); a result could not name them"
        ) from error
    return cast("dict[str, Any]", plain)
