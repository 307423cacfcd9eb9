"""The console entry point: the program as a process of its own, which ends at once when its work is done."""

from __future__ import annotations

import gc
import os
import sys

from hindcast.cli.main import main


def run() -> None:
    """Run the program with the process's arguments, and end the process.

    Taking numba, LLVM and a thousand modules apart again takes Python as long as a backtest does, for memory that the
    system takes back anyway. By now every file is closed and every store has synced what it acknowledged, so the
    process ends without it.
    """
    # Importing numba and pyarrow makes half a million objects that all stay: looking through them for garbage again and
    # again took a tenth of a short run.
    gc.set_threshold(1_000_000)
    code = 0
    try:
        main()
    except SystemExit as end:
        if end.code is not None and not isinstance(end.code, int):
            raise
        code = end.code or 0
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:  # whoever read the output has gone
        code = code or 1
    os._exit(code)
