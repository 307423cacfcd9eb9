"""The tables of the page on data quality are those of the catalogue."""

from __future__ import annotations

import pytest
from tools.write_data_quality_page import PAGE, render

from hindcast.services.market_data.quality.bad_bars import BAD_BARS, ODDITIES


def test_the_tables_of_the_page_are_up_to_date():
    page = PAGE.read_text(encoding="utf-8")
    assert page == render(page), "run `python tools/write_data_quality_page.py`"


def test_the_page_names_each_class_and_each_warning_once_in_its_tables():
    page = PAGE.read_text(encoding="utf-8")
    names = [bad.name for bad in BAD_BARS] + [odd.name for odd in ODDITIES]
    assert [name for name in names if page.count(f"| `{name}` |") != 1] == []


def test_a_page_without_the_tables_is_refused():
    with pytest.raises(ValueError, match="stands 0 times"):
        render("# Data quality\n")
