"""Commands over children that several tests share: their warm parent is started once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from hindcast.bootstrap import ServiceFactory
from hindcast.infrastructure.processes.forked_children import ForkedChildren
from hindcast.settings import Settings


@contextmanager
def open_children() -> Iterator[ForkedChildren]:
    """Children as users have them."""
    opened = ForkedChildren("hindcast.bootstrap.child_tasks")
    try:
        yield opened
    finally:
        opened.close()


def use_children(monkeypatch: pytest.MonkeyPatch, children: ForkedChildren) -> None:
    """Let every command of a test work with these."""

    class Services(ServiceFactory):
        def __init__(self, settings: Settings) -> None:
            super().__init__(settings)
            self.__dict__["children"] = children

    monkeypatch.setattr("hindcast.bootstrap.ServiceFactory", Services)
