from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from tests.unit.infrastructure.files.store.clean_series import KNOWN_AT, USD, days, missing

from hindcast.domain.errors import CorruptDataError, NotFoundError
from hindcast.infrastructure.files.store.blobs import FolderBlobs
from hindcast.infrastructure.files.store.data_manifests import (
    ActionRows,
    Entry,
    Manifest,
    Piece,
    find_manifest,
    load_manifest,
    manifest_bytes,
    manifest_name,
    parse_manifest,
    version_of,
    write_manifest,
)

FILE = "ab" * 32
MANIFEST = Manifest(
    provider="prices",
    interval="1d",
    parent="cd" * 32,
    known_at=KNOWN_AT,
    reason="import",
    changed=("A", "삼성"),
    restated=("A",),
    files={FILE: 7},
    series={
        "A": Entry(
            terms=replace(USD, notes=("one", "two"), adjusted=True),
            pieces=(
                Piece(file=FILE, row_start=0, rows=3, first=-5, last=7),
                Piece(file=FILE, row_start=3, rows=4, first=8, last=9),
            ),
            covered=(days("2024-01-01", "2024-01-31"), days("2024-03-01", "2024-03-31")),
            unavailable=(missing("1999-01-01", "2023-12-31"),),
            actions=ActionRows(file=FILE, row_start=2, rows=5),
        ),
        "삼성": Entry(terms=USD),
        "../x": Entry(terms=USD, actions=ActionRows(file="")),
    },
)


@pytest.fixture
def blobs(tmp_path) -> FolderBlobs:
    return FolderBlobs(tmp_path)


def test_a_manifest_comes_back_as_it_was_written(blobs):
    digest = write_manifest(blobs, MANIFEST)
    assert load_manifest(blobs, digest) == MANIFEST
    assert find_manifest(blobs, digest, "prices", "1d") == MANIFEST
    version = version_of(digest, MANIFEST)
    assert (version.id, version.symbols, version.rows, version.restated) == (digest, 3, 7, ("A",))


def test_a_manifest_has_one_text_whatever_the_order_it_was_made_in():
    turned = replace(MANIFEST, series=dict(reversed(list(MANIFEST.series.items()))))
    assert manifest_bytes(turned) == manifest_bytes(MANIFEST)
    elsewhere = MANIFEST.known_at.astimezone(timezone(timedelta(hours=9)))
    assert manifest_bytes(replace(MANIFEST, known_at=elsewhere)) == manifest_bytes(MANIFEST)
    assert json.loads(manifest_bytes(MANIFEST))["known_at"] == datetime(2024, 5, 1, 12, tzinfo=UTC).isoformat()


def test_a_manifest_of_a_newer_hindcast_is_refused(blobs):
    newer = manifest_bytes(MANIFEST).replace(b'"schema_version":1', b'"schema_version":2')
    with pytest.raises(CorruptDataError, match="schema version 2, this Hindcast reads up to 1: use a newer Hindcast"):
        parse_manifest("here", newer)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b"null",
        b'{"schema_version":1}',
        b'{"schema_version":"1"}',
        manifest_bytes(MANIFEST).replace(b'"2024-01-01","2024-01-31"', b'"2024-01-31","2024-01-01"'),
        manifest_bytes(MANIFEST).replace(b'"currency"', b'"currencies"'),
        manifest_bytes(MANIFEST).replace(b"2024-05-01T12", b"2024-13-01T12"),
        manifest_bytes(MANIFEST).replace(b'",0,3,-5,7]', b'",0,3,-5]'),
        "\udcff".encode(errors="surrogateescape"),
    ],
)
def test_what_is_no_manifest_is_corrupt(content):
    with pytest.raises(CorruptDataError, match="here"):
        parse_manifest("here", content)


def test_a_manifest_that_is_gone_is_corrupt_where_it_is_named_and_not_found_where_it_is_asked_for(blobs, tmp_path):
    digest = write_manifest(blobs, MANIFEST)
    (tmp_path / manifest_name(digest)).unlink()
    with pytest.raises(CorruptDataError, match="is gone"):
        load_manifest(blobs, digest)
    with pytest.raises(NotFoundError, match="no version"):
        find_manifest(blobs, digest, "prices", "1d")


def test_a_manifest_is_parsed_once_and_its_bytes_are_verified_each_time(blobs):
    digest = write_manifest(blobs, MANIFEST)
    assert load_manifest(blobs, digest) is load_manifest(blobs, digest)
    path = Path(blobs.location(manifest_name(digest)))
    path.write_bytes(path.read_bytes().replace(b"import", b"export", 1))
    with pytest.raises(CorruptDataError):
        load_manifest(blobs, digest)
