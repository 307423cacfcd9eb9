"""Waiting for what other threads and processes do."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE = 120.0  # seconds that a test waits for what must come, on a machine that may be busy


def wait_for(happened: Callable[[], bool], seconds: float = PATIENCE) -> None:
    """Wait until it is so; fail where it never is."""
    until = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < until, f"it did not happen within {seconds:g} s"
        time.sleep(0.01)
