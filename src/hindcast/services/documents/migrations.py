"""One step for each older schema version of each kind: from that version to the next."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from pydantic import JsonValue

Document = dict[str, JsonValue]
Step = Callable[[Document], Document]


def _only_new_fields(version: int) -> Step:
    """A step for a version that added fields whose defaults say what the older one meant."""

    def step(document: Document) -> Document:
        return {**document, "schema_version": version + 1}

    return step


# (kind, older version) → the step to the next
MIGRATIONS: Final[Mapping[tuple[str, int], Step]] = {
    ("strategies", 1): _only_new_fields(1),
    ("backtests", 1): _only_new_fields(1),
    ("backtests", 2): _only_new_fields(2),
    ("results", 1): _only_new_fields(1),
    ("results", 2): _only_new_fields(2),
    ("results", 3): _only_new_fields(3),
}
