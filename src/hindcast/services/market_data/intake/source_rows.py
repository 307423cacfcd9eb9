"""What a source of files hands to the importer: rows of one symbol, or a file that holds none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from hindcast.services.ports import BarRows


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SourceRows(BarRows):
    """One symbol's rows with what the source itself says of them."""

    currency: str = ""  # ISO 4217, where a column says so
    adjusted: bool = False  # prices hold corporate actions already, by the source's form
    splits_in_prices: bool = False  # its source divides prices by splits that came later; those of its rows are undone
    details: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # class of bad bar → its first cases in words


@dataclass(frozen=True, slots=True, kw_only=True)
class UnusableFile:
    """A file (or frame) that can't be read as bars: why, in words that say what to do."""

    origin: str
    rule: str  # a structural class of bad bar, or "unknown_layout"
    message: str
