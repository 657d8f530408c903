from __future__ import annotations

import asyncio

import pytest

from tests.feature.account import another_session, log_in, reset_attempts
from tests.feature.world import PASSWORD, Answer, Person, World

NEW = "staple battery horse"


async def change(person: Person, current: str, new: str, *, many: bool = False) -> Answer:
    body = {"current_password": current, "new_password": new}
    return await person.call("change_password", body, many=many)


async def test_a_new_password_replaces_the_old_one(world: World, ada: Person) -> None:
    answer = await change(ada, PASSWORD, NEW)

    assert (answer.status, answer.body) == (204, None)
    assert (await log_in(world, ada)).refusal == (401, "invalid_credentials")
    assert (await log_in(world, ada, password=NEW)).status == 200


async def test_a_password_change_ends_all_other_sessions(world: World, ada: Person) -> None:
    other = await another_session(world, ada)
    socket, kept = await other.open_socket(), await ada.open_socket()
    for each in (socket, kept):
        await each.say("hello")
    await change(ada, PASSWORD, NEW)

    assert (await other.call("show_me")).refusal == (401, "invalid_token")
    assert [frame["type"] for frame in socket.received()] == ["closing"]
    assert (await ada.call("show_me")).status == 200
    assert (await kept.say("ping"))["type"] == "pong"


async def test_a_password_change_with_a_wrong_current_password_is_refused(
    world: World, ada: Person
) -> None:
    other = await another_session(world, ada)

    assert (await change(ada, "wrong password", NEW)).refusal == (401, "invalid_credentials")
    assert (await other.call("show_me")).status == 200
    assert (await log_in(world, ada)).status == 200


async def test_a_session_has_ten_wrong_attempts_and_takes_none_from_others(
    world: World, ada: Person
) -> None:
    other = await another_session(world, ada)
    answers = [await change(ada, "wrong password", NEW) for _ in range(11)]

    assert [answer.status for answer in answers] == [401] * 10 + [429]
    assert (await change(ada, PASSWORD, NEW)).refusal == (429, "rate_limited")
    assert (await log_in(world, ada)).status == 200
    assert (await change(other, PASSWORD, NEW)).status == 204


async def test_guesses_at_log_in_do_not_keep_the_caller_from_a_password_change(
    world: World, ada: Person
) -> None:
    for number in range(40):
        address = f"203.0.113.{number}"
        await log_in(world, ada, password="wrong password", address=address)

    assert (await change(ada, PASSWORD, NEW)).status == 204


@pytest.mark.parametrize("new", ["short", "x" * 257, PASSWORD, None, ["list"], 12345678])
async def test_an_invalid_new_password_is_refused_and_named(ada: Person, new: str) -> None:
    answer = await change(ada, PASSWORD, new)

    assert answer.refusal == (422, "validation_failed")
    assert [error["field"] for error in answer.body["errors"]] == ["new_password"]


async def test_one_of_several_concurrent_password_changes_succeeds(
    world: World, ada: Person
) -> None:
    passwords = [f"{NEW} {number}" for number in range(4)]
    answers = await asyncio.gather(*(change(ada, PASSWORD, new, many=True) for new in passwords))

    assert sorted(answer.status for answer in answers) == [204, 401, 401, 401]
    (good,) = (new for new, answer in zip(passwords, answers, strict=True) if answer.status == 204)
    assert (await log_in(world, ada, password=good)).status == 200


async def test_a_log_in_during_a_password_change_does_not_survive_it(
    world: World, ada: Person
) -> None:
    old, new = PASSWORD, NEW
    for _ in range(6):
        await reset_attempts(world, ada)
        changed, *entered = await asyncio.gather(
            change(ada, old, new, many=True),
            *(log_in(world, ada, password=old, many=True) for _ in range(2)),
        )
        assert changed.status == 204
        for answer in entered:
            if answer.status == 200:
                late = world.signed_in(answer.body)
                assert (await late.call("show_me")).refusal == (401, "invalid_token")
            else:
                assert answer.refusal == (401, "invalid_credentials")
        old, new = new, old
