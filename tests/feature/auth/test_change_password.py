from __future__ import annotations

import asyncio

import pytest

from tests.feature.auth.devices import another_session, forget_tries, log_in
from tests.feature.world import PASSWORD, Answer, Person, World

NEW = "staple battery horse"


async def change(person: Person, current: str, new: str, *, many: bool = False) -> Answer:
    body = {"current_password": current, "new_password": new}
    return await person.call("change_password", body, many=many)


async def test_the_new_one_is_good_and_the_old_one_is_not(world: World, ada: Person) -> None:
    answer = await change(ada, PASSWORD, NEW)

    assert (answer.status, answer.body) == (204, None)
    assert (await log_in(world, ada)).refusal == (401, "invalid_credentials")
    assert (await log_in(world, ada, password=NEW)).status == 200


async def test_all_other_sessions_end(world: World, ada: Person) -> None:
    other = await another_session(world, ada)
    socket, kept = await other.open_socket(), await ada.open_socket()
    for each in (socket, kept):
        await each.say("hello")
    await change(ada, PASSWORD, NEW)

    assert (await other.call("show_me")).refusal == (401, "invalid_token")
    assert [frame["type"] for frame in socket.received()] == ["closing"]
    assert (await ada.call("show_me")).status == 200
    assert (await kept.say("ping"))["type"] == "pong"


async def test_only_who_knows_the_current_one(world: World, ada: Person) -> None:
    other = await another_session(world, ada)

    assert (await change(ada, "wrong password", NEW)).refusal == (401, "invalid_credentials")
    assert (await other.call("show_me")).status == 200
    assert (await log_in(world, ada)).status == 200


async def test_ten_tries_counted_with_those_of_logging_in(world: World, ada: Person) -> None:
    for _ in range(5):
        assert (await log_in(world, ada, password="wrong password")).status == 401
        assert (await change(ada, "wrong password", NEW)).status == 401

    assert (await change(ada, PASSWORD, NEW)).refusal == (429, "rate_limited")
    assert (await log_in(world, ada)).refusal == (429, "rate_limited")


@pytest.mark.parametrize("new", ["short", "x" * 257, PASSWORD, None, ["list"], 12345678])
async def test_a_new_one_that_is_not_valid_is_named(ada: Person, new: str) -> None:
    answer = await change(ada, PASSWORD, new)

    assert answer.refusal == (422, "validation_failed")
    assert [error["field"] for error in answer.body["errors"]] == ["new_password"]


async def test_of_several_at_once_one_changes_it(world: World, ada: Person) -> None:
    news = [f"{NEW} {place}" for place in range(4)]
    answers = await asyncio.gather(*(change(ada, PASSWORD, new, many=True) for new in news))

    assert sorted(answer.status for answer in answers) == [204, 401, 401, 401]
    (good,) = (new for new, answer in zip(news, answers, strict=True) if answer.status == 204)
    assert (await log_in(world, ada, password=good)).status == 200


async def test_no_log_in_with_the_old_one_outlives_the_change(world: World, ada: Person) -> None:
    old, new = PASSWORD, NEW
    for _ in range(6):
        await forget_tries(world, ada)
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
