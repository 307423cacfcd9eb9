"""Documents in this process's memory: for runs that are forgotten, and for tests."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock

from hindcast.services.documents.kinds import KINDS
from hindcast.services.documents.questions import checked_question, known_kind
from hindcast.services.ports import Find, StoredDocument


class MemoryDocumentStore:
    """A document store that forgets when the process ends."""

    def __init__(self, clock: Callable[[], int] = lambda: time.time_ns() // 1_000_000) -> None:
        self._clock = clock
        self._lock = Lock()
        self._kinds: dict[str, dict[str, StoredDocument]] = {kind: {} for kind in KINDS}

    def now(self) -> int:
        """Epoch milliseconds."""
        return self._clock()

    def insert(self, kind: str, document: StoredDocument) -> bool:
        """Keep a new document; False where the id is taken."""
        with self._lock:
            return self._kinds[known_kind(kind).name].setdefault(document.id, document) is document

    def get(self, kind: str, document_id: str) -> StoredDocument | None:
        """The document of this id."""
        return self._kinds[known_kind(kind).name].get(document_id)

    def replace(self, kind: str, document: StoredDocument, *, version: int) -> bool:
        """Put it in the place of the one with its id and this version."""
        with self._lock:
            stored = self._kinds[kind].get(document.id)
            if stored is None or stored.version != version:
                return False
            self._kinds[kind][document.id] = document
            return True

    def delete(self, kind: str, document_id: str, *, version: int) -> bool:
        """Take away the one of this id and version."""
        with self._lock:
            stored = self._kinds[kind].get(document_id)
            if stored is None or stored.version != version:
                return False
            del self._kinds[kind][document_id]
            return True

    def find(self, kind: str, wanted: Find) -> tuple[StoredDocument, ...]:
        """The documents that a question asks for, in its order."""
        checked_question(kind, wanted)
        with self._lock:
            documents = list(self._kinds[kind].values())
        found = [
            (number, each.id, each)
            for each in documents
            if all(each.index[name] == value for name, value in wanted.where.items())
            and all(_begins(each.index[name], text) for name, text in wanted.starting.items())
            and all(_is_below(each.index[name], limit) for name, limit in wanted.below.items())
            and isinstance(number := each.index[wanted.order], int)
        ]
        found.sort(key=lambda each: each[:2], reverse=wanted.descending)
        if wanted.after is not None:
            place = wanted.after
            found = [each for each in found if (each[:2] < place if wanted.descending else each[:2] > place)]
        return tuple(each[2] for each in found[: wanted.limit])

    def ping(self) -> None:
        """It always answers."""

    def close(self) -> None:
        """Nothing to close."""


def _begins(value: object, text: str) -> bool:
    return isinstance(value, str) and value.startswith(text)


def _is_below(value: object, limit: int) -> bool:
    return isinstance(value, int) and value < limit
