"""Users: names, passwords, roles, and who is recognised."""

from __future__ import annotations

import pytest
from tests.unit.services.users.people import PASSWORD, People

from hindcast.domain.errors import AuthenticationError, ConflictError, InputError, NotFoundError
from hindcast.domain.users import Role


@pytest.fixture
def people() -> People:
    return People()


def test_a_user_is_recognised_by_name_and_password_in_any_case_of_the_name(people):
    people.users.create("Ada.Lovelace", PASSWORD)
    assert people.users.authenticate("ADA.lovelace", PASSWORD).id == "ada.lovelace"


def test_two_names_can_not_differ_by_case_alone(people):
    people.users.create("Ada", PASSWORD)
    with pytest.raises(ConflictError, match="'ada'"):
        people.users.create("ADA", PASSWORD)


@pytest.mark.parametrize(
    "name", ["", "a" * 65, "a b", "ä", "a/b", "..", ".a", "-a", "a\0", "a\n", "Local", "local", "a@b", "\ud800"]
)
def test_what_can_not_be_a_name_is_refused(people, name):
    with pytest.raises(InputError):
        people.users.create(name, PASSWORD)


@pytest.mark.parametrize("name", ["a", "A" * 64, "0", "ada.l_o-ve"])
def test_names_of_letters_digits_and_three_signs_are_taken(people, name):
    assert people.users.create(name, PASSWORD).name == name


@pytest.mark.parametrize("password", ["", "x" * 11, "x" * 1_025, "\ud800" * 20])
def test_passwords_too_short_too_long_or_no_text_are_refused_and_never_shown(people, password):
    with pytest.raises(InputError) as refused:
        people.users.create("ada", password)
    assert password == "" or password not in str(refused.value)


def test_a_password_that_is_the_name_is_refused(people):
    with pytest.raises(InputError, match="is the user's name"):
        people.users.create("ada.of.the.mill", "ADA.of.the.mill")


def test_a_password_is_the_same_however_its_accents_are_typed(people):
    people.users.create("ada", "caf\u00e9 au lait bitte")
    assert people.users.authenticate("ada", "cafe\u0301 au lait bitte").id == "ada"


def test_a_password_of_a_thousand_characters_is_taken(people):
    people.users.create("ada", "é" * 1_024)
    assert people.users.authenticate("ada", "é" * 1_024).id == "ada"


@pytest.mark.parametrize("name", ["nobody", "off", "ada", "a" * 10_000, "../ada", "ada\0", ""])
def test_an_unknown_name_a_disabled_user_and_a_wrong_password_are_told_alike_after_the_same_work(people, name):
    people.users.create("ada", PASSWORD)
    people.users.create("off", PASSWORD)
    people.users.change("off", disabled=True)
    with pytest.raises(AuthenticationError) as refused:
        people.users.authenticate(name, PASSWORD if name == "off" else "wrong password")
    assert str(refused.value) == "name and password do not belong to a user who may log in"
    assert people.hasher.verified == 1


@pytest.mark.parametrize("password", ["", "x" * 1_000_000, "\ud800"])
def test_odd_passwords_are_wrong_passwords(people, password):
    people.users.create("ada", PASSWORD)
    with pytest.raises(AuthenticationError):
        people.users.authenticate("ada", password)


def test_a_hash_of_older_parameters_is_made_anew_when_its_user_logs_in(people):
    people.users.create("ada", PASSWORD)
    people.hasher.version = "v2"
    assert people.users.authenticate("ada", PASSWORD).password_hash.startswith("v2:")
    assert people.users.get("ada").password_hash.startswith("v2:")


def test_another_password_ends_every_session_of_the_user_and_of_nobody_else(people):
    for name in ("ada", "bob"):
        people.users.create(name, PASSWORD)
    first, _ = people.access.log_in("ada", PASSWORD)
    second, _ = people.access.log_in("ada", PASSWORD)
    bobs, _ = people.access.log_in("bob", PASSWORD)
    people.users.set_password("ada", "another password")
    assert people.sessions.find(first) is None
    assert people.sessions.find(second) is None
    assert people.sessions.find(bobs) is not None
    with pytest.raises(AuthenticationError):
        people.users.authenticate("ada", PASSWORD)
    assert people.users.authenticate("ada", "another password").revision == 2


def test_a_disabled_users_sessions_and_keys_are_nobodys(people):
    people.users.create("ada", PASSWORD)
    cookie, _ = people.access.log_in("ada", PASSWORD)
    text, _ = people.keys.create("ada", "nightly", "write")
    people.users.change("ada", disabled=True)
    with pytest.raises(AuthenticationError):
        people.access.by_session(cookie)
    with pytest.raises(AuthenticationError):
        people.access.by_bearer(text)
    people.users.change("ada", disabled=False)
    with pytest.raises(AuthenticationError):
        people.access.by_session(cookie)
    assert people.access.by_bearer(text).owner == "ada"


@pytest.mark.parametrize("change", [{"disabled": True}, {"role": Role.USER}])
def test_the_last_admin_stays_one(people, change):
    people.users.create("root", PASSWORD, role=Role.ADMIN)
    people.users.create("ada", PASSWORD)
    with pytest.raises(ConflictError, match="last admin"):
        people.users.change("root", **change)
    kept = people.users.get("root")
    assert kept.role is Role.ADMIN
    assert not kept.disabled


def test_an_admin_who_is_not_the_last_may_be_disabled(people):
    for name in ("root", "second"):
        people.users.create(name, PASSWORD, role=Role.ADMIN)
    assert people.users.change("root", disabled=True).disabled
    with pytest.raises(ConflictError, match="last admin"):
        people.users.change("second", disabled=True)


def test_a_change_of_another_revision_is_refused(people):
    people.users.create("ada", PASSWORD)
    people.users.change("ada", role=Role.ADMIN, revision=1)
    with pytest.raises(ConflictError, match="has revision 2 now, not 1"):
        people.users.change("ada", role=Role.ADMIN, revision=1)


def test_an_unknown_user_is_not_found(people):
    with pytest.raises(NotFoundError, match="'nobody'"):
        people.users.change("nobody", disabled=True)


def test_users_come_in_pages_newest_first(people):
    for name in ("a", "b", "c"):
        people.users.create(name, PASSWORD)
        people.clock.pass_seconds(1)
    page = people.users.page(limit=2)
    assert [user.id for user in page.items] == ["c", "b"]
    assert [user.id for user in people.users.page(cursor=page.next_cursor).items] == ["a"]
