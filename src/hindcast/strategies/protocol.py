"""What a strategy is: the protocol, and the base class that most strategies extend."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Protocol, runtime_checkable

from hindcast.domain.errors import ParameterError
from hindcast.engine.bars import Bars
from hindcast.strategies.configs import OpenConfig, StrategyConfig


@runtime_checkable
class TradingStrategy(Protocol):
    """The four steps of any strategy; `data` is Bars, or one long pandas frame (see `long_frame`)."""

    def initialize(self, data: Any) -> None:
        """Prepare for these bars."""
        ...

    def calculate_indicators(self, data: Any) -> Any:
        """Further columns: named arrays, or the frame with more columns."""
        ...

    def generate_signals(self, data: Any) -> Any:
        """Decisions."""
        ...

    def validate_parameters(self) -> Any:
        """Check the parameters: raise, or answer False."""
        ...


class ConfiguredStrategy:
    """What vectorised and event-driven strategies share: a type's name, declared parameters, the steps before a run."""

    STRATEGY_TYPE: ClassVar[str] = ""
    Config: ClassVar[type[StrategyConfig]] = StrategyConfig

    def __init__(self, config: StrategyConfig | Mapping[str, object] | None = None, **parameters: object) -> None:
        if isinstance(config, StrategyConfig) and not parameters:
            self.config = config
            return
        if config is not None and not isinstance(config, StrategyConfig | Mapping):
            raise ParameterError(
                f"config is a {type(config).__name__}; expected {self.Config.__name__} or a mapping of parameters"
            )
        given = dict(config.model_dump() if isinstance(config, StrategyConfig) else config or {})
        # A constructor of its own that declares nothing reads what it knows; then nothing can be unknown here.
        reads_by_hand = self.Config is StrategyConfig and type(self).__init__ is not ConfiguredStrategy.__init__
        self.config = (OpenConfig if reads_by_hand else self.Config)(**{**given, **parameters})

    def __repr__(self) -> str:
        settings = ", ".join(f"{name}={value!r}" for name, value in self.parameters.items())
        return f"{type(self).__name__}({settings})"

    @property
    def parameters(self) -> dict[str, Any]:
        """The parameters by name, defaults included."""
        return self.config.model_dump(mode="json")

    def validate_parameters(self) -> None:
        """Check what `Config` can't say. Raises ParameterError."""

    def initialize(self, data: Bars) -> None:
        """Prepare for these bars; called once, before everything else."""

    def calculate_indicators(self, data: Bars) -> Mapping[str, Any]:
        """Named (T, S) columns computed from the bars, once, before the run."""
        return {}


class BaseStrategy(ConfiguredStrategy, ABC):
    """A vectorised strategy: columns in, columns out.

    A subclass names itself in `STRATEGY_TYPE`, declares its parameters in a nested `Config`, and implements
    `generate_signals`. The parameters, checked against `Config`, stand in `self.config`. Before a run the steps are
    called in this order: validate_parameters, initialize, calculate_indicators, generate_signals; what
    `calculate_indicators` returns stands in `data.indicators` when signals are made.
    """

    @property
    def warm_up(self) -> int | None:
        """Bars before the first decision that counts; signals before it are ignored, and counted in the result.

        None: as many as `calculate_indicators` needs, that is until each of its columns has held a value for at least
        one symbol. 0: none, whatever the indicators hold.
        """
        return None

    @abstractmethod
    def generate_signals(self, data: Bars) -> Any:
        """Decisions: `Signals`, a DataFrame of target weights (T, S), or a list of `StrategySignal`."""
