"""A child as its supervisor sees it, however it was started."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from typing import Protocol

from hindcast.infrastructure.processes.ending import Ending


class JobProcess(Protocol):
    """One child with one task."""

    @property
    def channel(self) -> socket.socket:
        """What the child says, not to be trusted."""
        ...

    @property
    def started_at(self) -> float | None:
        """When it began, by the monotonic clock; None until then."""
        ...

    @property
    def ending(self) -> Ending | None:
        """How it ended, and nothing of it is left; None until then."""
        ...

    @property
    def is_lost(self) -> bool:
        """Whether nobody can say any more how it ends."""
        ...

    def files(self) -> Iterable[int]:
        """Files that can be read when `attend` has something to do."""
        ...

    def attend(self) -> None:
        """Take in what there is to know, without waiting."""
        ...

    def kill(self) -> None:
        """Have it ended, with all that it has started; may be asked again."""
        ...

    def wake(self) -> None:
        """Go on, whoever was made to stop: the last thing to try before `abandon`."""
        ...

    def abandon(self) -> None:
        """Give up on it, and on whoever watches it."""
        ...

    def close(self) -> None:
        """Let go of all files."""
        ...
