"""The page of the service in the documentation is the one that its OpenAPI document gives."""

from __future__ import annotations

import re

import pytest
from tools.write_http_page import PAGE, openapi_document, render


@pytest.fixture(scope="module")
def page():
    return render()


def test_the_page_of_the_service_is_up_to_date(page):
    assert PAGE.read_text(encoding="utf-8") == page, "run `python tools/write_http_page.py`"


def test_every_route_has_a_section_with_an_example(page):
    sections = re.findall(r"^### (GET|POST|PUT|PATCH|DELETE) (\S+)$", page, flags=re.MULTILINE)
    routes = [
        (method.upper(), path.removeprefix("/api/v1"))
        for path, methods in openapi_document()["paths"].items()
        for method in methods
    ]
    assert sorted(sections) == sorted(routes)
    assert page.count("\n$ curl -s ") == len(routes)


def test_every_link_leads_to_a_section(page):
    sections = {name.lower() for name in re.findall(r"^### (\w+)$", page, flags=re.MULTILINE)}
    assert set(re.findall(r"\]\(#(\w+)\)", page)) <= sections
