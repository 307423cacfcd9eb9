"""`hindcast users`: made and changed where the service's store is."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from hindcast.cli.main import app

PASSWORD = "a long password"


def users(*arguments: str, typed: str = f"{PASSWORD}\n") -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["users", *arguments], input=typed)
    return result.exit_code, result.stdout, result.stderr


def test_users_are_made_listed_disabled_and_let_in_again():
    assert users("add", "Root", "--admin", "--password-stdin") == (0, "Root may log in, as an admin\n", "")
    assert users("add", "ada", "--password-stdin")[0] == 0
    assert users("disable", "ADA") == (0, "ada may log in no more\n", "")
    assert users("list")[1] == "ada  user  disabled\nRoot  admin\n"
    assert users("enable", "ada")[0] == 0
    listed = json.loads(users("list", "--json")[1])
    assert [(user["id"], user["role"], user["disabled"]) for user in listed] == [
        ("ada", "user", False),
        ("root", "admin", False),
    ]
    assert PASSWORD not in str(listed)
    assert "argon2" not in str(listed)


def test_a_user_gets_another_password():
    users("add", "ada", "--password-stdin")
    assert users("password", "ada", "--password-stdin", typed="another password\r\n")[0] == 0
    code, _, said = users("password", "nobody", "--password-stdin")
    assert (code, "nobody" in said) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "typed", "said"),
    [
        (("add", "a b", "--password-stdin"), PASSWORD, "can't be a user's name"),
        (("add", "eve", "--password-stdin"), "short", "expected 12 to 1024"),
        (("add", "eve", "--password-stdin"), "", "expected 12 to 1024"),
        (("add", "eve"), "", "--password-stdin"),
        (("disable", "eve"), "", "no user has the name"),
    ],
)
def test_what_can_not_be_is_told_in_a_sentence(arguments, typed, said):
    code, _, error = users(*arguments, typed=typed)
    assert code == 2
    assert said in error
    assert "Traceback" not in error


def test_the_last_admin_is_not_disabled():
    users("add", "root", "--admin", "--password-stdin")
    code, _, said = users("disable", "root")
    assert code == 2
    assert "last admin" in said


def test_before_the_first_user_the_list_says_how_to_make_one():
    assert "hindcast users add NAME --admin" in users("list")[1]
