from __future__ import annotations

import sys
from importlib.metadata import version

import pytest

from hindcast.services.backtest.environment import PACKAGES, environment, installed_packages, same_ground


def test_the_environment_names_python_platform_processor_packages_and_lock() -> None:
    found = environment()
    assert set(found) == {"python", "platform", "cpu", "lock", *PACKAGES}
    assert all(found.values())
    assert len(found["lock"]) == 16


@pytest.mark.parametrize("package", ["numpy", "ta-lib", "pydantic", "hindcast-engine"])
def test_versions_read_from_folder_names_are_those_that_the_packages_tell(package: str) -> None:
    assert installed_packages()[package] == version(package)


def test_one_more_package_is_another_lock(tmp_path, monkeypatch) -> None:
    before = environment()
    (tmp_path / "Some_Thing.else-1.2.3.dist-info").mkdir()
    (tmp_path / "older-0.9-py3.11.egg-info").mkdir()
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path), str(tmp_path / "missing"), str(tmp_path / "a.zip")])
    packages = installed_packages()
    assert packages["some-thing-else"] == "1.2.3"
    assert packages["older"] == "0.9"
    after = environment.__wrapped__()
    assert {name for name in before if before[name] != after[name]} == {"lock"}


def test_the_package_that_is_found_first_is_the_one_that_python_imports(tmp_path, monkeypatch) -> None:
    (tmp_path / "numpy-0.0.1.dist-info").mkdir()
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    assert installed_packages()["numpy"] == "0.0.1"


def test_ground_is_the_same_where_all_that_is_named_now_was_so_then() -> None:
    now = dict(environment())
    assert same_ground(now | {"something": "of old"}, now)
    for name in now:
        assert not same_ground(now | {name: "other"}, now)
        assert not same_ground({key: value for key, value in now.items() if key != name}, now)
