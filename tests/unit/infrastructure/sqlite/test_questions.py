"""Every question that the services ask is answered by walking an index, in order, without sorting."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest
from blake3 import blake3

from hindcast.infrastructure.sqlite.layout import LAYOUT
from hindcast.infrastructure.sqlite.store import condition_of
from hindcast.infrastructure.sqlite.tables import select_of, statements
from hindcast.services.documents.kinds import KINDS
from hindcast.services.documents.questions import checked_question
from hindcast.services.ports import Find

OWNED = {"owner": "local"}
BEHIND = (1_700_000_000_000, "b1")
WALKED = {
    "an owner's strategies": ("strategies", Find(where=OWNED)),
    "an owner's strategies, next page": ("strategies", Find(where=OWNED, after=BEHIND)),
    "an owner's strategies of a type": ("strategies", Find(where=OWNED | {"strategy_type": "t"}, after=BEHIND)),
    "an owner's backtests": ("backtests", Find(where=OWNED)),
    "an owner's backtests, next page": ("backtests", Find(where=OWNED, after=BEHIND)),
    "an owner's backtests, oldest first": ("backtests", Find(where=OWNED, descending=False, after=BEHIND)),
    "an owner's backtests in a state": ("backtests", Find(where=OWNED | {"status": "FAILED"}, after=BEHIND)),
    "an owner's backtests of a strategy": ("backtests", Find(where=OWNED | {"strategy_id": "s1"}, after=BEHIND)),
    "what is queued, oldest first": (
        "backtests", Find(where={"status": "QUEUED"}, order="queued_ms", descending=False, limit=8),
    ),
    "whose lease is over": (
        "backtests",
        Find(where={"status": "RUNNING"}, below={"lease_ms": 5}, order="lease_ms", descending=False, limit=8),
    ),
    "all results": ("results", Find()),
    "all results, next page": ("results", Find(after=BEHIND)),
    "an owner's results": ("results", Find(where=OWNED, after=BEHIND)),
    "a backtest's results": ("results", Find(where={"backtest_id": "b1"}, limit=200)),
    "all users": ("users", Find(after=BEHIND)),
    "admins": ("users", Find(where={"role": "admin"})),
    "a user's sessions": ("sessions", Find(where={"user_id": "ann"}, order="expires_ms")),
    "sessions that are over": ("sessions", Find(below={"expires_ms": 5}, order="expires_ms", descending=False)),
    "a user's keys": ("api_keys", Find(where={"user_id": "ann"}, after=BEHIND)),
    "idempotency keys that are over": ("idempotency_keys", Find(below={"created_ms": 5}, descending=False)),
}  # fmt: skip
FILTERED = {
    "an owner's backtests of a strategy in a state": (
        "backtests", Find(where=OWNED | {"strategy_id": "s1", "status": "FAILED"}, after=BEHIND),
    ),
    "old results, a part after the other": ("results", Find(below={"created_ms": 5}, descending=False, after=BEHIND)),
}  # fmt: skip
# A range of one value in the order of another can't be walked: what is found is put in order, the newest few kept
SORTED = {
    "the beginning of a backtest's id": ("results", Find(starting={"backtest_id": "2024"}, limit=200)),
    "the beginning of a manifest's id": ("results", Find(starting={"manifest_id": "ab"}, limit=200)),
}


@pytest.fixture(scope="module")
def connection() -> Iterator[sqlite3.Connection]:
    made = sqlite3.connect(":memory:")
    for statement in statements():
        made.execute(statement)
    yield made
    made.close()


def plan(connection: sqlite3.Connection, kind: str, wanted: Find) -> list[str]:
    condition, values = condition_of(wanted)
    sql = select_of(checked_question(kind, wanted), condition)
    return [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", values)]


@pytest.mark.parametrize("name", WALKED | FILTERED)
def test_a_question_is_answered_along_an_index(connection: sqlite3.Connection, name: str) -> None:
    kind, wanted = (WALKED | FILTERED)[name]
    (step,) = plan(connection, kind, wanted)
    assert f" {kind} USING INDEX {kind}_by_" in step
    assert step.startswith("SEARCH")


@pytest.mark.parametrize("name", WALKED)
def test_a_question_starts_in_the_index_where_its_answer_does(connection: sqlite3.Connection, name: str) -> None:
    """Equalities first, then the range: what is walked over is what is asked for."""
    kind, wanted = WALKED[name]
    (step,) = plan(connection, kind, wanted)
    for field in wanted.where:
        assert f"{field}=?" in step
    if wanted.below:
        assert f"{wanted.order}<?" in step
    if wanted.after is not None:
        way = "<" if wanted.descending else ">"
        assert f"({wanted.order},id){way}(?,?)" in step


@pytest.mark.parametrize("name", SORTED)
def test_the_beginning_of_an_id_uses_an_index_and_sorts_what_it_finds(
    connection: sqlite3.Connection, name: str
) -> None:
    kind, wanted = SORTED[name]
    steps = plan(connection, kind, wanted)
    field = next(iter(wanted.starting))
    assert f"({field}>? AND {field}<?)" in steps[0]


@pytest.mark.parametrize("kind", list(KINDS))
def test_a_document_is_found_by_its_id_in_one_step(connection: sqlite3.Connection, kind: str) -> None:
    sql = select_of(KINDS[kind], "WHERE id = ?")
    ((_, _, _, step),) = connection.execute(f"EXPLAIN QUERY PLAN {sql}", ("x",)).fetchall()
    assert step == f"SEARCH {kind} USING INDEX sqlite_autoindex_{kind}_1 (id=?)"


def test_who_changes_the_tables_raises_the_layouts_version() -> None:
    """Files that are there keep their tables until a higher version completes them."""
    found = blake3("\n".join(statements()).encode()).hexdigest()[:16]
    assert (LAYOUT, found) == (1, "73ed0f8275f4d229"), "raise LAYOUT in layout.py, then write the new pair here"
