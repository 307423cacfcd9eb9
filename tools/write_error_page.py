"""Write docs/reference/errors.md from the error classes: `python tools/write_error_page.py`."""

from __future__ import annotations

import inspect
from pathlib import Path

from hindcast.api.errors import status_of
from hindcast.domain import errors
from hindcast.domain.errors import HindcastError

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "errors.md"

INTRODUCTION = """\
# Errors

Everything that Hindcast raises on purpose is a `HindcastError`. The message holds the values, what was expected, and
what to do next; the command line prints it as one sentence and ends with the exit code below. `InputError` and
`DataError` are also `ValueError`s. Anything else that comes out is a defect: please report it.

[Over HTTP](http.md) the answer has the status of the last column and is a problem (`application/problem+json`, RFC
9457): `type` is `urn:hindcast:error:` with the class's name in snake case, such as
`urn:hindcast:error:not_found_error`; `detail` is the message, `remedy` what to do, `request_id` what the service's log
has it under.

| Error | Is a | Exit code | What it means | What to do | HTTP |
| --- | --- | --- | --- | --- | --- |
"""


def render() -> str:
    """Give the page as text: one row per class, parents before children, in the order of the source."""
    rows = [_row(kind) for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, HindcastError)]
    return INTRODUCTION + "".join(row for _, row in sorted(rows))


def _row(kind: type[HindcastError]) -> tuple[int, str]:
    parent = kind.__mro__[1].__name__
    meaning = (inspect.getdoc(kind) or "").partition("\n")[0]
    cells = [f"`{kind.__name__}`", f"`{parent}`", str(kind.exit_code), meaning, kind.remedy, str(status_of(kind))]
    return inspect.getsourcelines(kind)[1], "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
    print(f"wrote {PAGE}")
