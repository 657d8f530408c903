"""Requests between users, and what becomes of them."""

from __future__ import annotations

import asyncio

import pytest

from cgraph.accounts.people.contacts import actions
from tests.feature.world import Person, World


async def states(person: Person, *others: Person) -> list[str | None]:
    """How the person sees each of the others."""
    seen: dict[str, str] = {}
    for state in ("contact", "requested", "received"):
        page = (await person.call("list_contacts", query=f"state={state}")).body
        seen |= {item["user"]["id"]: item["state"] for item in page["items"]}
    return [seen.get(other.id) for other in others]


async def test_a_request_that_is_answered_makes_two_contacts(ada: Person, grace: Person) -> None:
    asked = await ada.call("put_contact", user_id=grace.id)

    assert (asked.status, asked.body) == (200, {"user_id": grace.id, "state": "requested"})
    assert (await states(ada, grace), await states(grace, ada)) == (["requested"], ["received"])
    accepted = await grace.call("put_contact", user_id=ada.id)
    assert accepted.body == {"user_id": ada.id, "state": "contact"}
    assert (await states(ada, grace), await states(grace, ada)) == (["contact"], ["contact"])


async def test_devices_of_both_get_each_change(ada: Person, grace: Person) -> None:
    sockets = [await person.open_socket() for person in (ada, grace)]
    for socket in sockets:
        await socket.say("hello")
    await ada.call("put_contact", user_id=grace.id)
    await ada.call("put_contact", user_id=grace.id)  # changes nothing
    await grace.call("put_contact", user_id=ada.id)
    await ada.call("remove_contact", user_id=grace.id)

    got = [
        [
            event["data"]["state"]
            for event in socket.received()
            if event["event"] == "contact.changed"
        ]
        for socket in sockets
    ]
    assert got == [["requested", "contact", None], ["received", "contact", None]]


async def test_two_users_who_ask_each_other_at_once_are_contacts(
    ada: Person, grace: Person
) -> None:
    await asyncio.gather(
        ada.call("put_contact", user_id=grace.id), grace.call("put_contact", user_id=ada.id)
    )

    assert (await states(ada, grace), await states(grace, ada)) == (["contact"], ["contact"])


async def test_a_user_who_was_declined_does_not_see_it(ada: Person, grace: Person) -> None:
    await ada.call("put_contact", user_id=grace.id)
    await grace.call("remove_contact", user_id=ada.id)

    assert (await states(ada, grace), await states(grace, ada)) == (["requested"], [None])
    await grace.call("put_contact", user_id=ada.id)
    assert (await states(ada, grace), await states(grace, ada)) == (["contact"], ["contact"])


async def test_a_block_ends_the_contact_and_refuses_requests(ada: Person, grace: Person) -> None:
    await ada.call("put_contact", user_id=grace.id)
    await grace.call("put_contact", user_id=ada.id)
    await grace.call("block_user", user_id=ada.id)

    assert (await states(ada, grace), await states(grace, ada)) == ([None], [None])
    assert (await ada.call("put_contact", user_id=grace.id)).refusal == (403, "blocked")


async def test_requests_that_wait_are_limited(world: World, ada: Person, grace: Person) -> None:
    await world.sql(
        """
        WITH person AS (
            INSERT INTO users (id, username, email, password_hash, display_name, created_at)
            SELECT gen_random_uuid(), 'c' || %s || n, 'c' || %s || n || '@example.org', '', 'x',
                   now()
            FROM generate_series(1, %s) AS n
            RETURNING id
        )
        INSERT INTO contacts (user_id, other_id, state, since)
        SELECT %s, id, 'requested', now() FROM person
        """,
        ada.id,
        ada.id,
        actions.REQUESTS_AT_MOST,
        ada.id,
    )
    answer = await ada.call("put_contact", user_id=grace.id)

    assert answer.refusal == (409, "too_many_contact_requests")
    await grace.call("put_contact", user_id=ada.id)
    assert (await ada.call("put_contact", user_id=grace.id)).body["state"] == "contact"


async def test_nobody_is_a_contact_of_themselves_or_of_an_unknown_user(ada: Person) -> None:
    own = await ada.call("put_contact", user_id=ada.id)
    unknown = await ada.call("put_contact", user_id="00000000-0000-7000-8000-000000000000")

    assert own.refusal == (422, "invalid_contact")
    assert unknown.refusal == (404, "user_not_found")


@pytest.mark.parametrize("id", ["x", "1"])
async def test_an_id_must_be_a_uuid(ada: Person, id: str) -> None:
    assert (await ada.call("put_contact", user_id=id)).status == 422
