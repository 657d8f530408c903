# ruff: noqa: RUF001 - they are ambiguous on purpose
"""Usernames and passwords are the same however they are typed, and some are refused."""

from __future__ import annotations

from uuid import uuid4

import pytest
from argon2 import PasswordHasher

from tests.feature.world import PASSWORD, Answer, Person, World

COMPOSED, DECOMPOSED = "café au lait", "cafe\u0301 au\u00a0lait"


def wide(name: str) -> str:
    """In the letters of a full width."""
    return "".join(chr(ord(letter) + 0xFEE0) for letter in name)


async def register(world: World, **changes: object) -> Answer:
    name = f"new-{uuid4().hex[:10]}"
    draft = {"username": name, "email": f"{name}@example.org", "password": PASSWORD}
    return await world.call("register", {**draft, **changes})


async def log_in(world: World, login: str, password: str) -> Answer:
    return await world.call("log_in", {"login": login, "password": password})


def field_codes(answer: Answer) -> dict[str, str]:
    return {error["field"]: error["code"] for error in answer.body["errors"]}


@pytest.mark.parametrize(("registered", "typed"), [(COMPOSED, DECOMPOSED), (DECOMPOSED, COMPOSED)])
async def test_a_password_is_the_same_in_each_normal_form(
    world: World, registered: str, typed: str
) -> None:
    user = (await register(world, password=registered)).body["user"]
    assert (await log_in(world, user["username"], typed)).status == 200
    assert (await log_in(world, user["username"], registered)).status == 200
    assert (await log_in(world, user["username"], "cafe au lait")).status == 401


async def test_each_endpoint_that_reads_a_password_takes_each_normal_form(world: World) -> None:
    person = world.signed_in((await register(world, password=COMPOSED)).body)
    assert (await person.call("set_up_totp", {"password": DECOMPOSED})).status == 200
    change = {"current_password": DECOMPOSED, "new_password": f"{DECOMPOSED}!"}
    assert (await person.call("change_password", change)).status == 204
    assert (await log_in(world, person.username, f"{COMPOSED}!")).status == 200


async def test_the_same_password_in_another_form_is_not_new(world: World) -> None:
    person = world.signed_in((await register(world, password=COMPOSED)).body)
    change = {"current_password": COMPOSED, "new_password": DECOMPOSED}
    answer = await person.call("change_password", change)
    assert field_codes(answer) == {"new_password": "value_error"}


async def test_a_hash_of_a_password_as_it_was_typed_still_works(world: World, ada: Person) -> None:
    older = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1).hash(DECOMPOSED)
    await world.sql("UPDATE users SET password_hash = %s WHERE id = %s", older, ada.id)
    assert (await log_in(world, ada.username, DECOMPOSED)).status == 200
    assert (await log_in(world, ada.username, COMPOSED)).status == 401


async def test_a_username_is_stored_narrow_and_in_lower_case(world: World) -> None:
    name = f"New{uuid4().hex[:10]}"
    answer = await register(world, username=f" {wide(name)} ")
    assert answer.body["user"]["username"] == name.lower()
    assert (await register(world, username=name)).refusal == (409, "username_taken")


async def test_each_endpoint_that_reads_a_username_takes_each_form(
    world: World, ada: Person
) -> None:
    name = f"new{uuid4().hex[:10]}"
    user = (await register(world, username=name)).body["user"]
    for typed in (name, name.upper(), wide(name), wide(name.upper()), f"\u3000{name} "):
        assert (await log_in(world, typed, PASSWORD)).body["user"] == user
        shown = await ada.call("show_user", username=typed)
        assert shown.body["id"] == user["id"]
        draft = {"kind": "group", "members": [typed, name]}
        group = await ada.call("start_conversation", draft)
        assert [member["id"] for member in group.body["members"]] == [ada.id, user["id"]]


async def test_white_space_around_a_login_does_not_matter(world: World, ada: Person) -> None:
    for login in (f"{ada.email} ", f"\t{ada.email}\n", f" {ada.username}", f"{ada.username}\u00a0"):
        assert (await log_in(world, login, PASSWORD)).body["user"]["id"] == ada.id


async def test_an_address_is_the_same_in_each_normal_form(world: World) -> None:
    part = uuid4().hex[:10]
    user = (await register(world, email=f" zoe\u0308{part}@example.org ")).body["user"]
    assert user["email"] == f"zoë{part}@example.org"
    again = (await register(world, email=f"zoë{part}@example.org")).body["user"]
    assert again["email"] == user["email"]
    logged_in = await log_in(world, f"Zoe\u0308{part}@example.org", PASSWORD)
    assert logged_in.body["user"]["id"] == user["id"]


@pytest.mark.parametrize("name", ["admin", "EVERYONE", "Ａｄｍｉｎ", "ad-min", "m.e", "deleted_"])
async def test_a_reserved_username_is_refused(world: World, name: str) -> None:
    answer = await register(world, username=name)
    assert answer.refusal == (422, "username_reserved")
    assert field_codes(answer) == {"username": "username_reserved"}


@pytest.mark.parametrize("password", ["        ", "aaaaaaaa", "\u3000" * 9, "éééééééé"])
async def test_a_password_of_one_character_is_refused(world: World, password: str) -> None:
    answer = await register(world, password=password)
    assert answer.refusal == (422, "weak_password")
    assert field_codes(answer) == {"password": "weak_password"}


async def test_a_password_that_is_a_name_of_the_account_is_refused(
    world: World, ada: Person
) -> None:
    name = f"New{uuid4().hex[:10]}"
    email = f"mail.{name}@example.org"
    for password in (name, name.upper(), f"mail.{name}", email):
        answer = await register(world, username=name, email=email, password=password)
        assert answer.refusal == (422, "weak_password")
    for password in (ada.username, ada.email, ada.email.partition("@")[0]):
        change = {"current_password": PASSWORD, "new_password": password}
        answer = await ada.call("change_password", change)
        assert answer.refusal == (422, "weak_password")
        assert field_codes(answer) == {"new_password": "weak_password"}


async def test_a_wrong_current_password_says_nothing_of_the_new_one(ada: Person) -> None:
    change = {"current_password": "wrong password", "new_password": ada.username}
    answer = await ada.call("change_password", change)
    assert answer.refusal == (401, "invalid_credentials")
