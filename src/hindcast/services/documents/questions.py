"""What may be asked of a document store: the index fields of a kind, by values of their type."""

from __future__ import annotations

from typing import Any, Final

from hindcast.domain.errors import InputError
from hindcast.services.documents.kinds import KINDS, Kind
from hindcast.services.ports import Find, IndexValue

_LAST_CHARACTER: Final = 0x10FFFF
_SURROGATES: Final = range(0xD800, 0xE000)


def checked_question(kind: str, wanted: Find) -> Kind[Any]:
    """The kind that a question is about.

    Every store calls this first: what it lets through are names from KINDS, texts and whole numbers of 64 bits. Raises
    InputError.
    """
    known = known_kind(kind)
    for name, value in wanted.where.items():
        _check(known, name, known.fields, value)
    for name, text in wanted.starting.items():
        _check(known, name, known.texts, text)
    for name, limit in wanted.below.items():
        _check(known, name, known.numbers, limit)
    _check(known, wanted.order, known.numbers, 0 if wanted.after is None else wanted.after[0])
    if wanted.after is not None:
        _check_text(wanted.after[1])
    if wanted.limit < 1:
        raise InputError(f"limit={wanted.limit}: at least one document must be asked for")
    return known


def known_kind(kind: str) -> Kind[Any]:
    """The kind of this name. Raises InputError."""
    found = KINDS.get(kind)
    if found is None:
        raise InputError(f"there are no documents of the kind {kind!r}; there are: {', '.join(KINDS)}")
    return found


def first_behind(text: str) -> str | None:
    """The first text that is greater than all that begin with this one; None where there is none."""
    for place in range(len(text) - 1, -1, -1):
        character = ord(text[place]) + 1
        if character in _SURROGATES:
            character = _SURROGATES.stop
        if character <= _LAST_CHARACTER:
            return text[:place] + chr(character)
    return None


def _check(kind: Kind[Any], name: str, allowed: tuple[str, ...], value: IndexValue) -> None:
    if name not in allowed:
        raise InputError(f"{kind.name} can't be asked for by {name!r} in this way; there are: {', '.join(allowed)}")
    if value is None:
        return
    if name in kind.texts:
        _check_text(value)
    elif not isinstance(value, int) or isinstance(value, bool) or abs(value) >= 2**63:
        raise InputError(f"{name} = {value!r}: expected a whole number of at most 63 bits")


def _check_text(value: object) -> None:
    if not isinstance(value, str) or not _is_unicode(value):
        raise InputError(f"{value!r}: expected text that is Unicode")


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
