"""Names of what is stored: a provider's bars of one interval, and its symbols. Only checked names become paths."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from hindcast.domain.errors import InputError, SymbolError
from hindcast.domain.intervals import canonical_interval
from hindcast.infrastructure.files.store.data_manifests import Manifest

_PROVIDER: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,40}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """A provider's bars of one interval, and where their pointer and lock stand."""

    provider: str
    interval: str

    @classmethod
    def of(cls, provider: object, interval: object) -> Dataset:
        """Checked names. Raises InputError: a name that is no name never becomes a path."""
        if not isinstance(provider, str) or not _PROVIDER.fullmatch(provider):
            raise InputError(
                f"provider={provider!r}; expected 1 to 41 lower-case letters, digits, '_' or '-', the first a letter "
                "or digit"
            )
        return cls(provider=provider, interval=canonical_interval(interval))

    @property
    def pointer(self) -> str:
        """Names the newest version."""
        return f"datasets/{self.provider}/{self.interval}/current"

    @property
    def lock(self) -> str:
        """Held by the one that publishes."""
        return f"datasets/{self.provider}/{self.interval}/lock"

    def empty(self, known_at: datetime) -> Manifest:
        """What there is before the first publication."""
        return Manifest(
            provider=self.provider, interval=self.interval, parent=None, known_at=known_at, reason="nothing yet"
        )


def symbol_names(symbols: Sequence[object]) -> tuple[str, ...]:
    """Symbols, each once and at least one. Raises SymbolError."""
    if not symbols:
        raise SymbolError("no symbol was named; name at least one")
    seen: dict[str, None] = {}
    for name in (symbols,) if isinstance(symbols, str) else symbols:
        if not isinstance(name, str) or not name.strip() or "\0" in name or not _is_text(name):
            raise SymbolError(f"symbol {name!r} is no name: expected text")
        if name in seen:
            raise SymbolError(f"symbol {name!r} is named twice; name each symbol once")
        seen[name] = None
    return tuple(seen)


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
