"""Write the tables of docs/concepts/data_quality.md from the catalogue: `python tools/write_data_quality_page.py`."""

from __future__ import annotations

import re
from pathlib import Path

from hindcast.services.market_data.quality.bad_bars import BAD_BARS, ODDITIES

PAGE = Path(__file__).resolve().parents[1] / "docs" / "concepts" / "data_quality.md"


def render(page: str) -> str:
    """Give the page with its tables written anew; its words stay."""
    classes = [f"| `{bad.name}` | {bad.meaning} | {bad.fate} | {bad.remedy} |" for bad in BAD_BARS]
    oddities = [f"| `{odd.name}` | {odd.meaning} |" for odd in ODDITIES]
    page = _put(page, "| Class | What it means | What becomes of it | What to do |", classes)
    return _put(page, "| Warning | What it means |", oddities)


def _put(page: str, heading: str, rows: list[str]) -> str:
    table = "\n".join([heading, re.sub(r"[^|]+", " --- ", heading), *rows]) + "\n"
    found, count = re.subn(rf"^{re.escape(heading)}\n(\|.*\n)*", lambda _: table, page, flags=re.MULTILINE)
    if count != 1:
        raise ValueError(f"the heading {heading!r} stands {count} times in {PAGE}; expected once")
    return found


if __name__ == "__main__":
    PAGE.write_text(render(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    print(f"wrote {PAGE}")
