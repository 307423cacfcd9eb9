"""Where a worker says what it does."""

from __future__ import annotations

import logging
from typing import Final, Protocol

_LOGGER: Final = logging.getLogger("hindcast.worker")


class WorkLog(Protocol):
    """Events with their values beside them."""

    def info(self, event: str, **values: object) -> object:
        """What happens every day."""
        ...

    def warning(self, event: str, **values: object) -> object:
        """What may mend itself."""
        ...

    def error(self, event: str, **values: object) -> object:
        """What somebody must look at."""
        ...


class StandardWorkLog:
    """A worker's events through Python's own logging: whoever runs the process says how it looks and where it goes."""

    def info(self, event: str, **values: object) -> None:
        """What happens every day."""
        _LOGGER.info(event, extra=values)

    def warning(self, event: str, **values: object) -> None:
        """What may mend itself."""
        _LOGGER.warning(event, extra=values)

    def error(self, event: str, **values: object) -> None:
        """What somebody must look at; `exc_info` adds the traceback of what is being handled."""
        traced = bool(values.pop("exc_info", False))
        _LOGGER.error(event, exc_info=traced, extra=values)
