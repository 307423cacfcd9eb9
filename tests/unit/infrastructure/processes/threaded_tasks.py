"""An entry module that starts a thread when it warms up: its process must not be forked."""

from __future__ import annotations

import threading
import time
from typing import Any

TASKS = {"answer": f"{__name__}:answer"}


def warm_up() -> None:
    threading.Thread(target=time.sleep, args=(60,), daemon=True).start()


def answer(payload: Any, tell: Any) -> str:
    return "fresh"
