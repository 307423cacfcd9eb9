"""The pages hold together: each link leads to a page and a heading, and each page can be reached."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.architecture.source_tree import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "plugins").rglob("*.md")])
LINK = re.compile(r"\[[^\]]+\]\((?!https?:|mailto:)([^)#\s]+)(?:#[^)]*)?\)")
ANCHOR = re.compile(r"\[[^\]]+\]\((?!https?:|mailto:)([^)#\s]*)#([^)\s]+)\)")


def headings_of(page: Path) -> set[str]:
    """The anchors of a page: its headings in lower case, without punctuation, with hyphens for spaces."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    headings = (
        re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", found) for found in re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    )
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def links_of(page: Path) -> list[Path]:
    """The files that a page's relative links point to."""
    return [(page.parent / target).resolve() for target in LINK.findall(page.read_text(encoding="utf-8"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_relative_link_leads_to_a_file(page: Path):
    assert [str(target) for target in links_of(page) if not target.exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_to_a_heading_leads_to_one(page: Path):
    anchors = ANCHOR.findall(page.read_text(encoding="utf-8"))
    assert [
        f"{target}#{anchor}"
        for target, anchor in anchors
        if anchor not in headings_of((page.parent / target).resolve() if target else page)
    ] == []


def test_every_page_of_the_documentation_can_be_reached_from_the_readme():
    reached: set[Path] = set()
    queue = [ROOT / "README.md"]
    while queue:
        page = queue.pop()
        if page not in reached and page.suffix == ".md":
            reached.add(page)
            queue.extend(target for target in links_of(page) if target.is_file())
    documentation = {page for page in PAGES if page.is_relative_to(ROOT / "docs")}
    assert sorted(str(page.relative_to(ROOT)) for page in documentation - reached) == []
