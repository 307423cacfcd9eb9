"""Pins: the text by which a result names the version of the bars that it saw."""

from __future__ import annotations

from collections.abc import Iterable

from hindcast.domain.errors import InputError
from hindcast.domain.intervals import canonical_interval


def pin_text(provider: str, interval: str, version: str) -> str:
    """A version as a result names it: "prices/1d@3f2a…"."""
    return f"{provider}/{interval}@{version}"


def as_pin(provider: str, interval: str, version: str) -> str:
    """A pin of a version's id, or a pin as it is. Raises InputError for a pin of other bars."""
    if "@" not in version:
        return pin_text(provider, canonical_interval(interval), version)
    if pinned_version([version], provider, canonical_interval(interval)) is None:
        raise InputError(f"version {version!r} is of other bars than {provider}/{canonical_interval(interval)}")
    return version


def pinned_version(pins: Iterable[str], provider: str, interval: str) -> str | None:
    """The version that a pin names for these bars; None where none does. Raises InputError for what is no pin."""
    for pin in pins:
        dataset, _, version = pin.partition("@")
        if dataset.count("/") != 1 or not version:
            raise InputError(f"{pin!r} is no data version; expected 'provider/interval@version', as a result names it")
        if dataset == f"{provider}/{interval}":
            return version
    return None
