"""What makes a whole file unusable, on its way to the reader that reports it beside the others."""

from __future__ import annotations

from typing import Final

TRUNCATED: Final = "truncated_payload"
DUPLICATED: Final = "duplicated_columns"
UNKNOWN: Final = "unknown_layout"


class FileFault(Exception):  # noqa: N818  # never leaves this room: the reader makes an UnusableFile of it
    """A file that holds no bars that can be read: the class of its fault, and the words for it."""

    def __init__(self, rule: str, message: str) -> None:
        super().__init__(message)
        self.rule = rule
