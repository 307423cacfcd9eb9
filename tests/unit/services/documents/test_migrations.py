"""Each schema version that was ever written is read as what it meant; its document is kept in tests/data/documents."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from tests.contracts.stores import stored_documents

from hindcast.domain.backtest import BacktestStatus
from hindcast.domain.certificate import Verdict
from hindcast.domain.errors import CorruptDataError
from hindcast.domain.jobs import Job
from hindcast.services.documents.codec import content_hash, decode, encode, newest_version
from hindcast.services.documents.collection import Collection
from hindcast.services.documents.kinds import KINDS
from hindcast.services.documents.migrations import MIGRATIONS
from hindcast.services.ports import StoredDocument

FOLDER = Path(__file__).parents[3] / "data" / "documents"
WRITTEN = [(kind.name, version) for kind in KINDS.values() for version in range(1, newest_version(kind) + 1)]
# (kind, version) → what such a document means in today's words, beside what stands in it by the same name
MEANT: dict[tuple[str, int], dict[str, Any]] = {
    ("strategies", 1): {"owner": "local", "revision": 1, "created_at": None, "updated_at": None},
    ("strategies", 2): {"owner": "ann", "revision": 3, "name": "교차 5/20"},
    ("backtests", 1): {
        "owner": "local", "revision": 1, "created_at": None, "strategy": None, "job": Job(),
        "interval": "1d", "adjusted": False, "data_versions": (), "status": BacktestStatus.COMPLETED,
    },
    ("backtests", 2): {
        "owner": "local", "revision": 1, "created_at": None, "strategy": None, "job": Job(),
        "status": BacktestStatus.FAILED,
    },
    ("backtests", 3): {
        "owner": "ann", "job.fence": 3, "job.attempt": 2, "strategy.parameters": {"short_window": 5, "long_window": 20},
    },
    ("results", 1): {
        "id": "", "owner": "local", "certificate.verdict": Verdict.NOT_RUN, "interval": "1d", "adjusted": False,
        "data_versions": (), "lane": "vectorised", "books_deviation": None,
    },
    ("results", 2): {
        "id": "", "owner": "local", "certificate.verdict": Verdict.PASSED, "interval": "1d", "adjusted": False,
        "data_versions": (),
    },
    ("results", 3): {"id": "", "owner": "local", "certificate.verdict": Verdict.PASSED},
    ("results", 4): {"owner": "ann"},
    ("users", 1): {"name": "Ann", "role": "admin"},
    ("sessions", 1): {"user_id": "ann"},
    ("api_keys", 1): {"scope": "write", "expires_at": None},
    ("idempotency_keys", 1): {"owner": "ann"},
}  # fmt: skip


def fixture(kind: str, version: int) -> dict[str, Any]:
    path = FOLDER / f"{kind}-{version}.json"
    assert path.is_file(), f"{path.name}: keep a document of every schema version that was ever written"
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return document


def stored(kind: str, version: int) -> StoredDocument:
    document = fixture(kind, version)
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    document_id = document.get("id") or document["backtest_id"]
    return StoredDocument(
        id=document_id, version=1, schema_version=version, document=text, content_hash=content_hash(text), index={}
    )


def plain(value: Any) -> Any:
    return json.loads(json.dumps(value))


@pytest.mark.parametrize(("kind", "version"), WRITTEN)
def test_a_document_of_every_version_is_read_as_what_it_meant(kind: str, version: int) -> None:
    record = decode(KINDS[kind], stored(kind, version))
    assert record.schema_version == newest_version(KINDS[kind])
    for path, expected in MEANT[kind, version].items():
        found: Any = record
        for name in path.split("."):
            found = getattr(found, name)
        assert found == expected, path


@pytest.mark.parametrize(("kind", "version"), WRITTEN)
def test_no_value_of_an_older_document_is_lost_or_changed(kind: str, version: int) -> None:
    document = fixture(kind, version)
    assert document["schema_version"] == version
    today = plain(decode(KINDS[kind], stored(kind, version)).model_dump(mode="json"))
    assert_holds(today, {name: value for name, value in document.items() if name != "schema_version"}, "")


@pytest.mark.parametrize(("kind", "version"), WRITTEN)
def test_a_document_that_was_read_and_written_again_is_todays_and_reads_the_same(kind: str, version: int) -> None:
    record = decode(KINDS[kind], stored(kind, version))
    written = encode(KINDS[kind], record, version=2)
    assert written.schema_version == newest_version(KINDS[kind])
    assert json.loads(written.document)["schema_version"] == written.schema_version
    assert decode(KINDS[kind], written) == record


def test_there_is_a_step_from_every_older_version_of_every_kind_and_none_besides() -> None:
    older = {(kind.name, version) for kind in KINDS.values() for version in range(1, newest_version(kind))}
    assert set(MIGRATIONS) == older, "whoever raises a schema version writes the step that leads to it"


def test_there_is_a_document_and_a_meaning_for_every_version_of_every_kind_and_none_besides() -> None:
    kept = {path.name for path in FOLDER.iterdir()}
    assert kept == {f"{kind}-{version}.json" for kind, version in WRITTEN}
    assert set(MEANT) == set(WRITTEN)


@pytest.mark.parametrize("step", MIGRATIONS, ids=lambda step: "-".join(map(str, step)))
def test_a_step_leaves_what_it_was_given_as_it_was_and_goes_one_version_further(step: tuple[str, int]) -> None:
    given = fixture(*step)
    before = json.dumps(given)
    assert MIGRATIONS[step](given)["schema_version"] == step[1] + 1
    assert json.dumps(given) == before


@pytest.mark.parametrize("kind", list(KINDS))
def test_a_version_of_tomorrow_is_refused_and_says_what_to_do(kind: str) -> None:
    newest = newest_version(KINDS[kind])
    document = {**fixture(kind, newest), "schema_version": newest + 1, "of_tomorrow": True}
    text = json.dumps(document)
    newer = StoredDocument(
        id="x1", version=1, schema_version=newest + 1, document=text, content_hash=content_hash(text), index={}
    )
    said = f"{KINDS[kind].record.__name__} 'x1' has schema version {newest + 1}, this Hindcast reads up to {newest}: "
    with pytest.raises(CorruptDataError, match=re.escape(said + "use a newer one")):
        decode(KINDS[kind], newer)


@pytest.mark.parametrize(("kind", "version"), [each for each in WRITTEN if each in MIGRATIONS])
def test_an_older_document_is_listed_changed_and_written_in_todays_version(
    tmp_path: Path, kind: str, version: int
) -> None:
    documents = stored_documents(tmp_path)
    given = stored(kind, version)
    record = decode(KINDS[kind], given)
    index = KINDS[kind].index_of(record)
    documents.insert(kind, StoredDocument(**{**_fields(given), "index": index}))
    collection = Collection(documents, KINDS[kind])
    assert collection.page({}).items == (record,)
    changed = collection.change(given.id, lambda each: each.model_copy(update={"name": "another"}))
    assert changed == collection.get(given.id)
    kept = documents.get(kind, given.id)
    assert kept is not None
    assert (kept.schema_version, kept.version) == (newest_version(KINDS[kind]), 2)


def _fields(document: StoredDocument) -> dict[str, Any]:
    return {name: getattr(document, name) for name in StoredDocument.__slots__}


def assert_holds(today: Any, older: Any, where: str) -> None:
    """All that stood in an older document stands in today's; moments may be spelled otherwise."""
    if isinstance(older, dict):
        for name, value in older.items():
            assert name in today, f"{where}.{name}"
            assert_holds(today[name], value, f"{where}.{name}")
    elif isinstance(older, list):
        assert len(today) == len(older), where
        for number, (now, then) in enumerate(zip(today, older, strict=True)):
            assert_holds(now, then, f"{where}[{number}]")
    else:
        assert today == older, where
