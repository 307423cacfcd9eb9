"""Write docs/reference/http.md from the service's OpenAPI document: `python tools/write_http_page.py`."""

from __future__ import annotations

import json
import re
import shlex
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from hindcast.api.app import create_app
from hindcast.bootstrap import ServiceFactory
from hindcast.settings import load_settings

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "http.md"
SERVER = "http://127.0.0.1:8000"
NAMED_FAILURES = ("404", "409", "502")  # the others are told once, at the top
FRAMEWORKS_WORDS = "Successful Response"
LIMITS = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}
Schema = Mapping[str, Any]

INTRODUCTION = f"""\
# The service over HTTP

`hindcast serve` answers at `{SERVER}/api/v1`; [the tutorial](../tutorial/service.md) goes from its
start to a result. This page is made of the service's OpenAPI document, which is at `/api/v1/openapi.json`.

- **Who asks**: `Authorization: Bearer TOKEN`, with the token that `hindcast serve` shows or with an API key; in server
  mode also the session of a browser that has logged in. What belongs to another user is not there (404).
- **Bodies** are JSON, strictly typed: an unknown field, or `"1"` for a number, is refused. Dates are `1999-01-04`,
  times ISO 8601 in UTC.
- **Lists** come in pages of `limit` items (1 to 200), newest first: `next_cursor` of one page is the `cursor` of the
  next.
- **Changes** take `If-Match` with the `ETag` of what was read: where it has changed since, the answer is 409.
- **Writes that start work** take an `Idempotency-Key`: the same key with the same request is the same write, for 24
  hours, so that a request whose answer was lost can be sent again.
- **Failures** are [problems](#problem), `application/problem+json`, whose `remedy` says what to do next.

Any route may answer 401 or 403 (credentials), 422 (it can't be done as asked; `errors` names the fields), 429 (too many
requests; `Retry-After`), 500 (a failure that is not yours) and 503 (a store does not answer; `Retry-After`); one that
takes a body also 400, 408, 413 and 415 (it is no JSON, too slow, too large, of another media type). Routes name the
others: 404 (there is none of this id that is yours), 409 (it changed meanwhile, its state forbids it, or its
idempotency key came with another request), 502 (a vendor of data failed).

The examples take the token from `$TOKEN`.
"""


def render() -> str:
    """Give the page as text: the routes by tag, then the bodies by name."""
    return _Page(openapi_document()).text()


def openapi_document() -> dict[str, Any]:
    """The OpenAPI document of a service with the default settings."""
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings({"home": folder}, environ={}, cwd=Path(folder))
        document: dict[str, Any] = create_app(ServiceFactory(settings)).openapi()
    return document


