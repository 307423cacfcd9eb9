"""Strategies in the terminal: the list, and one with its parameters."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hindcast.cli.run_options import schema_types
from hindcast.cli.screen import program
from hindcast.cli.views.tables import plain_table
from hindcast.reporting.formatting import DASH

if TYPE_CHECKING:
    from rich.console import Console

    from hindcast.strategies.description import StrategyDescription

_BOUNDS = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}
_WORDS = {"integer": "whole number", "number": "number", "boolean": "true or false", "string": "text", "null": "none"}


def print_strategies(
    screen: Console,
    described: Sequence[StrategyDescription],
    sources: Mapping[str, str],
    broken: Mapping[str, str],
    *,
    plugin_dir: Path,
) -> None:
    """A row a strategy, then the plug-ins that could not be loaded, each with its traceback."""
    table = plain_table("Strategy", "What it does", wrapped=("What it does",))
    for found in described:
        source = sources[found.strategy_type]
        table.add_row(found.strategy_type, found.summary + ("" if source == "built-in" else f" ({source})"))
    screen.print(table)
    screen.print(f"`{program()} strategies show TYPE` lists a strategy's parameters.", soft_wrap=True)
    screen.print(f"A Python file in {plugin_dir} adds a strategy.", soft_wrap=True)
    for plugin, error in broken.items():
        screen.print(f"\nbroken: {plugin}", style="bold red", soft_wrap=True)
        screen.print(error, soft_wrap=True)


def print_strategy(screen: Console, found: StrategyDescription) -> None:
    """A strategy's documentation, its parameters, and a command that runs it."""
    screen.print(found.strategy_type, style="bold")
    screen.print(flowing(found.doc) or "Its class has no docstring.")
    properties: Mapping[str, Mapping[str, Any]] = found.parameters_schema.get("properties", {})
    screen.print()
    if properties:
        table = plain_table("Parameter", "Type", "Bounds", ">Default", "Meaning", wrapped=("Meaning",))
        for name, schema in properties.items():
            default = _shown(found.defaults[name]) if name in found.defaults else "required"
            table.add_row(name, type_text(schema), bounds_text(schema), default, schema.get("description", ""))
        screen.print(table)
    elif found.parameters_schema.get("additionalProperties"):
        screen.print("It declares no parameters, and takes any.")
    else:
        screen.print("It has no parameters.")
    given = "".join(
        f" --param {name}={_shown(found.defaults[name]) if name in found.defaults else 'VALUE'}" for name in properties
    )
    screen.print(f"\n{program()} run {found.strategy_type} --symbols SPX{given}", soft_wrap=True)


def flowing(doc: str) -> str:
    """A docstring with each paragraph on one line, for the screen to break; lists, examples and headings stay."""
    return "\n\n".join(
        paragraph if any(line[:1] in " -*>=" for line in paragraph.splitlines()) else " ".join(paragraph.splitlines())
        for paragraph in doc.split("\n\n")
    )


def type_text(schema: Mapping[str, Any]) -> str:
    """The types that a property allows, in words."""
    return " or ".join(_WORDS.get(kind, kind) for kind in schema_types(schema)) or "any"


def bounds_text(schema: Mapping[str, Any]) -> str:
    """The bounds of a property, also those of its choices."""
    if "enum" in schema:
        return " | ".join(str(choice) for choice in schema["enum"])
    said = [f"{sign} {schema[key]:g}" for key, sign in _BOUNDS.items() if key in schema]
    said += [text for choice in schema.get("anyOf", ()) if (text := bounds_text(choice)) != DASH]
    return ", ".join(said) or DASH


def _shown(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=str)
