"""The URL of the settings: what is refused before anybody is asked, and what of it is never shown."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from hindcast.domain.errors import ConfigError
from hindcast.infrastructure.mongo.address import read_address

SECRETS = ("hansel", "gr3tel", "gr%33tel")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("mongodb://localhost", "localhost:27017"),
        ("mongodb://localhost:27018/?replicaSet=rs", "localhost:27018"),
        ("mongodb://hansel:gr%33tel@one:1,two:2/admin?authSource=admin", "one:1, two:2"),
        ("mongodb+srv://hansel:gr%33tel@cluster.example.org/?retryWrites=true", "cluster.example.org"),
        ("mongodb+srv://cluster.example.org", "cluster.example.org"),
        ("mongodb://[::1]:27017", "::1:27017"),
        ("mongodb://%2Ftmp%2Fmongodb-27017.sock", "/tmp/mongodb-27017.sock"),
    ],
)
def test_only_hosts_and_ports_are_shown(url: str, shown: str) -> None:
    assert read_address(SecretStr(url), "hindcast").shown == shown


@pytest.mark.parametrize(
    "url",
    [
        "hansel:gr3tel@localhost",
        "postgres://hansel:gr3tel@localhost",
        "mongodb://",
        "mongodb://hansel:gr3tel@",
        "mongodb://hansel:gr3tel@localhost:gr3tel",
        "mongodb://hansel:gr3tel/@localhost",
        "mongodb://hansel:gr3tel@x@localhost",
        "mongodb://localhost:99999/?x=gr3tel",
        "mongodb://localhost/?gr3tel=1",
        "mongodb://localhost/?maxPoolSize=gr3tel",
        "mongodb+srv://hansel:gr3tel/@localhost",
        "mongodb+srv://hansel:gr3tel@x@localhost",
        "mongodb+srv://",
    ],
)
def test_a_url_that_can_not_be_read_is_refused_without_a_part_of_it(url: str) -> None:
    with pytest.raises(ConfigError, match="mongodb_url can't be read; expected such as mongodb://user") as caught:
        read_address(SecretStr(url), "hindcast")
    assert not any(secret in str(caught.value) for secret in SECRETS)
    assert caught.value.__context__ is None or caught.value.__suppress_context__


@pytest.mark.parametrize("database", ["", "a b", "a.b", "a/b", "$x", "é", "x" * 64, "admin", "local", "config", "a\n"])
def test_a_name_that_no_database_can_have_is_refused(database: str) -> None:
    with pytest.raises(ConfigError, match="mongodb_database is .*; expected 1 to 63 letters"):
        read_address(SecretStr("mongodb://localhost"), database)


@pytest.mark.parametrize("scheme", ["mongodb", "mongodb+srv"])
def test_secrets_are_taken_out_of_what_others_say_however_they_are_spelled(scheme: str) -> None:
    address = read_address(SecretStr(f"{scheme}://hansel:gr%33tel@localhost"), "hindcast")
    told = address.told("no user hansel with gr3tel or gr%33tel; " + "x" * 1_000)
    assert told.startswith("no user ******** with ******** or ********; xxx")
    assert len(told) == 301
    assert not any(secret in repr(address) for secret in SECRETS)
