"""Everything that is wrong with a strategy's parameters, not only the first of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from inspect import Parameter
from typing import TYPE_CHECKING, Final

from pydantic import BaseModel, JsonValue, ValidationError

from hindcast.domain.errors import ParameterError, StrategyError
from hindcast.domain.records import LONGEST_VALUE
from hindcast.services.strategy.validation import Finding, FindingCode
from hindcast.strategies.configs import OpenConfig, StrategyConfig
from hindcast.strategies.construction import config_class_of, named_parameters, takes_anything

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

PARAMETERS: Final = "parameters"
_WRONG_TYPES: Final = ("_type", "_parsing", "_from_float", "model_attributes")


def parameter_findings(strategy_class: type, parameters: Mapping[str, JsonValue]) -> tuple[Finding, ...]:
    """What the declaration of a class's parameters says against these.

    Raises StrategyError where the declaration itself fails.
    """
    config_class = config_class_of(strategy_class)
    if config_class is not None and not issubclass(config_class, OpenConfig):
        return tuple(_of_record(config_class, parameters))
    if takes_anything(strategy_class):
        return ()
    return tuple(_of_names(named_parameters(strategy_class), parameters))


def _of_record(config_class: type[StrategyConfig], parameters: Mapping[str, JsonValue]) -> Iterator[Finding]:
    names = list(config_class.model_fields)
    try:
        # The record's own constructor joins all findings into one sentence; here each is wanted.
        BaseModel.__init__(config_class.__new__(config_class), **parameters)
    except ValidationError as error:
        for detail in error.errors():
            yield _finding(detail, names)
    except ParameterError as error:
        yield _refused("parameters_refused", PARAMETERS, str(error))
    except Exception as error:  # the strategy fence: validators are code of users
        raise StrategyError(
            f"{config_class.__qualname__}: its own check of the parameters raised {type(error).__name__}: {error}"
        ) from error


def _finding(detail: ErrorDetails, names: Sequence[str]) -> Finding:
    where = ".".join(str(part) for part in detail["loc"])
    field = f"{PARAMETERS}.{where}" if where else PARAMETERS
    kind = detail["type"]
    if kind == "extra_forbidden":
        return _unknown(where, names)
    if kind == "missing":
        return _missing(where)
    said = _said(where, detail)
    if kind in ("value_error", "assertion_error"):
        return _refused("parameters_contradict" if not where else "parameter_refused", field, said)
    wrong_type = any(kind.endswith(ending) for ending in _WRONG_TYPES)
    return _refused("wrong_type" if wrong_type else "out_of_bounds", field, said)


def _said(where: str, detail: ErrorDetails) -> str:
    said = " ".join(detail["msg"].removeprefix("Value error, ").removeprefix("Assertion failed, ").split())
    if not where:
        return said
    value = repr(detail["input"])
    shown = value if len(value) <= LONGEST_VALUE else f"{value[: LONGEST_VALUE - 1]}…"
    return f"{where} = {shown}: {said[:1].lower()}{said[1:]}"


def _of_names(known: Sequence[Parameter], parameters: Mapping[str, JsonValue]) -> Iterator[Finding]:
    names = [each.name for each in known]
    for name in parameters:
        if name not in names:
            yield _unknown(name, names)
    for each in known:
        if each.default is each.empty and each.name not in parameters:
            yield _missing(each.name)


def _unknown(name: str, known: Sequence[str]) -> Finding:
    near = get_close_matches(name, known, n=1)
    hint = f"Did you mean '{near[0]}'?" if near else f"Known: {', '.join(known)}." if known else "It takes none."
    return Finding(
        code="unknown_parameter",
        severity="error",
        field=f"{PARAMETERS}.{name}",
        message=f"there is no parameter '{name}'. {hint}",
        remedy=f"Call it '{near[0]}', or leave it out." if near else "Leave it out.",
    )


def _missing(name: str) -> Finding:
    return Finding(
        code="missing_parameter",
        severity="error",
        field=f"{PARAMETERS}.{name}",
        message=f"the parameter '{name}' has no default, and was not given",
        remedy=f"Give '{name}' a value.",
    )


def _refused(code: FindingCode, field: str, message: str) -> Finding:
    return Finding(code=code, severity="error", field=field, message=message, remedy=ParameterError.remedy)
