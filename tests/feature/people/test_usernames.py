"""The username and the status of a profile (`PATCH /me`)."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest

from tests.feature.conversation import start_direct
from tests.feature.world import PASSWORD, Person, World


def new_name() -> str:
    return f"new-{uuid4().hex[:12]}"


async def test_a_new_username_is_in_the_profile_and_logs_in(world: World, ada: Person) -> None:
    name = new_name()
    answer = await ada.call("change_me", {"username": name.upper()})

    assert (answer.status, answer.body["username"]) == (200, name)
    logged_in = await world.call("log_in", {"login": name, "password": PASSWORD})
    assert logged_in.status == 200


async def test_the_former_name_still_finds_the_user(ada: Person, grace: Person) -> None:
    former, name = ada.username, new_name()
    await ada.call("change_me", {"username": name})

    for each in (former, former.upper(), name):
        found = await grace.call("show_user", username=each)
        assert (found.body["id"], found.body["username"]) == (ada.id, name)
    started = await grace.call("start_conversation", {"kind": "group", "members": [former, name]})
    assert {member["username"] for member in started.body["members"]} == {name, grace.username}


async def test_a_mention_by_the_former_name_reaches_the_user(ada: Person, grace: Person) -> None:
    conversation = await start_direct(grace, ada)
    former = ada.username
    await ada.call("change_me", {"username": new_name()})

    sent = await grace.call(
        "send_message",
        {"conversation_id": conversation.id, "content": f"@{former}, are you there?"},
    )

    assert sent.body["mentions"] == [ada.id]


async def test_nobody_else_gets_a_name_that_is_kept(
    world: World, ada: Person, grace: Person
) -> None:
    former = ada.username
    await ada.call("change_me", {"username": new_name()})
    registration = {
        "username": former,
        "email": f"{new_name()}@example.org",
        "password": PASSWORD,
    }

    assert (await grace.call("change_me", {"username": former})).refusal == (409, "username_taken")
    assert (await world.call("register", registration)).refusal == (409, "username_taken")
    back = await ada.call("change_me", {"username": former})
    assert (back.status, back.body["username"]) == (200, former)


async def test_a_name_is_free_after_ninety_days(world: World, ada: Person, grace: Person) -> None:
    former = ada.username
    await ada.call("change_me", {"username": new_name()})
    kept = await world.sql(
        "SELECT kept_until - now() BETWEEN '89 days' AND '90 days' FROM former_usernames"
        " WHERE name = %s",
        former,
    )
    assert kept == [(True,)]
    await world.sql("UPDATE former_usernames SET kept_until = now() WHERE name = %s", former)

    assert (await grace.call("show_user", username=former)).refusal == (404, "user_not_found")
    assert (await grace.call("change_me", {"username": former})).status == 200


async def test_a_name_of_another_user_and_a_reserved_one_are_refused(
    ada: Person, grace: Person
) -> None:
    taken = await ada.call("change_me", {"username": grace.username})
    reserved = await ada.call("change_me", {"username": "ad-min"})

    assert taken.refusal == (409, "username_taken")
    assert reserved.refusal == (422, "username_reserved")


async def test_a_user_keeps_three_former_names(ada: Person) -> None:
    names = [ada.username, *(new_name() for _ in range(4))]
    answers = [await ada.call("change_me", {"username": name}) for name in names[1:]]

    assert [answer.status for answer in answers] == [200, 200, 200, 409]
    assert answers[-1].refusal == (409, "too_many_usernames")
    assert (await ada.call("change_me", {"username": names[0]})).status == 200


async def test_a_name_that_is_given_away_has_one_owner(ada: Person, grace: Person) -> None:
    former = ada.username
    answers = await asyncio.gather(
        ada.call("change_me", {"username": new_name()}),
        grace.call("change_me", {"username": former}),
    )

    assert [answer.status for answer in answers] == [200, 409]


async def test_a_status_is_shown_until_it_ends(world: World, ada: Person, grace: Person) -> None:
    status = {"text": "🌴 away", "until": "2999-01-01T00:00:00.000Z"}
    changed = await ada.call("change_me", {"status": status})

    assert changed.body["status"] == status
    assert (await grace.call("show_user", username=ada.username)).body["status"] == status
    await world.sql(
        """UPDATE users SET status = jsonb_set(status, '{until}', '"2001-01-01T00:00:00Z"')
           WHERE id = %s""",
        ada.id,
    )
    assert (await grace.call("show_user_by_id", id=ada.id)).body["status"] is None


async def test_a_status_stays_until_it_is_removed(ada: Person) -> None:
    await ada.call("change_me", {"status": {"text": "reading"}})
    await ada.call("change_me", {"bio": "Counts."})
    assert (await ada.call("show_me")).body["status"] == {"text": "reading", "until": None}

    removed = await ada.call("change_me", {"status": None})

    assert removed.body["status"] is None


@pytest.mark.parametrize(
    ("status", "field"),
    [
        ({"text": ""}, "status.text"),
        ({"text": "x" * 101}, "status.text"),
        ({"text": "two\nlines"}, "status.text"),
        ({"text": "x", "until": 5}, "status.until"),
        ({"text": "x", "mood": "y"}, "status.mood"),
    ],
)
async def test_an_invalid_status_is_refused_and_named(
    ada: Person, status: object, field: str
) -> None:
    answer = await ada.call("change_me", {"status": status})

    assert answer.status == 422
    assert [error["field"] for error in answer.body["errors"]] == [field]
