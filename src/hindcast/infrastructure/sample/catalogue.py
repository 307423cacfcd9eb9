"""The catalogue of the sample data: which symbols there are, in which file, and what a reader must know of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, Literal

from hindcast.domain.errors import CorruptDataError, StorageError
from hindcast.services.ports import SymbolInfo

DATA_FOLDER: Final = Path(__file__).parent / "data"
_INFO_FIELDS: Final = (
    "symbol",
    "name",
    "exchange",
    "currency",
    "kind",
    "first",
    "last",
    "bars",
    "single_price",
    "adjusted",
    "note",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleSymbol:
    """One symbol of the sample data: what every source says of a symbol, and where these prices came from."""

    info: SymbolInfo
    also_known_as: tuple[str, ...]
    returns: Literal["price", "total"]  # total: dividends are in the prices
    repeated_open_share: float | None  # opens that equal the close before, as a fraction of all but the first
    zero_volume_bars: int | None
    file: str
    source: str
    source_version: str
    licence: str


@cache
def load_catalogue(folder: Path = DATA_FOLDER) -> Mapping[str, SampleSymbol]:
    """Every sample symbol by its name, in the catalogue's order. Raises StorageError where it can't be read."""
    path = folder / "catalogue.json"
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))["symbols"]
        symbols = [_symbol(entry) for entry in entries]
    except OSError as error:
        raise StorageError(
            f"the sample data's catalogue {path} can't be read: {error.strerror}; install hindcast-engine again"
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise CorruptDataError(
            f"the sample data's catalogue {path} is damaged ({error!r}); install hindcast-engine again"
        ) from error
    return {symbol.info.symbol: symbol for symbol in symbols}


def _symbol(entry: dict[str, object]) -> SampleSymbol:
    rest = dict(entry)
    info = SymbolInfo(**{name: rest.pop(name) for name in _INFO_FIELDS})  # type: ignore[arg-type]  # JSON is untyped
    names = rest.pop("also_known_as")
    return SampleSymbol(info=info, also_known_as=tuple(names), **rest)  # type: ignore[arg-type]  # JSON is untyped
