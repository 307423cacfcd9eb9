"""JSON for machines: one document on standard output or in a file, numbers unrounded, undefined as null."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path

from hindcast.cli.output_files import STDOUT, check_writable
from hindcast.reporting.text_file import write_text


def json_text(value: object) -> str:
    """A value of plain types, dates among them, as JSON that ends with a line break; NaN is refused."""
    return json.dumps(value, indent=2, allow_nan=False, default=_as_iso) + "\n"


def _as_iso(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"a {type(value).__name__} is no JSON")


def check_target(target: str | None) -> None:
    """Refuse a file that can't be written, before any work. Raises InputError."""
    if target not in (None, STDOUT):
        check_writable(Path(target), "--json")


def write_json(target: str, value: object) -> None:
    """Write to a file, or to standard output where the target is `-`."""
    if target == STDOUT:
        print_json(value)
    else:
        write_text(Path(target), json_text(value))


def print_json(value: object) -> None:
    """Write to standard output."""
    sys.stdout.write(json_text(value))
