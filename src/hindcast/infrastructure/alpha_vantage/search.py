"""The vendor's matches of a search."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from hindcast.domain.errors import ProviderResponseError, UnknownSymbolError
from hindcast.infrastructure.alpha_vantage.answers import Answer
from hindcast.infrastructure.alpha_vantage.symbols import instrument_of
from hindcast.services.ports import SymbolInfo

_KEY: Final = "bestMatches"
_KINDS: Final = {"equity": "equity", "etf": "etf", "index": "index"}
_LONGEST: Final = 200


def parse_matches(answer: Answer, label: str) -> tuple[SymbolInfo, ...]:
    """The matches as symbols; bars and dates are not known of them. Raises ProviderResponseError."""
    rows = answer.get(_KEY) if answer else []
    if not isinstance(rows, list):
        raise ProviderResponseError(f"{label}: the answer has no list '{_KEY}'")
    found = []
    for row in rows:
        if not isinstance(row, dict):
            raise ProviderResponseError(f"{label}: a match is a {type(row).__name__}; expected its fields")
        fields = {str(key).partition(". ")[2]: str(value)[:_LONGEST] for key, value in row.items()}
        if not fields.get("symbol"):
            raise ProviderResponseError(f"{label}: a match has no symbol")
        found.append(_info(fields))
    return tuple(found)


def _info(fields: Mapping[str, str]) -> SymbolInfo:
    symbol = fields["symbol"]
    kind = fields.get("type", "").casefold()
    try:
        exchange = instrument_of(symbol).market.calendar
    except UnknownSymbolError:
        exchange = ""
    return SymbolInfo(
        symbol=symbol,
        name=fields.get("name", ""),
        exchange=exchange,
        currency=fields.get("currency", ""),
        kind=_KINDS.get(kind, "other"),
        first="",
        last="",
        bars=0,
        note=fields.get("region", ""),
    )
