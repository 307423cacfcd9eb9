"""The task that checks a strategy: it loads its code, builds it, and runs it on sample bars."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, Field, JsonValue

from hindcast.domain.errors import PluginError
from hindcast.infrastructure.duckdb.features import DuckDbFeatureStore
from hindcast.infrastructure.sample.provider import SampleProvider
from hindcast.services.market_data.data_processor import DataProcessor
from hindcast.services.market_data.ready_made import FeaturesBySize
from hindcast.services.ports import Tell
from hindcast.services.strategy_check.check import check_class
from hindcast.services.strategy_check.sample import Sample
from hindcast.strategies.builtin import BUILTIN_STRATEGIES
from hindcast.strategies.construction import build
from hindcast.strategies.factory import StrategyFactory
from hindcast.strategies.plugin_loader import StrategyPluginLoader


class _Payload(BaseModel):
    strategy_type: str
    parameters: dict[str, JsonValue] = Field(default_factory=dict)
    plugin_dir: str = ""
    file: str | None = None  # None: a built-in type, or one of an installed package
    build_only: bool = False


def check_strategy(payload: Mapping[str, JsonValue], tell: Tell) -> JsonValue:
    """A ValidationReport; with `build_only` nothing, and what is wrong is raised."""
    asked = _Payload.model_validate(payload)
    tell("loading", 0.0)
    strategy_type, strategy_class = _class_of(asked)
    if asked.build_only:
        build(strategy_class, asked.parameters)
        return None
    tell("running on sample bars", 0.1)
    sample = Sample(SampleProvider(), DataProcessor(FeaturesBySize(DuckDbFeatureStore())))
    report: JsonValue = check_class(strategy_class, strategy_type, asked.parameters, sample).model_dump(mode="json")
    return report


def _class_of(asked: _Payload) -> tuple[str, type]:
    """Raises PluginError where the file can't be loaded, UnknownStrategyError where it holds no such type."""
    if asked.file is None:
        if asked.strategy_type not in BUILTIN_STRATEGIES:
            StrategyPluginLoader(Path(asked.plugin_dir)).load_entry_points()
        return asked.strategy_type, StrategyFactory.get(asked.strategy_type)
    found = StrategyPluginLoader(Path(asked.plugin_dir)).load_plugin(asked.file)
    if asked.strategy_type in found:
        return asked.strategy_type, found[asked.strategy_type]
    if asked.strategy_type or len(found) != 1:
        raise PluginError(
            f"{asked.file} holds {', '.join(sorted(found))}; expected a type named {asked.strategy_type!r}"
        )
    return next(iter(found.items()))
