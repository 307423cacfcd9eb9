"""What every test starts from: a data folder of its own, plain terminal output, reproducible random inputs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from tests.shared_children import SharedChildren

# The first call of a kernel may compile for seconds: a deadline would fail whichever example came first.
settings.register_profile("default", deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("default"), derandomize=True, print_blob=True)
settings.register_profile("thorough", settings.get_profile("default"), max_examples=2_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "default"))


@pytest.fixture(autouse=True)
def data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Point `HINDCAST_HOME` at an empty folder, so that no test sees or leaves anything in the user's own."""
    settings_of_the_user = [name for name in os.environ if name.startswith("HINDCAST_")]
    for name in (name for name in settings_of_the_user if not name.startswith("HINDCAST_TEST_")):
        monkeypatch.delenv(name)
    folder = tmp_path / "hindcast-home"
    monkeypatch.setenv("HINDCAST_HOME", str(folder))
    return folder


@pytest.fixture(autouse=True)
def plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give command-line tests a terminal of fixed width without colours."""
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.delenv("FORCE_COLOR", raising=False)


@pytest.fixture(scope="session")
def shared_children() -> Iterator[SharedChildren]:
    """Children as users have them, from one warm parent for all tests."""
    from tests.shared_children import SharedChildren

    children = SharedChildren()
    yield children
    children.end()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give a slow test, thousands of runs, more time than the limit that finds tests that hang."""
    for item in items:
        if item.get_closest_marker("slow") and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(1_500))
