"""`hindcast worker` with a lease of seconds, so that tests need not wait for half a minute.

`python -m tests.faults.short_lease_worker HOME SLOTS LEASE_SECONDS`
"""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from hindcast.api.logging import set_up_logs
from hindcast.bootstrap import ServiceFactory
from hindcast.bootstrap.working import work
from hindcast.cli.commands.worker import listen
from hindcast.services.jobs.queue import JobQueue
from hindcast.settings import load_settings


def main(home: str, slots: str, lease_seconds: str) -> None:
    """Work until a signal."""
    services = ServiceFactory(load_settings({"home": Path(home)}))
    # the composition root builds it when it is first asked for: this one is there before
    services.__dict__["jobs"] = JobQueue(services.databases.documents, lease_seconds=float(lease_seconds))
    set_up_logs()
    stop, at_once = threading.Event(), threading.Event()
    listen(stop, at_once)
    work(services, stop, at_once=at_once, slots=int(slots), say=lambda line: print(line, flush=True))


if __name__ == "__main__":
    main(*sys.argv[1:])
