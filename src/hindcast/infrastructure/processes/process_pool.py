"""A pool of processes for Hindcast's own code: warm from the start, and gone with the process that opened it."""

from __future__ import annotations

import importlib
import multiprocessing
import os
import signal
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.context import BaseContext
from threading import Thread


def open_pool(workers: int, module: str) -> ProcessPoolExecutor:
    """Processes that have imported a module before their first work.

    Where there is a fork server they come from it, and it imports the module once for all of them; else each is
    started anew. They never are copies of this process: it may have threads.
    """
    method = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
    context: BaseContext = multiprocessing.get_context(method)
    if method == "forkserver":
        context.set_forkserver_preload([module])
    return ProcessPoolExecutor(workers, mp_context=context, initializer=_begin, initargs=(module,))


def end_pool(pool: ProcessPoolExecutor, *, at_once: bool) -> None:
    """End its processes; `at_once` kills them, and what was waiting for them gets BrokenProcessPool."""
    if at_once:
        # Python 3.14 has kill_workers; before it, nothing public ends a process that is at work
        for process in list((pool._processes or {}).values()):
            process.kill()
    pool.shutdown(wait=True, cancel_futures=True)


def _begin(module: str) -> None:
    """What each process does first."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt of the terminal reaches it too: its parent decides
    Thread(target=_end_with_parent, daemon=True).start()
    importlib.import_module(module)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
