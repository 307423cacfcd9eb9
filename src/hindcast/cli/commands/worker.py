"""`hindcast worker`: runs queued backtests, here or on any machine that shares the store and the data folder."""

from __future__ import annotations

import signal
import sys
import threading
from queue import SimpleQueue
from typing import Annotated

import typer

from hindcast.cli.session import session_of


def worker(
    context: typer.Context,
    slots: Annotated[
        int, typer.Option(metavar="N", min=0, help="Backtests at a time; 0: as the settings say, else one a core.")
    ] = 0,
    until_closed: Annotated[bool, typer.Option(help="End when standard input is closed.")] = False,
) -> None:
    """Run queued backtests until Ctrl-C or SIGTERM; a second one ends it at once. Unfinished work is queued again."""
    from hindcast.api.logging import set_up_logs
    from hindcast.bootstrap.working import work

    services = session_of(context).services
    set_up_logs()
    stop, at_once = threading.Event(), threading.Event()
    listen(stop, at_once)
    if until_closed:
        threading.Thread(target=_wait_until_closed, args=(stop,), daemon=True).start()
    work(services, stop, at_once=at_once, slots=slots, say=_say)


def _say(line: str) -> None:
    print(line, flush=True)


def listen(stop: threading.Event, at_once: threading.Event) -> None:
    """Set the one event with the first signal, the other with the second.

    A handler interrupts the main thread anywhere, also while it holds an event's own lock: so it only puts the signal
    into a queue that may be entered again, and a thread does the rest.
    """
    signals: SimpleQueue[int] = SimpleQueue()

    def turn() -> None:
        for event in (stop, at_once):
            signals.get()
            event.set()

    threading.Thread(target=turn, daemon=True).start()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda given, frame: signals.put(given))


def _wait_until_closed(stop: threading.Event) -> None:
    while sys.stdin.read(1):
        pass
    stop.set()
