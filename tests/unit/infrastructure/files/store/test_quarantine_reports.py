from __future__ import annotations

import pytest

from hindcast.domain.errors import CorruptDataError, DataError, NotFoundError
from hindcast.infrastructure.files.store.quarantine_reports import FileQuarantineReports

REPORT = {
    "provider": "prices",
    "rows": 1000,
    "bad": [{"row": 7, "reasons": ["zero_price"], "value": 0.0}],
    "note": "삼성",
}


@pytest.fixture
def reports(tmp_path) -> FileQuarantineReports:
    return FileQuarantineReports(tmp_path)


def test_a_report_comes_back_by_its_id(reports):
    assert reports.list() == ()
    report_id = reports.save(REPORT)
    assert reports.get(report_id) == REPORT
    assert reports.list() == (report_id,)


def test_the_same_report_is_kept_once(reports):
    assert reports.save(REPORT) == reports.save(dict(reversed(REPORT.items())))
    other = reports.save(REPORT | {"rows": 2})
    assert set(reports.list()) == {reports.save(REPORT), other}


@pytest.mark.parametrize("report_id", ["", "x", "../bars", "0" * 64])
def test_an_unknown_report_is_not_found(reports, report_id):
    with pytest.raises(NotFoundError, match="no report of an import"):
        reports.get(report_id)


def test_a_changed_report_is_corrupt(reports, tmp_path):
    report_id = reports.save(REPORT)
    (path,) = tmp_path.rglob("*.json")
    path.write_bytes(path.read_bytes().replace(b"1000", b"1001"))
    with pytest.raises(CorruptDataError, match="not what was written"):
        reports.get(report_id)


@pytest.mark.parametrize("value", [float("nan"), object(), {1, 2}])
def test_what_is_no_json_is_refused(reports, value):
    with pytest.raises(DataError, match="can't be kept as JSON"):
        reports.save({"value": value})
    assert reports.list() == ()
