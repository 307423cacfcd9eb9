"""Every document store gives the answers that the one in memory gives, to whatever is done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.contracts.conftest import empty
from tests.contracts.test_document_stores import KIND, a_document

from hindcast.infrastructure.memory.documents import MemoryDocumentStore
from hindcast.services.ports import DocumentStore, Find

Operation = Callable[[DocumentStore], object]
IDS = st.sampled_from(["a", "A", "b", "b1", "b.1", "c"])
TEXTS = st.sampled_from(["", "a", "ab", "b", "é", "한국", "\ud7ff", "\ue000", "\U0010ffff", "\U0010ffffx"])
NUMBERS = st.integers(-2, 2) | st.sampled_from([2**53 + 1, -(2**63) + 1, 2**63 - 1])
VERSIONS = st.integers(1, 3)


@st.composite
def documents_of_few_values(draw: Any) -> dict[str, Any]:
    return {
        "owner": draw(TEXTS),
        "status": draw(st.sampled_from(["QUEUED", "RUNNING"])),
        "created_ms": draw(NUMBERS),
        "queued_ms": draw(st.none() | NUMBERS),
        "lease_ms": draw(st.none() | NUMBERS),
        "text": draw(st.text(max_size=5).filter(lambda text: text.isprintable())),
    }


@st.composite
def questions(draw: Any) -> Find:
    where = {"owner": TEXTS, "status": st.just("QUEUED"), "queued_ms": st.none() | NUMBERS}
    return Find(
        where=draw(st.fixed_dictionaries({}, optional=where)),
        starting=draw(st.fixed_dictionaries({}, optional={"owner": TEXTS})),
        below=draw(st.fixed_dictionaries({}, optional={"lease_ms": NUMBERS})),
        order=draw(st.sampled_from(["created_ms", "queued_ms"])),
        descending=draw(st.booleans()),
        after=draw(st.none() | st.tuples(NUMBERS, IDS)),
        limit=draw(st.integers(1, 6)),
    )


def inserted(document_id: str, version: int, values: dict[str, Any]) -> Operation:
    return lambda store: store.insert(KIND, a_document(document_id, version=version, **values))


def replaced(document_id: str, version: int, values: dict[str, Any]) -> Operation:
    return lambda store: store.replace(KIND, a_document(document_id, version=version + 1, **values), version=version)


def deleted(document_id: str, version: int) -> Operation:
    return lambda store: store.delete(KIND, document_id, version=version)


def asked(question: Find) -> Operation:
    return lambda store: store.find(KIND, question)


def got(document_id: str) -> Operation:
    return lambda store: store.get(KIND, document_id)


OPERATIONS = st.one_of(
    st.builds(inserted, IDS, VERSIONS, documents_of_few_values()),
    st.builds(replaced, IDS, VERSIONS, documents_of_few_values()),
    st.builds(deleted, IDS, VERSIONS),
    st.builds(asked, questions()),
    st.builds(got, IDS),
)


def test_every_store_answers_as_the_one_in_memory_does(documents: DocumentStore) -> None:
    examples = {"SqliteDocumentStore": 40, "MongoDocumentStore": 12}.get(type(documents).__name__, 10)

    @settings(max_examples=examples)
    @given(st.lists(OPERATIONS, min_size=5, max_size=25), st.lists(questions(), max_size=4))
    def alike(operations: list[Operation], last: list[Find]) -> None:
        empty(documents)
        memory = MemoryDocumentStore()
        for step in [*operations, *(asked(question) for question in last)]:
            assert step(documents) == step(memory)

    alike()
