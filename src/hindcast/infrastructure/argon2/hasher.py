"""Argon2id: hashes of passwords that take time and memory to try."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import BoundedSemaphore
from typing import Final

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from hindcast.domain.errors import CorruptDataError, RateLimitError

AT_ONCE: Final = 2  # hashes that are made at the same time: each takes its memory
SECONDS_TO_WAIT: Final = 3.0  # for one of these places


@dataclass(frozen=True, slots=True, kw_only=True)
class Argon2Cost:
    """What one hash costs. The defaults are the second recommended choice of RFC 9106: 64 MiB, three passes."""

    passes: int = 3
    memory_kib: int = 65_536
    lanes: int = 4


class Argon2Hasher:
    """A password hasher; hashes carry their parameters, so that older ones are still understood."""

    def __init__(self, cost: Argon2Cost | None = None, *, patience: float = SECONDS_TO_WAIT) -> None:
        chosen = cost or Argon2Cost()
        self._hasher = PasswordHasher(
            time_cost=chosen.passes, memory_cost=chosen.memory_kib, parallelism=chosen.lanes, type=Type.ID
        )
        self._room = BoundedSemaphore(AT_ONCE)
        self._patience = patience

    def hash(self, password: str) -> str:
        """A hash with a salt of its own."""
        with self._place():
            return self._hasher.hash(password)

    def verify(self, password_hash: str, password: str) -> bool:
        """Whether the hash is the password's. Raises CorruptDataError for a text that is no hash."""
        try:
            with self._place():
                return self._hasher.verify(password_hash, password)
        except VerifyMismatchError:
            return False
        except (InvalidHashError, VerificationError) as error:
            raise CorruptDataError("a stored password hash is none of Argon2; set the password again") from error

    def is_outdated(self, password_hash: str) -> bool:
        """Whether it was made with other parameters than those of today."""
        return self._hasher.check_needs_rehash(password_hash)

    @contextmanager
    def _place(self) -> Iterator[None]:
        """One of the few places, waited for a while: a flood of log-ins must not hold all threads."""
        if not self._room.acquire(timeout=self._patience):
            raise RateLimitError("too many passwords are looked at right now", retry_after=self._patience)
        try:
            yield
        finally:
            self._room.release()
