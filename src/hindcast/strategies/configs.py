"""Parameters of strategies: a typed, bounded record per strategy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import ConfigDict

from hindcast.domain.errors import ParameterError
from hindcast.domain.records import CheckedRecord


class StrategyConfig(CheckedRecord):
    """Parameters of a strategy: fields with types, bounds and defaults; cross-field checks as pydantic validators."""

    error_class = ParameterError

    @property
    def parameters(self) -> dict[str, Any]:
        """All parameters by name, defaults included."""
        return self.model_dump()


class OpenConfig(StrategyConfig):
    """Parameters of a strategy that declares none: whatever is given, read as attribute, item, or from `parameters`."""

    model_config = ConfigDict(frozen=True, extra="allow")

    def get(self, name: str, default: Any = None) -> Any:
        """A parameter, or the default where it was not given."""
        return self.parameters.get(name, default)

    def keys(self) -> Iterator[str]:
        """The names of what was given."""
        return iter(self.parameters)

    def __getitem__(self, name: str) -> Any:
        return self.parameters[name]

    def __contains__(self, name: str) -> bool:
        return name in self.parameters
