"""A worker from its first moment to its last, as `hindcast worker` and `hindcast serve` have one."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

from hindcast.bootstrap.services import ServiceFactory
from hindcast.domain.errors import StoreUnavailableError, WorkStoppedError

LONGEST_PAUSE: Final = 5.0  # seconds between two tries of a store that does not answer


def work(
    services: ServiceFactory,
    stop: threading.Event,
    *,
    at_once: threading.Event | None = None,
    slots: int = 0,
    say: Callable[[str], None] = lambda line: None,
) -> None:
    """Run queued backtests until `stop`; `say` gets a line when it begins, and while the store does not answer.

    What runs then has a few seconds, none with `at_once`, and goes back into the queue. Raises StorageError where the
    data folder can't be made, WorkNotBegunError where no process for runs can be started.
    """
    services.databases.open()
    worker = services.worker(slots=slots)
    try:
        services.children.warm_up(stop.is_set)
        if _is_reached(services, stop, say):
            say(f"worker ready: {worker.slots} at a time, data folder {services.settings.home}")
            worker.run(stop, at_once=at_once)
    except WorkStoppedError:
        return
    finally:
        services.children.close()
        services.lone_children.close()


def _is_reached(services: ServiceFactory, stop: threading.Event, say: Callable[[str], None]) -> bool:
    """Wait for the document store; False where the worker is to end before it answers."""
    pause = 0.5
    while not stop.is_set():
        try:
            services.databases.documents.ping()
        except StoreUnavailableError as error:
            say(f"the document store does not answer, trying again: {error}")
            stop.wait(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
        else:
            return True
    return False
