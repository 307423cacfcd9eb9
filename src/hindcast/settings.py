"""Settings: flags over environment over `hindcast.toml` over defaults, and where each value came from."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal

from pydantic import SecretStr

from hindcast.domain.errors import ConfigError

FILE_NAME: Final = "hindcast.toml"
ENVIRONMENT_PREFIX: Final = "HINDCAST_"
DEFAULT: Final = "default"
MASK: Final = "********"


Value = Path | str | int | SecretStr


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingDefinition:
    """One setting: its name in `hindcast.toml`; the environment and the flag derive theirs from it."""

    name: str
    summary: str
    kind: Literal["path", "text", "secret", "count"] = "path"
    choices: tuple[str, ...] = ()  # of a text: what it may be
    least: int = 0  # of a count
    most: int | None = None

    @property
    def variable(self) -> str:
        """The environment variable."""
        return f"{ENVIRONMENT_PREFIX}{self.name.upper()}"

    @property
    def flag(self) -> str:
        """The command line's flag."""
        return f"--{self.name.replace('_', '-')}"


DEFINITIONS: Final = (
    SettingDefinition(name="home", summary="The data folder: results, strategies and backtests are kept there"),
    SettingDefinition(name="plugin_dir", summary="The plug-in folder: each Python file in it is a strategy"),
    SettingDefinition(name="alpha_vantage_key", summary="The key that Alpha Vantage gave you", kind="secret"),
    SettingDefinition(name="alpha_vantage_url", summary="Where Alpha Vantage is asked", kind="text"),
    SettingDefinition(
        name="alpha_vantage_per_second", summary="Requests per second that your plan allows (0: any)", kind="count"
    ),
    SettingDefinition(
        name="alpha_vantage_per_minute", summary="Requests per minute that your plan allows (0: any)", kind="count"
    ),
    SettingDefinition(
        name="alpha_vantage_per_day", summary="Requests per day that your plan allows (0: any)", kind="count"
    ),
    SettingDefinition(name="redis_url", summary="A Redis server for the cache; else it is in memory", kind="secret"),
    SettingDefinition(
        name="mongodb_url",
        summary="A MongoDB server for users, strategies, backtests and results; else they are in the data folder",
        kind="secret",
    ),
    SettingDefinition(name="mongodb_database", summary="The database on that server", kind="text"),
    SettingDefinition(
        name="mode",
        summary="`local`: one user with a token; `server`: users who log in",
        kind="text",
        choices=("local", "server"),
    ),
    SettingDefinition(name="token", summary="The token of the local mode; else each start makes one", kind="secret"),
    SettingDefinition(name="host", summary="The address that the service listens on", kind="text"),
    SettingDefinition(
        name="port", summary="The port that the service listens on (0: any that is free)", kind="count", most=65_535
    ),
    SettingDefinition(
        name="allowed_hosts",
        summary="Names that the service may be called by, with commas between; `*`: any (server mode)",
        kind="text",
    ),
    SettingDefinition(
        name="requests_per_second", summary="Requests per second that a user may make (0: any)", kind="count"
    ),
    SettingDefinition(name="workers", summary="Backtests that a worker runs at once (0: one a core)", kind="count"),
    SettingDefinition(name="job_seconds", summary="How long one backtest may take", kind="count", least=1),
    SettingDefinition(name="job_memory_mb", summary="Memory that one backtest may take", kind="count", least=64),
)
ALPHA_VANTAGE_URL: Final = "https://www.alphavantage.co/query"
_NAMES: Final = tuple(definition.name for definition in DEFINITIONS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What one process works with. `origins` tells of each setting where its value came from."""

    home: Path
    plugin_dir: Path
    origins: Mapping[str, str]
    alpha_vantage_key: SecretStr | None = None
    alpha_vantage_url: str = ALPHA_VANTAGE_URL
    alpha_vantage_per_second: int = 1  # the free plan's limits
    alpha_vantage_per_minute: int = 0
    alpha_vantage_per_day: int = 25
    redis_url: SecretStr | None = None
    mongodb_url: SecretStr | None = None
    mongodb_database: str = "hindcast"
    mode: str = "local"
    token: SecretStr | None = None
    host: str = "127.0.0.1"
    port: int = 8000
    allowed_hosts: str = "*"
    requests_per_second: int = 50
    workers: int = 0
    job_seconds: int = 900
    job_memory_mb: int = 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """A value, and where it was found."""

    value: Value
    origin: str

    @property
    def path(self) -> Path:
        """The value of a setting that is a path."""
        return Path(str(self.value))


def load_settings(
    flags: Mapping[str, object] | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> Settings:
    """Gather the settings: flags over environment over `hindcast.toml` (working folder, then home) over defaults.

    Parameters
    ----------
    flags
        Values by setting name; None is a flag that was not given.
    environ
        The environment, by default the process's. A variable that is empty counts as not set.
    cwd
        The working folder, by default the process's.

    Raises
    ------
    ConfigError
        A setting that does not exist, a value that is no path or no number, or a file that is not TOML.
    """
    folder = Path.cwd() if cwd is None else cwd
    given = _from_flags(flags or {}, folder) | {
        name: found
        for name, found in _from_environment(os.environ if environ is None else environ, folder).items()
        if (flags or {}).get(name) is None
    }
    local_file = folder / FILE_NAME
    given = _from_file(local_file, shown=FILE_NAME) | given
    home = given.get("home") or _Found(value=_platform_folder(), origin=DEFAULT)
    home_file = home.path / FILE_NAME
    if not (home_file.exists() and local_file.exists() and home_file.samefile(local_file)):
        kept_there = _from_file(home_file, shown=str(home_file))
        if "home" in kept_there:
            raise ConfigError(
                f"{home_file} sets home, but it is only found once home is known; set home in "
                f"{FILE_NAME} of the working folder, or by HINDCAST_HOME"
            )
        given = kept_there | given
    plugin_dir = given.get("plugin_dir") or _Found(value=_default_plugin_dir(folder, home.path), origin=DEFAULT)
    for name, found in (("home", home), ("plugin_dir", plugin_dir)):
        if found.path.exists() and not found.path.is_dir():
            raise ConfigError(f"{name} is {found.value} ({found.origin}), which is a file; expected a folder")
    given |= {"home": home, "plugin_dir": plugin_dir}
    values: dict[str, Any] = {name: found.value for name, found in given.items()}
    origins = {name: given[name].origin if name in given else DEFAULT for name in _NAMES}
    return Settings(**values, origins=MappingProxyType(origins))


def shown_value(value: object) -> str:
    """A setting's value as it may be printed: secrets are masked."""
    if value is None:
        return "not set"
    return MASK if isinstance(value, SecretStr) else str(value)


def _from_flags(flags: Mapping[str, object], folder: Path) -> dict[str, _Found]:
    for name in flags:
        if name not in _NAMES:
            raise ConfigError(f"there is no setting '{name}'. {_nearest(name)}")
    return {
        definition.name: _read(definition, flags[definition.name], folder, f"flag {definition.flag}")
        for definition in DEFINITIONS
        if flags.get(definition.name) is not None
    }


def _from_environment(environ: Mapping[str, str], folder: Path) -> dict[str, _Found]:
    return {
        definition.name: _read(definition, environ[definition.variable], folder, f"environment {definition.variable}")
        for definition in DEFINITIONS
        if environ.get(definition.variable)
    }


def _from_file(file: Path, *, shown: str) -> dict[str, _Found]:
    """What a file sets; nothing where there is no file. Relative paths start at the file's folder."""
    if not file.is_file():
        return {}
    import tomllib

    try:
        values = tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f'{file} is not TOML: {error}. A setting is a line such as home = "/path"') from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{file} is not UTF-8 text: {error}") from error
    except OSError as error:
        raise ConfigError(f"{file} can't be read: {error.strerror or error}") from error
    for name in values:
        if name not in _NAMES:
            raise ConfigError(f"{file} sets '{name}', which is no setting. {_nearest(name)}")
    known = {definition.name: definition for definition in DEFINITIONS}
    return {name: _read(known[name], value, file.parent, shown, name=name) for name, value in values.items()}


