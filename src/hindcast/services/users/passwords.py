"""The rule for names and passwords."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from hindcast.domain.errors import InputError
from hindcast.domain.strategy import LOCAL_OWNER

SHORTEST: Final = 12
LONGEST: Final = 1_024
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def user_id_of(name: str) -> str:
    """The id of a user's name: two names can't differ by case alone. Raises InputError for what can't be a name."""
    if not _NAME.fullmatch(name):
        raise InputError(
            f"{name[:80]!r} can't be a user's name: expected 1 to 64 letters, digits, '.', '_' or '-', the first a "
            "letter or digit"
        )
    user_id = name.lower()
    if user_id == LOCAL_OWNER:
        raise InputError(f"{name!r} can't be a user's name: what local mode and the command line store belongs to it")
    return user_id


def checked_password(password: str, *, name: str) -> str:
    """A new password, in the one spelling that its characters have. Raises InputError; never shows the password."""
    spelled = spelled_password(password)
    if spelled is None:
        raise InputError("the password is no valid Unicode text")
    if not SHORTEST <= len(spelled) <= LONGEST:
        raise InputError(
            f"the password has {len(spelled)} characters: expected {SHORTEST} to {LONGEST}; a few words that you "
            "remember will do"
        )
    if spelled.casefold() == unicodedata.normalize("NFKC", name).casefold():
        raise InputError("the password is the user's name: choose another")
    return spelled


def spelled_password(password: str) -> str | None:
    """The password as it is hashed: the same characters, typed on whichever system; None for no valid Unicode."""
    if len(password) > LONGEST * 4:
        return password  # too long to be one, and too long to look at
    try:
        password.encode("utf-8")
    except UnicodeEncodeError:
        return None
    return unicodedata.normalize("NFKC", password)
