"""Files that a command writes: refused early."""

from __future__ import annotations

import json
import os

import pytest

from hindcast.cli.machine_json import check_target, json_text, write_json
from hindcast.cli.output_files import check_writable
from hindcast.domain.errors import InputError


def test_a_file_in_an_existing_folder_may_be_written_and_is_not_made_by_the_check(tmp_path):
    check_writable(tmp_path / "out.json", "--json")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_does_not_exist_is_refused_with_the_option(tmp_path):
    with pytest.raises(InputError, match=r"--report .*report.html can't be written: there is no folder"):
        check_writable(tmp_path / "missing" / "report.html", "--report")


def test_a_folder_in_place_of_a_file_is_refused(tmp_path):
    with pytest.raises(InputError, match="is a folder; name a file in it"):
        check_writable(tmp_path, "--json")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_refused(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(InputError, match="Permission denied"):
        check_writable(tmp_path / "out.json", "--json")


def test_json_goes_to_the_file_or_with_a_dash_to_standard_output(tmp_path, capsys):
    write_json(str(tmp_path / "out.json"), {"value": None})
    assert json.loads((tmp_path / "out.json").read_text()) == {"value": None}
    assert capsys.readouterr().out == ""
    write_json("-", {"value": 1.5})
    assert json.loads(capsys.readouterr().out) == {"value": 1.5}


def test_json_never_holds_nan():
    with pytest.raises(ValueError, match="JSON compliant"):
        json_text({"value": float("nan")})


def test_standard_output_needs_no_check_and_a_file_does(tmp_path):
    check_target(None)
    check_target("-")
    with pytest.raises(InputError, match="--json"):
        check_target(str(tmp_path / "missing" / "out.json"))
