"""Whether the packages of the service are installed."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Final

from hindcast.domain.errors import ConfigError

SERVICE: Final = ("argon2", "fastapi", "prometheus_client", "structlog", "uvicorn")
USERS: Final = ("argon2",)


def check_packages(names: tuple[str, ...] = SERVICE) -> None:
    """Raise ConfigError where one is missing."""
    missing = [name for name in names if find_spec(name) is None]
    if missing:
        raise ConfigError(
            f"the service needs packages that are not installed ({', '.join(missing)}): "
            "pip install 'hindcast-engine[server]'"
        )
