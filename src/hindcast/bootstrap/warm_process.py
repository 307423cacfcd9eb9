"""Importing this makes a process ready to run backtests: only processes of a pool, and what forks them, import it.

A fork server that has imported it once hands out processes that are ready from the start.
"""

from __future__ import annotations

import os

from hindcast.infrastructure.processes.environment import scrubbed


def _become_warm() -> None:
    """As the warm parent of children does: libraries that start threads when they are imported are told not to."""
    for name, value in scrubbed({}).items():
        os.environ.setdefault(name, value)
    from hindcast.bootstrap.child_tasks import warm_up

    warm_up()


_become_warm()
