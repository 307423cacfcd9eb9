"""Numbers and dates as a person reads them; percent appears here and nowhere deeper."""

from __future__ import annotations

import math

DASH = "\N{EN DASH}"
_MINUS = "\N{MINUS SIGN}"


def percent(value: float | None, *, sign: bool = False, digits: int = 1) -> str:
    """A fraction as percent: 0.3126 → 31.3%; None and NaN are a dash."""
    if value is None or not math.isfinite(value):
        return DASH
    return f"{_number(value * 100, digits, sign=sign)}%"


def ratio(value: float | None, *, digits: int = 2) -> str:
    """A plain number with a fixed count of decimals."""
    return DASH if value is None or not math.isfinite(value) else _number(value, digits)


def money(value: float | None, *, sign: bool = False) -> str:
    """Money with thousands and cents; from ten million on, without cents."""
    if value is None or not math.isfinite(value):
        return DASH
    return _number(value, 2 if abs(value) < 1e7 else 0, sign=sign)


def days(value: float | None) -> str:
    """A duration in days, with one decimal below ten."""
    if value is None or not math.isfinite(value):
        return DASH
    text = _number(value, 0 if float(value).is_integer() or abs(value) >= 10 else 1)
    return f"{text} day" if text == "1" else f"{text} days"


def count(value: float | None) -> str:
    """A whole number with thousands."""
    return DASH if value is None or not math.isfinite(value) else _number(value, 0)


def quantity(value: float) -> str:
    """A quantity with as many decimals as it needs, six at most."""
    if not math.isfinite(value):
        return DASH
    text = f"{abs(value):,.6f}".rstrip("0").rstrip(".")
    return f"{_MINUS}{text}" if value < 0 else text


def metric(value: float | None, unit: str) -> str:
    """A metric's value by its catalogue unit: fraction, ratio, money, days or count."""
    if unit == "fraction":
        return percent(value, digits=2)
    return {"ratio": ratio, "money": money, "days": days, "count": count}[unit](value)


def _number(value: float, digits: int, *, sign: bool = False) -> str:
    text = f"{abs(value):,.{digits}f}"
    if not any(digit in text for digit in "123456789"):
        return text  # no minus before a zero
    if value < 0:
        return f"{_MINUS}{text}"
    return f"+{text}" if sign else text
