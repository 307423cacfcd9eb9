from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.unit.api.application import fresh_services, running_app
from tests.unit.services.strategy.inline_children import InlineChildren
from tests.unit.services.strategy.plugins import write_plugin

from hindcast.strategies.builtin import BUILTIN_STRATEGIES

if TYPE_CHECKING:
    from starlette.testclient import TestClient

PATH = "/api/v1/strategies/templates"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "plugins"
    made.mkdir()
    return made


@pytest.fixture
def client(folder: Path) -> Iterator[TestClient]:
    services = fresh_services(plugin_dir=folder)
    services.__dict__["children"] = InlineChildren()
    with running_app(services) as running:
        yield running


def test_all_types_are_listed_with_schema_and_defaults(client: TestClient, folder: Path) -> None:
    write_plugin(folder, "mine", config="window: int = Field(7, ge=2)")
    answer = client.get(PATH)
    assert answer.status_code == 200, answer.text
    page = answer.json()
    assert [each["strategy_type"] for each in page["items"]] == sorted([*BUILTIN_STRATEGIES, "mine"])
    assert (page["broken"], page["next_cursor"]) == ([], None)
    mine = next(each for each in page["items"] if each["strategy_type"] == "mine")
    assert mine["parameters_schema"]["properties"]["window"]["minimum"] == 2
    assert (mine["defaults"], mine["source"], mine["lane"]) == ({"window": 7}, "mine.py", "vectorised")
    assert len(mine["code_hash"]) == 64


def test_a_broken_plugin_is_listed_with_its_traceback(client: TestClient, folder: Path) -> None:
    (folder / "raises.py").write_text("import none_such_module\n")
    (broken,) = client.get(PATH).json()["broken"]
    assert broken["source"] == "raises.py"
    assert "Traceback" in broken["error"]
    assert "none_such_module" in broken["error"]


def test_one_type_is_shown(client: TestClient) -> None:
    found = client.get(f"{PATH}/momentum").json()
    assert (found["strategy_type"], found["source"]) == ("momentum", "built-in")
    assert "lookback" in found["parameters_schema"]["properties"]


def test_an_unknown_type_is_not_there(client: TestClient) -> None:
    answer = client.get(f"{PATH}/momentun")
    assert answer.status_code == 404
    assert "Did you mean 'momentum'?" in answer.json()["detail"]
