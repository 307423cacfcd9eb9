"""Splits and dividends as the vendor lists them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final, Literal

from hindcast.domain.errors import DataError, ProviderResponseError
from hindcast.domain.market_data import CorporateAction
from hindcast.infrastructure.alpha_vantage.answers import Answer
from hindcast.infrastructure.alpha_vantage.parsing import read_number

_FIELDS: Final = {"SPLITS": ("effective_date", "split_factor"), "DIVIDENDS": ("ex_dividend_date", "amount")}


def parse_actions(
    answer: Answer, function: Literal["SPLITS", "DIVIDENDS"], symbol: str, today: date
) -> tuple[CorporateAction, ...]:
    """The splits or dividends that have taken effect until today, by day.

    Announced ones are left out: they would change prices before their day. The same entry twice counts once; several
    dividends of one day are summed.

    Raises
    ------
    ProviderResponseError
        The answer is of another symbol, in another form, or has a value that can't be.
    """
    label = f"{function} of {symbol}"
    rows = answer.get("data")
    given = answer.get("symbol")
    if not isinstance(rows, list):
        raise ProviderResponseError(f"{label}: the answer has no list 'data'")
    if not isinstance(given, str) or given.casefold() != symbol.casefold():
        raise ProviderResponseError(f"{label}: the answer's symbol is {str(given)[:40]!r}; expected {symbol!r}")
    found: dict[date, float] = {}
    for day, value in _entries(rows, function, label):
        if day > today:
            continue
        if function == "SPLITS" and found.get(day, value) != value:
            raise ProviderResponseError(f"{label}: two splits on {day}, {found[day]:g} and {value:g}")
        found[day] = value if function == "SPLITS" else found.get(day, 0.0) + value
    kind: Literal["split", "dividend"] = "split" if function == "SPLITS" else "dividend"
    try:
        return tuple(CorporateAction(day=day, kind=kind, value=value) for day, value in sorted(found.items()))
    except DataError as error:
        raise ProviderResponseError(f"{label}: {error}") from None


def _entries(rows: Iterable[object], function: str, label: str) -> list[tuple[date, float]]:
    """Day and value of each entry; without those that say nothing: no day, no amount, a factor of 1."""
    day_field, value_field = _FIELDS[function]
    nothing = 1.0 if function == "SPLITS" else 0.0
    found = []
    seen: set[tuple[tuple[str, str], ...]] = set()
    for row in rows:
        if not isinstance(row, dict) or not {day_field, value_field} <= row.keys():
            raise ProviderResponseError(f"{label}: an entry has no '{day_field}' and '{value_field}'")
        entry = tuple(sorted((str(key), str(value)) for key, value in row.items()))
        if entry in seen:
            continue
        seen.add(entry)
        value, is_text = read_number(row[value_field])
        day = _day(row, day_field, label)
        if is_text:
            raise ProviderResponseError(f"{label}: {value_field} is {str(row[value_field])[:40]!r}; expected a number")
        if day is not None and value == value and value != nothing:  # noqa: PLR0124  # not NaN: an amount of "None"
            found.append((day, value))
    return found


def _day(row: Mapping[str, object], field: str, label: str) -> date | None:
    text = str(row[field]).strip()
    if text.casefold() in {"", "none", "null", "0000-00-00"}:
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise ProviderResponseError(f"{label}: {field} is {text[:40]!r}; expected a day") from None
