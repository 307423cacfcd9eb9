"""From the words of `hindcast run` to typed values; what can't be read is told with the option's name."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, NoReturn

from hindcast.domain.errors import DateRangeError, InputError, ParameterError, SymbolError

if TYPE_CHECKING:
    from hindcast.domain.sizing import Sizing


def split_symbols(given: Sequence[str]) -> tuple[str, ...]:
    """The symbols of `--symbols A,B --symbols C`, in that order, each once. Raises SymbolError."""
    symbols = tuple(symbol.strip() for part in given for symbol in part.split(",") if symbol.strip())
    if not symbols:
        raise SymbolError("--symbols names no symbol; expected one or more, such as SPX or AAPL,KO")
    for symbol in symbols:
        if symbols.count(symbol) > 1:
            raise SymbolError(f"--symbols names {symbol} twice; name each symbol once")
    return symbols


def read_day(text: str | None, option: str) -> date | None:
    """A date written as 1999-12-31; None where the option was not given. Raises DateRangeError."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise DateRangeError(f"{option} {text!r} is no date; expected one such as 1999-12-31") from None


def read_range(start: str | None, end: str | None) -> tuple[date | None, date | None]:
    """The days of `--start` and `--end`. Raises DateRangeError for no date, or a start after the end."""
    first, last = read_day(start, "--start"), read_day(end, "--end")
    if first is not None and last is not None and first > last:
        raise DateRangeError(f"--start {first} is after --end {last}: exchange them")
    return first, last


def read_sizing(text: str) -> Sizing:
    """A sizer such as `weight:1.0`, `quantity:10` or `cash:1000`. Raises InputError."""
    from hindcast.domain.sizing import FixedCash, FixedQuantity, TargetWeight

    kind, _, amount = text.partition(":")
    unread = InputError(f"--sizing {text!r} can't be read; expected weight:1.0, quantity:10 or cash:1000")
    try:
        value = float(amount)
    except ValueError:
        raise unread from None
    match kind.strip():
        case "weight":
            return TargetWeight(value)
        case "quantity":
            return FixedQuantity(value)
        case "cash":
            return FixedCash(value)
        case _:
            raise unread


def read_parameters(given: Sequence[str], schema: Mapping[str, Any]) -> dict[str, object]:
    """The values of `--param name=value`, each read as the strategy's schema says. Raises ParameterError.

    What does not fit is left as text: the strategy's own check then tells what it expects.
    """
    properties: Mapping[str, Any] = schema.get("properties", {})
    values: dict[str, object] = {}
    for pair in given:
        name, equals, text = pair.partition("=")
        name = name.strip()
        if not equals or not name:
            raise ParameterError(f"--param {pair!r} can't be read; expected name=value, such as short_window=10")
        if name in values:
            raise ParameterError(f"--param {name} is given twice: {values[name]} and {text}; give it once")
        values[name] = _value(text.strip(), schema_types(properties.get(name, {})))
    return values


def schema_types(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """The JSON types that a property allows; none where it does not say."""
    if "anyOf" in schema:
        return tuple(kind for choice in schema["anyOf"] for kind in schema_types(choice))
    kind = schema.get("type")
    return (kind,) if isinstance(kind, str) else ()


def _value(text: str, types: tuple[str, ...]) -> object:
    if "string" in types and not (text == "null" and "null" in types):
        return text
    try:
        return json.loads(text.lower() if text.lower() in {"true", "false", "none"} else text, parse_constant=_refuse)
    except ValueError:
        return None if text.lower() == "none" and (not types or "null" in types) else text


def _refuse(constant: str) -> NoReturn:
    """NaN and the infinities are no JSON, and no parameter either."""
    raise ValueError(constant)
