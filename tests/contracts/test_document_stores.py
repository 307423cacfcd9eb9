"""What every document store promises, whatever keeps its documents."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import product

import pytest

from hindcast.domain.errors import InputError
from hindcast.services.documents.codec import content_hash
from hindcast.services.documents.kinds import BACKTESTS
from hindcast.services.ports import DocumentStore, Find, IndexValue, StoredDocument

KIND = "backtests"
INDEX: Mapping[str, IndexValue] = {
    "owner": "local", "status": "PENDING", "strategy_id": "s1", "created_ms": 0, "queued_ms": None, "lease_ms": None,
}  # fmt: skip


def a_document(document_id: str = "b1", *, version: int = 1, text: str = "{}", **index: IndexValue) -> StoredDocument:
    assert set(INDEX) == set(BACKTESTS.fields)
    return StoredDocument(
        id=document_id,
        version=version,
        schema_version=3,
        document=text,
        content_hash=content_hash(text),
        index={**INDEX, **index},
    )


def ids(documents: DocumentStore, **question: object) -> list[str]:
    return [each.id for each in documents.find(KIND, Find(**question))]  # type: ignore[arg-type]  # a question's fields


def test_a_document_comes_back_as_it_was_inserted(documents: DocumentStore) -> None:
    made = a_document(text='{"a":[1,2.5,null]}', queued_ms=2**53 + 1, created_ms=-5, lease_ms=0)
    assert documents.insert(KIND, made)
    assert documents.get(KIND, "b1") == made
    assert documents.find(KIND, Find()) == (made,)


def test_an_id_that_is_taken_is_refused_and_nothing_changes(documents: DocumentStore) -> None:
    first = a_document(text='"first"')
    assert documents.insert(KIND, first)
    assert not documents.insert(KIND, a_document(text='"second"', version=7, owner="somebody"))
    assert documents.get(KIND, "b1") == first
    assert documents.find(KIND, Find()) == (first,)


def test_what_is_not_there_is_none(documents: DocumentStore) -> None:
    assert documents.get(KIND, "b1") is None
    assert documents.find(KIND, Find()) == ()
    assert not documents.replace(KIND, a_document(version=2), version=1)
    assert not documents.delete(KIND, "b1", version=1)
    assert documents.get(KIND, "b1") is None


def test_the_same_id_in_two_kinds_is_two_documents(documents: DocumentStore) -> None:
    assert documents.insert(KIND, a_document("x1"))
    strategy = replace(a_document("x1"), index={"owner": "local", "strategy_type": "t", "created_ms": 0})
    assert documents.insert("strategies", strategy)
    assert documents.delete(KIND, "x1", version=1)
    assert documents.get("strategies", "x1") == strategy


def test_a_replacement_takes_the_place_of_the_version_that_it_names_alone(documents: DocumentStore) -> None:
    documents.insert(KIND, a_document())
    second = a_document(version=2, text='"second"', owner="somebody", created_ms=9, lease_ms=4)
    assert not documents.replace(KIND, second, version=2)
    assert documents.replace(KIND, second, version=1)
    assert documents.get(KIND, "b1") == second
    assert not documents.replace(KIND, a_document(version=2, text='"late"'), version=1)
    assert documents.get(KIND, "b1") == second
    assert ids(documents, where={"owner": "somebody"}, below={"lease_ms": 5}) == ["b1"]
    assert ids(documents, where={"owner": "local"}) == []


def test_a_document_is_taken_away_in_the_version_that_is_named_alone(documents: DocumentStore) -> None:
    documents.insert(KIND, a_document(version=3))
    assert not documents.delete(KIND, "b1", version=2)
    assert documents.get(KIND, "b1") is not None
    assert documents.delete(KIND, "b1", version=3)
    assert documents.get(KIND, "b1") is None
    assert documents.find(KIND, Find()) == ()
    assert documents.insert(KIND, a_document())


def test_ids_are_held_apart_by_case_and_by_every_character(documents: DocumentStore) -> None:
    made = [a_document(each, text=json.dumps(each)) for each in ("b1", "B1", "b.1", "b-1", "b_1", "b1.", "b11", "1")]
    for each in made:
        assert documents.insert(KIND, each)
    assert [documents.get(KIND, each.id) for each in made] == made
    assert documents.get(KIND, "b 1") is None


@pytest.mark.parametrize(
    "text",
    [
        '"it\'s \\"quoted\\"; DROP TABLE backtests; --"',
        '"삼성전자 ✓ 𝄞 e\\u0301 é \\u0000 \\ud83d"',
        '{"$where":"1","a.b":{"$gt":""}}',
        '"line\\nline\\r\\n\\t"',
        '" 	"',
        "",
        '"' + "Hindcast " * 120_000 + '"',
    ],
    ids=["quotes", "unicode", "operators", "lines", "blanks", "empty", "one megabyte"],
)
def test_every_text_comes_back_character_for_character(documents: DocumentStore, text: str) -> None:
    made = a_document(text=text)
    assert documents.insert(KIND, made)
    later = a_document(text=f"{text} ", version=2)
    assert documents.get(KIND, "b1") == made
    assert documents.replace(KIND, later, version=1)
    assert documents.find(KIND, Find()) == (later,)


@pytest.mark.parametrize(
    "value", ["it's", '"', "%", "_", "\\", "$where", "a.b", "é", "삼성", " ", "", "NULL", "0", "*"]
)
def test_a_value_is_found_as_it_is_and_never_read_as_a_pattern(documents: DocumentStore, value: str) -> None:
    documents.insert(KIND, a_document("yes", owner=value))
    documents.insert(KIND, a_document("no", owner=f"{value}x"))
    documents.insert(KIND, a_document("none", owner="another"))
    assert ids(documents, where={"owner": value}) == ["yes"]
    assert set(ids(documents, starting={"owner": f"{value}x"})) == {"no"}


def test_none_is_a_value_that_can_be_asked_for_and_that_no_range_holds(documents: DocumentStore) -> None:
    documents.insert(KIND, a_document("none"))
    documents.insert(KIND, a_document("some", lease_ms=5))
    documents.insert(KIND, a_document("zero", lease_ms=0))
    assert ids(documents, where={"lease_ms": None}) == ["none"]
    assert ids(documents, below={"lease_ms": 6}, descending=False) == ["some", "zero"]
    assert ids(documents, below={"lease_ms": 5}) == ["zero"]
    assert ids(documents, below={"lease_ms": 0}) == []


def test_what_has_no_number_to_be_ordered_by_is_not_in_the_list(documents: DocumentStore) -> None:
    documents.insert(KIND, a_document("none"))
    documents.insert(KIND, a_document("later", queued_ms=9))
    documents.insert(KIND, a_document("first", queued_ms=-9))
    assert ids(documents, order="queued_ms", descending=False) == ["first", "later"]


def test_all_terms_of_a_question_hold_at_once(documents: DocumentStore) -> None:
    for owner, status, lease in product(("ann", "anna", "bob"), ("RUNNING", "QUEUED"), (1, 2, None)):
        documents.insert(KIND, a_document(f"{owner}.{status}.{lease}", owner=owner, status=status, lease_ms=lease))
    found = ids(documents, where={"status": "RUNNING"}, starting={"owner": "ann"}, below={"lease_ms": 2})
    assert found == ["anna.RUNNING.1", "ann.RUNNING.1"]


def test_an_empty_beginning_is_the_beginning_of_every_text(documents: DocumentStore) -> None:
    documents.insert(KIND, a_document("b1", owner=""))
    documents.insert(KIND, a_document("b2", owner="\U0010ffff\U0010ffff"))
    assert set(ids(documents, starting={"owner": ""})) == {"b1", "b2"}
    assert ids(documents, starting={"owner": "\U0010ffff"}) == ["b2"]


@pytest.mark.parametrize("descending", [True, False])
def test_pages_of_any_size_show_each_document_once_in_order_and_ties_by_id(
    documents: DocumentStore, descending: bool
) -> None:
    for number in range(12):
        documents.insert(KIND, a_document(f"b{number}", created_ms=number // 4))
    whole = sorted(((number // 4, f"b{number}") for number in range(12)), reverse=descending)
    for size in (1, 3, 5, 12, 50):
        shown: list[tuple[int, str]] = []
        after: tuple[int, str] | None = None
        while page := documents.find(KIND, Find(descending=descending, after=after, limit=size)):
            assert len(page) <= size
            shown += [(int(str(each.index["created_ms"])), each.id) for each in page]
            after = shown[-1]
        assert shown == whole


def test_a_page_goes_on_behind_a_document_that_is_gone(documents: DocumentStore) -> None:
    for number in range(6):
        documents.insert(KIND, a_document(f"b{number}", created_ms=number))
    documents.delete(KIND, "b3", version=1)
    assert ids(documents, after=(3, "b3")) == ["b2", "b1", "b0"]
    assert ids(documents, after=(3, "b3"), descending=False) == ["b4", "b5"]
    assert ids(documents, after=(-1, "b0")) == []


@pytest.mark.parametrize(
    ("kind", "question"),
    [
        ("nothing", {}),
        ("backtests; DROP TABLE backtests", {}),
        (KIND, {"order": "id; DROP TABLE backtests"}),
        (KIND, {"order": "owner"}),
        (KIND, {"order": "document"}),
        (KIND, {"where": {"name": "x"}}),
        (KIND, {"where": {"1=1 OR owner": "x"}}),
        (KIND, {"where": {"owner": 5}}),
        (KIND, {"where": {"lease_ms": "5"}}),
        (KIND, {"where": {"lease_ms": True}}),
        (KIND, {"where": {"lease_ms": 2**63}}),
        (KIND, {"where": {"owner": "\ud800"}}),
        (KIND, {"where": {"owner": {"$gt": ""}}}),
        (KIND, {"starting": {"lease_ms": "5"}}),
        (KIND, {"below": {"owner": 5}}),
        (KIND, {"after": ("5", "b1")}),
        (KIND, {"after": (5, 1)}),
        (KIND, {"limit": 0}),
        (KIND, {"limit": -1}),
    ],
)
def test_what_is_no_question_of_index_fields_is_refused(
    documents: DocumentStore, kind: str, question: dict[str, object]
) -> None:
    documents.insert(KIND, a_document())
    with pytest.raises(InputError):
        documents.find(kind, Find(**question))  # type: ignore[arg-type]  # a question's fields
    assert ids(documents) == ["b1"]


def test_no_change_of_many_threads_is_lost(documents: DocumentStore) -> None:
    threads, each = 8, 12
    documents.insert(KIND, a_document(text="0"))
    failures: list[BaseException] = []

    def count() -> None:
        try:
            for _ in range(each):
                done = False
                while not done:
                    stored = documents.get(KIND, "b1")
                    assert stored is not None
                    version = stored.version
                    changed = a_document(text=str(int(stored.document) + 1), version=version + 1)
                    done = documents.replace(KIND, changed, version=version)
        except BaseException as error:
            failures.append(error)
            raise

    together(count, threads)
    assert failures == []
    stored = documents.get(KIND, "b1")
    assert stored is not None
    assert (stored.document, stored.version) == (str(threads * each), threads * each + 1)


def test_of_many_that_insert_the_same_id_at_once_one_does(documents: DocumentStore) -> None:
    done: list[bool] = []
    for turn in range(5):
        together(lambda: done.append(documents.insert(KIND, a_document(f"b{turn}"))), 8)  # noqa: B023  # ended by then
    assert sum(done) == 5
    assert len(done) == 40


def test_of_many_that_take_the_same_version_away_at_once_one_does(documents: DocumentStore) -> None:
    done: list[bool] = []
    documents.insert(KIND, a_document())
    together(lambda: done.append(documents.delete(KIND, "b1", version=1)), 8)
    assert sum(done) == 1


def test_the_clock_tells_epoch_milliseconds_and_goes_on(documents: DocumentStore) -> None:
    before = documents.now()
    time.sleep(0.02)
    after = documents.now()
    assert before < after < before + 60_000
    assert abs(after - time.time() * 1000) < 60_000


def test_a_store_that_was_closed_answers_whoever_asks_again(documents: DocumentStore) -> None:
    documents.ping()
    documents.insert(KIND, a_document())
    documents.close()
    documents.close()
    assert documents.get(KIND, "b1") == a_document()


def together(work: Callable[[], object], count: int) -> None:
    """Do the same in several threads that start at once."""
    barrier = threading.Barrier(count)

    def run() -> None:
        barrier.wait(10)
        work()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