def _read(definition: SettingDefinition, value: object, folder: Path, origin: str, *, name: str = "") -> _Found:
    if definition.kind == "path":
        return _path(value, folder, origin, name=name)
    named = f"{origin}: {name} = " if name else f"{origin}: "
    if definition.kind == "count":
        try:
            number = int(value) if isinstance(value, str | int) and not isinstance(value, bool) else -1
        except ValueError:
            number = -1
        if number < 0:
            raise ConfigError(f"{named}{value!r} is no count; expected a whole number such as 25, or 0 for no limit")
        if number < definition.least or (definition.most is not None and number > definition.most):
            bounds = f"at least {definition.least}" + (f", at most {definition.most}" if definition.most else "")
            raise ConfigError(f"{named}{number}: expected {bounds}")
        return _Found(value=number, origin=origin)
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        # a value that may be a secret is not shown
        raise ConfigError(f'{named}the value is no text of one line; expected such as {definition.name} = "..."')
    if definition.choices and value.strip() not in definition.choices:
        raise ConfigError(f"{named}{value!r}: expected {' or '.join(definition.choices)}")
    return _Found(value=SecretStr(value.strip()) if definition.kind == "secret" else value.strip(), origin=origin)


def _path(value: object, folder: Path, origin: str, *, name: str = "") -> _Found:
    if not isinstance(value, str | Path) or not str(value) or "\0" in str(value):
        raise ConfigError(f"{origin}: {f'{name} = ' if name else ''}{value!r} is no path; expected text such as 'data'")
    try:
        expanded = Path(value).expanduser()
    except RuntimeError as error:
        raise ConfigError(f"{origin}: {value!r} can't be resolved: {error}") from error
    return _Found(value=Path(os.path.normpath(folder / expanded)), origin=origin)


def _nearest(name: str) -> str:
    near = get_close_matches(name, _NAMES, n=1)
    return f"Did you mean '{near[0]}'?" if near else f"Known: {', '.join(_NAMES)}."


def _platform_folder() -> Path:
    from platformdirs import user_data_path

    return user_data_path("hindcast", appauthor=False)


def _default_plugin_dir(folder: Path, home: Path) -> Path:
    local = folder / "plugins" / "strategies"
    return local if local.is_dir() else home / "plugins" / "strategies"
