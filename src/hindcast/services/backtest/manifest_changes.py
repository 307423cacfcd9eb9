"""What a result depends on, then and now: the changes that may explain a difference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from pydantic import JsonValue

from hindcast.domain.backtest import RunManifest
from hindcast.domain.verification import Cause, CauseKind
from hindcast.services.backtest.environment import environment
from hindcast.services.backtest.manifest import class_hash, engine_version
from hindcast.services.backtest.source_hash import engine_hash

_HASHES: Final[tuple[tuple[CauseKind, str], ...]] = (
    ("data", "data_hash"),
    ("benchmark", "benchmark_hash"),
    ("strategy", "strategy_type"),
    ("strategy", "strategy_hash"),
)
_ENGINE: Final = ("engine_version", "engine_hash")


def manifest_changes(then: RunManifest, now: RunManifest) -> tuple[Cause, ...]:
    """Every field of the manifest that is not what it was, the data first, the environment last."""
    return tuple(_changes(then, now))


def code_changes(then: RunManifest, strategy_class: type | None) -> tuple[Cause, ...]:
    """What has changed of strategy code, engine and environment, where there is no new run to compare with."""
    now: dict[str, object] = {
        "engine_version": engine_version(),
        "engine_hash": engine_hash(),
        "environment": dict(environment()),
    }
    if strategy_class is not None:
        now["strategy_hash"] = class_hash(strategy_class)
    return manifest_changes(then, then.model_copy(update=now))


def _changes(then: RunManifest, now: RunManifest) -> Iterator[Cause]:
    for kind, name in _HASHES:
        yield from _change(kind, name, getattr(then, name), getattr(now, name))
    yield from _mapping_changes("parameters", then.parameters, now.parameters)
    yield from _mapping_changes("config", then.config, now.config)
    yield from _mapping_changes("config", _named_sources(then.model_hashes), _named_sources(now.model_hashes))
    for name in _ENGINE:
        yield from _change("engine", name, getattr(then, name), getattr(now, name))
    yield from _environment_changes(then.environment, now.environment)


def _change(kind: CauseKind, name: str, then: JsonValue, now: JsonValue) -> Iterator[Cause]:
    if then != now:
        yield Cause(kind=kind, name=name, then=then, now=now)


def _mapping_changes(kind: CauseKind, then: Mapping[str, JsonValue], now: Mapping[str, JsonValue]) -> Iterator[Cause]:
    for name in [*then, *(name for name in now if name not in then)]:
        if name not in then or name not in now:
            said = "was not there then" if name not in then else "is not there now"
            yield Cause(kind=kind, name=name, then=then.get(name), now=now.get(name), said=said)
        else:
            yield from _change(kind, name, then[name], now[name])


def _named_sources(hashes: Mapping[str, str]) -> dict[str, JsonValue]:
    """The sources of the user's own models, told apart from the settings that they stand in."""
    return {f"{name} (source)": found for name, found in hashes.items()}


def _environment_changes(then: Mapping[str, str], now: Mapping[str, str]) -> Iterator[Cause]:
    """Of what was written down then; the hash of all packages only where no package named explains it."""
    changed = [name for name, value in then.items() if name != "lock" and now.get(name) != value]
    for name in changed:
        yield Cause(kind="environment", name=name, then=then[name], now=now.get(name))
    lock = then.get("lock")
    if lock is not None and lock != now.get("lock") and not any(_is_package(name) for name in changed):
        said = "a package that the manifest does not name was installed, removed or replaced"
        yield Cause(kind="environment", name="lock", then=lock, now=now.get("lock"), said=said)


def _is_package(name: str) -> bool:
    return name not in ("python", "platform", "cpu")
