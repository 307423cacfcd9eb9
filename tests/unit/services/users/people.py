"""Users over documents in memory, with hashes that cost nothing and a clock that is set by hand."""

from __future__ import annotations

from dataclasses import dataclass, field

from hindcast.infrastructure.memory.documents import MemoryDocumentStore
from hindcast.services.users.api_keys import ApiKeyService
from hindcast.services.users.sessions import SessionService
from hindcast.services.users.user_access import UserAccess
from hindcast.services.users.users import UserService

PASSWORD = "correct horse battery"


@dataclass
class CountingHasher:
    """Hashes that anybody can read; counts how often it was asked."""

    version: str = "v1"
    verified: int = 0
    made: list[str] = field(default_factory=list)

    def hash(self, password: str) -> str:
        self.made.append(password)
        return f"{self.version}:{password}"

    def verify(self, password_hash: str, password: str) -> bool:
        self.verified += 1
        return password_hash.partition(":")[2] == password

    def is_outdated(self, password_hash: str) -> bool:
        return not password_hash.startswith(f"{self.version}:")


@dataclass
class Clock:
    """Epoch milliseconds, set by hand."""

    now: int = 1_800_000_000_000

    def __call__(self) -> int:
        return self.now

    def pass_seconds(self, seconds: float) -> None:
        self.now += int(seconds * 1000)


class People:
    """The services of users over one store."""

    def __init__(self, hasher: CountingHasher | None = None) -> None:
        self.clock = Clock()
        self.hasher = hasher or CountingHasher()
        self.documents = MemoryDocumentStore(self.clock)
        self.sessions = SessionService(self.documents)
        self.users = UserService(self.documents, self.hasher, self.sessions)
        self.keys = ApiKeyService(self.documents)
        self.access = UserAccess(self.users, self.sessions, self.keys)
