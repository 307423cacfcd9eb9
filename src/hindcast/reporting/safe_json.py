"""JSON that may stand inside a script element, whatever its strings hold."""

from __future__ import annotations

import json

_ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def script_json(value: object) -> str:
    """Compact JSON of plain values, with everything escaped that could end the element; NaN is refused."""
    return escape_json(json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False))


def escape_json(text: str) -> str:
    """Ready JSON made safe: `<`, `>`, `&` can only stand in strings, where an escape means the same."""
    for character, escape in _ESCAPES.items():
        text = text.replace(character, escape)
    return text
