"""Results that an older Hindcast stored can be read."""

from __future__ import annotations

import json
from pathlib import Path

from blake3 import blake3
from tests.contracts.records import a_result

from hindcast.domain.backtest import BacktestResult
from hindcast.domain.certificate import Certificate, Difference, ReplayKind, Verdict
from hindcast.infrastructure.files.documents import DocumentFolder


def test_a_result_of_version_1_has_no_certificate_and_says_so(tmp_path: Path) -> None:
    document = json.loads(a_result().model_dump_json())
    del document["certificate"]
    document["schema_version"] = 1
    body = json.dumps(document).encode()
    named = b'{"content_hash":"%s","document":%s}\n' % (blake3(body).hexdigest().encode(), body)
    (tmp_path / "r1.json").write_bytes(named)
    found = DocumentFolder(tmp_path, BacktestResult).read("r1")
    assert found.certificate == Certificate()
    assert found.certificate.verdict is Verdict.NOT_RUN


def test_a_certificate_is_read_as_it_was_stored(tmp_path: Path) -> None:
    difference = Difference(
        bar=7,
        timestamp=a_result().created_at,
        symbol="SPX",
        column="side",
        cut=9,
        replays=(ReplayKind.TRUNCATED, ReplayKind.NAN),
    )
    certificate = Certificate(
        level="full", verdict=Verdict.LOOK_AHEAD, seed=2**47, bars=100, cuts=10, first_difference=difference
    )
    folder = DocumentFolder(tmp_path, BacktestResult)
    folder.write("r1", a_result(certificate=certificate))
    assert folder.read("r1").certificate == certificate
    assert folder.read("r1").schema_version == 3


def test_a_result_of_version_2_was_made_of_daily_bars_without_versions(tmp_path: Path) -> None:
    document = json.loads(a_result().model_dump_json())
    for name in ("interval", "adjusted", "data_versions"):
        del document[name]
    document["schema_version"] = 2
    body = json.dumps(document).encode()
    named = b'{"content_hash":"%s","document":%s}\n' % (blake3(body).hexdigest().encode(), body)
    (tmp_path / "r1.json").write_bytes(named)
    found = DocumentFolder(tmp_path, BacktestResult).read("r1")
    assert (found.interval, found.adjusted, found.data_versions) == ("1d", False, ())
