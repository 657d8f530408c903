from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest

from tests.feature.environment import Request, answer_counted
from tests.feature.mailed import admitting, verified
from tests.feature.world import PASSWORD, Person, World


def registration(**changes: object) -> dict[str, object]:
    name = f"new-{uuid4().hex[:10]}"
    return {"username": name, "email": f"{name}@example.org", "password": PASSWORD, **changes}


async def test_a_registration_signs_the_new_user_in(world: World) -> None:
    draft = registration()
    answer = await world.call("register", draft, headers={"user-agent": "Phone"})

    assert answer.status == 201
    assert answer.body["user"]["username"] == answer.body["user"]["display_name"]
    assert answer.body["user"]["email"] == draft["email"]
    assert answer.body["expires_in"] == 3600
    me = await world.signed_in(answer.body).call("show_me")
    assert me.body == {**answer.body["user"], "karma": 0}
    devices = await world.sql(
        "SELECT device FROM sessions WHERE user_id = %s", answer.body["user"]["id"]
    )
    assert devices == [("Phone",)]


async def test_a_registration_nudges_the_consumers_of_the_log(world: World) -> None:
    """No socket gets an event of a new user, but search is to find them."""
    world.valkey.delete("log:nudge")
    world.queues.drain(world.queues.log)
    assert (await world.call("register", registration())).status == 201
    assert world.queues.drain(world.queues.log) == [{}]


async def test_usernames_are_unique_in_any_case(world: World, ada: Person) -> None:
    same_name = registration(username=ada.username.upper())
    assert (await world.call("register", same_name)).refusal == (409, "username_taken")


async def test_a_registration_does_not_say_whether_an_address_is_known(
    world: World, ada: Person
) -> None:
    await verified(ada)
    known = await world.call("register", registration(email=ada.email.lower()))
    unknown = await world.call("register", registration())
    assert (known.status, known.body.keys()) == (unknown.status, unknown.body.keys())
    assert known.body["user"]["email_verified"] is unknown.body["user"]["email_verified"] is False


async def test_a_known_address_takes_as_many_round_trips_and_queue_messages(
    world: World, ada: Person
) -> None:
    await verified(ada)
    counts = []
    with admitting(world, unverified_may="read"):
        for draft in (registration(), registration(email=ada.email), registration()):
            world.valkey.delete("log:nudge")
            answer, *count = await world.run(answer_counted, Request("register", body=draft))
            counts.append((answer["statusCode"], *count))
    assert counts[1] == counts[2]  # the first one also loads scripts


async def test_one_of_several_concurrent_registrations_gets_the_username(world: World) -> None:
    name = f"race-{uuid4().hex[:10]}"
    drafts = [registration(username=name) for _ in range(8)]
    answers = await asyncio.gather(*(world.call("register", draft, many=True) for draft in drafts))

    assert sorted(answer.status for answer in answers) == [201, *[409] * 7]
    people = await world.sql("SELECT count(*) FROM users WHERE username = %s", name)
    assert people == [(1,)]


async def test_passwords_and_tokens_are_not_stored_readable(world: World) -> None:
    answer = await world.call("register", registration())
    tokens = answer.body["access_token"], answer.body["refresh_token"]
    stored = await world.sql(
        """
        SELECT u::text || s::text || r::text || encode(s.access_hash, 'escape')
        FROM users u JOIN sessions s ON s.user_id = u.id
        JOIN refresh_tokens r ON r.session_id = s.id WHERE u.id = %s
        """,
        answer.body["user"]["id"],
    )

    (row,) = (str(row[0]) for row in stored)
    assert "$argon2id$" in row
    for secret in (PASSWORD, *tokens, *(token.split("_")[3] for token in tokens)):
        assert secret not in row
    assert [token[:4] for token in tokens] == ["cga_", "cgr_"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("username", "a"),
        ("username", "with space"),
        ("username", "-dash-first"),
        ("username", "ünïcode"),
        ("username", "x" * 33),
        ("username", None),
        ("username", ["list"]),
        ("email", "nobody"),
        ("email", "two@at@signs"),
        ("email", "line\nbreak@example.org"),
        ("email", f"{'x' * 65}@example.org"),
        ("password", "short"),
        ("password", "x" * 257),
        ("password", 12345678),
    ],
)
async def test_an_invalid_field_of_a_registration_is_refused_and_named(
    world: World, field: str, value: object
) -> None:
    answer = await world.call("register", registration(**{field: value}))

    assert answer.refusal == (422, "validation_failed")
    assert [error["field"] for error in answer.body["errors"]] == [field]


@pytest.mark.parametrize("body", ['{"username": ', "not json", "[" * 20_000])
async def test_a_body_that_is_not_json_is_refused_as_malformed(world: World, body: str) -> None:
    answer = await world.call("register", body)

    assert answer.refusal == (400, "malformed_body")


async def test_unknown_fields_of_a_registration_are_refused(world: World) -> None:
    draft = registration(id=str(uuid4()), bio="x", role="admin")
    answer = await world.call("register", draft)

    assert answer.refusal == (422, "unknown_field")
    assert [error["field"] for error in answer.body["errors"]] == ["id", "bio", "role"]
    assert await world.sql("SELECT 1 FROM users WHERE username = %s", draft["username"]) == []
