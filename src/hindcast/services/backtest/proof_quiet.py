"""Replays leave no trace: what a strategy prints or warns of was printed and warned of by its run."""

from __future__ import annotations

import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from typing import TextIO, cast

import numpy as np


class _Muted:
    """Standard output without what one thread writes to it; other threads may be drawing progress."""

    def __init__(self, output: TextIO) -> None:
        self._output = output
        self._thread = threading.get_ident()

    def write(self, text: str) -> int:
        return len(text) if threading.get_ident() == self._thread else self._output.write(text)

    def __getattr__(self, name: str) -> object:
        return getattr(self._output, name)


@contextmanager
def quietly() -> Iterator[None]:
    """Within it, this thread prints nothing and no warning is shown."""
    muted = cast("TextIO", _Muted(sys.stdout))
    with warnings.catch_warnings(), np.errstate(all="ignore"), redirect_stdout(muted):
        warnings.simplefilter("ignore")
        yield
