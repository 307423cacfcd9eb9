"""Children that all tests share: their warm parent is started once."""

from __future__ import annotations

import pytest

from hindcast.bootstrap import ServiceFactory
from hindcast.infrastructure.processes.forked_children import ForkedChildren
from hindcast.settings import Settings


class SharedChildren(ForkedChildren):
    """Children as users have them; who closes them leaves them open for the next test."""

    def __init__(self) -> None:
        super().__init__("hindcast.bootstrap.child_tasks")

    def close(self) -> None:
        """They belong to all tests."""

    def end(self) -> None:
        """Close them."""
        super().close()


def use_children(monkeypatch: pytest.MonkeyPatch, children: ForkedChildren) -> None:
    """Let every command of a test work with these."""

    class Services(ServiceFactory):
        def __init__(self, settings: Settings) -> None:
            super().__init__(settings)
            self.__dict__["children"] = children

    monkeypatch.setattr("hindcast.bootstrap.ServiceFactory", Services)
