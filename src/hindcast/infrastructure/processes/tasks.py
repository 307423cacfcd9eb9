"""Tasks: what a process can be asked for by name."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from pydantic import JsonValue

if TYPE_CHECKING:  # a fresh child begins without numpy, which the ports would load
    from hindcast.services.ports import Tell

    Task = Callable[[Mapping[str, JsonValue], Tell], JsonValue]


def task_named(name: str, tasks: Mapping[str, str]) -> Task:
    """The function of a name in {name: "module:function"}. Raises KeyError, and what importing its module raises."""
    module, _, function = tasks[name].partition(":")
    found: Task = getattr(importlib.import_module(module), function)
    return found
