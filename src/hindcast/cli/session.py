"""What one invocation of the command line works with: settings and services, each made when it is first needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import typer

from hindcast.domain.errors import InputError
from hindcast.settings import Settings, load_settings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from hindcast.bootstrap import ServiceFactory
    from hindcast.domain.backtest import BacktestResult
    from hindcast.strategies.description import StrategyDescription

    RunTables = dict[str, Mapping[str, NDArray[np.generic]]]


class Session:
    """Settings from the global flags, and the services over them."""

    def __init__(self, flags: Mapping[str, object]) -> None:
        self._flags = flags

    def with_flags(self, flags: Mapping[str, object]) -> Session:
        """A session in which a command's own flags come before the global ones; None is a flag that was not given."""
        return Session({**self._flags, **{name: value for name, value in flags.items() if value is not None}})

    @cached_property
    def settings(self) -> Settings:
        """The settings; a broken file is told by the first command that needs them, so that --help always works."""
        return load_settings(self._flags)

    @cached_property
    def services(self) -> ServiceFactory:
        """The services, from the composition root."""
        from hindcast.bootstrap import ServiceFactory

        return ServiceFactory(self.settings)

    def describe(self, strategy_type: str) -> StrategyDescription:
        """A strategy type, from the plug-in folder where it is not a built-in one. Raises UnknownStrategyError."""
        from hindcast.strategies.factory import StrategyFactory

        if strategy_type not in StrategyFactory.types():
            self.services.plugins.load_all()
        return StrategyFactory.describe(strategy_type)

    def tables(self, result: BacktestResult, names: Sequence[str] | None = None) -> RunTables:
        """The tables of a stored result: those named, as far as the run has them, or all."""
        stored = [artefact.name for artefact in result.artefacts if names is None or artefact.name in names]
        return {name: self.services.results.table(result, name) for name in stored}


def session_of(context: typer.Context) -> Session:
    """The session that the global flags opened."""
    session = context.find_object(Session)
    if session is None:
        raise InputError("the command was started without the command line's own flags; start it through `hindcast`")
    return session