class _Page:
    """The page of one document."""

    def __init__(self, document: Schema) -> None:
        self._document = document
        self._schemas: Schema = document["components"]["schemas"]

    def text(self) -> str:
        """The whole page."""
        parts = [INTRODUCTION]
        for tag in self._document["tags"]:
            routes = [self._route(*route) for route in self._operations() if tag["name"] in route[2]["tags"]]
            if routes:
                parts += [f"\n## {tag['name'].capitalize()}\n\n{tag['description']}\n", *routes]
        parts.append("\n## Bodies\n")
        parts += [self._body(name) for name in sorted(self._schemas) if _is_object(self._schemas[name])]
        return "".join(parts)

    def _operations(self) -> Iterator[tuple[str, str, Schema]]:
        for path, methods in self._document["paths"].items():
            for method, operation in methods.items():
                yield method.upper(), path, operation

    def _route(self, method: str, path: str, operation: Schema) -> str:
        said = f"**{operation.get('summary', '')}.** {operation.get('description', '')}".strip()
        parts = [f"\n### {method} {path.removeprefix('/api/v1')}\n\n{said}\n"]
        parameters = [each for each in operation.get("parameters", []) if each["in"] != "path"]
        if parameters:
            rows = [
                (f"`{each['name']}`", each["in"], self._type(each["schema"], null=False), each.get("description", ""))
                for each in parameters
            ]
            parts.append(_table(("Parameter", "In", "Type", "Meaning"), rows))
        if "requestBody" in operation:
            parts.append(f"\nBody: {' or '.join(self._contents(operation['requestBody']))}.\n")
        answers = operation["responses"]
        good = [f"- **{status}** {self._answer(each)}\n" for status, each in answers.items() if status < "400"]
        parts.append("\n" + "".join(good))
        if failures := sorted(status for status in answers if status in NAMED_FAILURES):
            parts.append(f"\nFails with {', '.join(failures)}.\n")
        parts.append(f"\n```console\n$ {self._curl(method, path, operation)}\n```\n")
        return "".join(parts)

    def _contents(self, holder: Schema) -> list[str]:
        return [
            f"{self._type(content['schema'], null=False)} as `{kind}`" if content.get("schema") else f"`{kind}`"
            for kind, content in holder.get("content", {}).items()
        ]

    def _answer(self, answer: Schema) -> str:
        headers = " and ".join(f"`{name}`" for name in answer.get("headers", {}))
        told = ", ".join([*self._contents(answer), *([f"with {headers}"] if headers else [])])
        said = answer["description"].rstrip(".")
        if said == FRAMEWORKS_WORDS:
            return told or "done"
        return f"{said}: {told}" if told else said

    def _curl(self, method: str, path: str, operation: Schema) -> str:
        parts = ["curl -s" if method == "GET" else f"curl -s -X {method}"]
        if operation.get("security"):
            parts.append('-H "Authorization: Bearer $TOKEN"')
        parameters = operation.get("parameters", [])
        if any(each["name"] == "Idempotency-Key" for each in parameters):
            parts.append('-H "Idempotency-Key: a-key-of-your-own"')
        content = operation.get("requestBody", {}).get("content", {})
        if "application/json" in content:
            example = json.dumps(self._example(content["application/json"]["schema"]))
            parts.append(f"-H 'Content-Type: application/json' -d {shlex.quote(example)}")
        elif content:
            parts.append(f"-H 'Content-Type: {next(iter(content))}' --data-binary @FILE")
        needed = [each for each in parameters if each["in"] == "query" and each.get("required")]
        query = urlencode({each["name"]: self._example(each["schema"]) for each in needed}, doseq=True)
        place = re.sub(r"\{(\w+)\}", lambda found: f"${found[1].upper()}", path)
        return " ".join([*parts, f'"{SERVER}{place}{"?" + query if query else ""}"'])

    def _example(self, schema: Schema) -> Any:
        """A value that fits a schema: its own example, else one that is put together of what is required."""
        found = self._resolved(schema)
        if found.get("examples"):
            return found["examples"][0]
        if "default" in found:
            return found["default"]
        if "enum" in found:
            return found["enum"][0]
        if "anyOf" in found:
            return self._example(found["anyOf"][0])
        if found.get("type") == "object":
            named = found.get("properties", {})
            return {name: self._example(named[name]) for name in found.get("required", [])}
        plain: dict[str, Any] = {"string": "text", "integer": 1, "number": 1.0, "boolean": True, "array": []}
        return plain.get(found.get("type", ""))

    def _resolved(self, schema: Schema) -> Schema:
        reference = schema.get("$ref")
        found: Schema = self._schemas[reference.rpartition("/")[2]] if reference else schema
        return found

    def _body(self, name: str) -> str:
        schema = self._schemas[name]
        required = schema.get("required", ())
        said = schema.get("description", "").partition("\n\n")[0].replace("\n", " ")
        rows = [
            (f"`{field}`", self._type(each), "" if field in required else _default(each), each.get("description", ""))
            for field, each in schema.get("properties", {}).items()
        ]
        return f"\n### {name}\n\n{said}\n" + (_table(("Field", "Type", "Default", "Meaning"), rows) if rows else "")

    def _type(self, schema: Schema, *, null: bool = True) -> str:
        """A schema in few words; what is no object has no section of its own, and is told in its place."""
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            found = self._schemas[name]
            return f"[{name}](#{name.lower()})" if _is_object(found) else self._type(found)
        if "const" in schema:
            return f"`{schema['const']}`"
        if "enum" in schema:
            return " or ".join(f"`{word}`" for word in schema["enum"])
        choices = schema.get("anyOf") or schema.get("oneOf")
        if choices:
            return " or ".join(self._type(each) for each in choices if null or each.get("type") != "null")
        kind = str(schema.get("type", "any JSON value"))
        if kind == "array":
            return f"list of {self._type(schema.get('items', {}))}{_bounds(schema, 'minItems', 'maxItems', 'items')}"
        if kind == "string":
            return f"{schema.get('format', 'text')}{_bounds(schema, 'minLength', 'maxLength', 'characters')}"
        return kind + "".join(f", {sign} {schema[name]:g}" for name, sign in LIMITS.items() if name in schema)


def _is_object(schema: Schema) -> bool:
    return schema.get("type") == "object"


def _default(schema: Schema) -> str:
    return f"`{json.dumps(schema['default'])}`" if "default" in schema else "none"


def _bounds(schema: Schema, least: str, most: str, unit: str) -> str:
    if most in schema:
        return f", {schema.get(least, 0)} to {schema[most]} {unit}"
    return f", at least {schema[least]} {unit}" if least in schema else ""


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n" + "".join("| " + " | ".join(_cell(cell) for cell in line) + " |\n" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
    print(f"wrote {PAGE}")
