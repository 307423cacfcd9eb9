"""A file has one subject: past 300 lines look for the seam, 500 is the end."""

from __future__ import annotations

from tests.architecture.source_tree import ROOT, python_files

LONGEST = 500
SHAPELESS = {"common", "helper", "helpers", "misc", "util", "utils"}


def test_no_python_file_is_longer_than_500_lines():
    lengths = {
        str(file.relative_to(ROOT)): len(file.read_text(encoding="utf-8").splitlines()) for file in python_files()
    }
    assert lengths, "no Python file was found: the test looks in the wrong place"
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}


def test_no_module_has_a_name_that_says_nothing():
    names = [str(file.relative_to(ROOT)) for file in python_files() if SHAPELESS & set(file.with_suffix("").parts)]
    assert names == []
