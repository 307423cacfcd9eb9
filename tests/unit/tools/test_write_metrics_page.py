"""The page of metrics in the documentation is the one that the catalogue gives."""

from __future__ import annotations

from tools.write_metrics_page import PAGE, render

from hindcast.engine.metrics.catalogue import CATALOGUE


def test_the_page_of_metrics_is_up_to_date():
    assert PAGE.read_text(encoding="utf-8") == render(), "run `python tools/write_metrics_page.py`"


def test_the_page_of_metrics_has_a_row_for_each_metric():
    page = render()
    assert [page.count(f"<br>`{metric.name}`") for metric in CATALOGUE] == [1] * len(CATALOGUE)
