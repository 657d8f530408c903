from __future__ import annotations

import asyncio

import pytest

from tests.feature.forum import new_forum
from tests.feature.forums.requests import (
    ask,
    let_pass,
    listed,
    new_asked_forum,
    request_events,
    resolve,
)
from tests.feature.world import Person


@pytest.mark.parametrize("visibility", ["restricted", "private"])
async def test_a_request_is_shown_to_the_moderators_once(
    ada: Person, grace: Person, eve: Person, visibility: str
) -> None:
    forum = await new_asked_forum(ada, visibility=visibility)
    await forum.insert_member(grace, role="moderator")
    socket = await grace.open_socket()
    await socket.say("hello")
    first = await ask(eve, forum, message="Please")
    assert (first.body["state"], first.body["message"]) == ("open", "Please")
    again = await asyncio.gather(
        *(forum.call(eve, "request_membership", {"message": "!"}, many=True) for _ in range(4))
    )
    assert [answer.body for answer in again] == [first.body] * 4
    assert await listed(grace, forum) == [first.body]
    (frame,) = socket.received()
    assert (frame["event"], frame["data"]["request"]["user"]["id"]) == ("request.created", eve.id)
    for person in (ada, grace, eve):
        assert await request_events(person, forum) == [("request.created", "open")]
    if visibility == "private":
        assert (await forum.call(eve, "show_forum")).refusal == (404, "forum_not_found")


async def test_a_forum_that_accepts_no_requests_refuses_them_or_does_not_exist(
    ada: Person, eve: Person
) -> None:
    for visibility, refusal in (
        ("public", (403, "requests_not_accepted")),
        ("restricted", (403, "requests_not_accepted")),
        ("private", (404, "forum_not_found")),
    ):
        forum = await new_forum(ada, visibility=visibility)
        assert (await ask(eve, forum)).refusal == refusal
    assert (await ask(eve, await new_asked_forum(ada, visibility="public"))).refusal == (
        403,
        "requests_not_accepted",
    )


@pytest.mark.parametrize("visibility", ["restricted", "private"])
async def test_members_banned_users_and_those_with_a_block_to_the_owner_cannot_ask(
    ada: Person, grace: Person, eve: Person, visibility: str
) -> None:
    forum = await new_asked_forum(ada, visibility=visibility)
    assert (await ask(ada, forum)).refusal == (409, "already_member")
    await forum.ban(grace)
    banned = (403, "not_allowed") if visibility == "restricted" else (404, "forum_not_found")
    assert (await ask(grace, forum)).refusal == banned
    for one, other in ((ada, eve), (eve, ada)):
        await one.call("block_user", user_id=other.id)
        assert (await ask(eve, forum)).refusal == (403, "blocked")
        await one.call("unblock_user", user_id=other.id)
    assert (await ask(eve, forum)).status == 200


async def test_a_refused_user_may_ask_again_after_thirty_days(ada: Person, eve: Person) -> None:
    forum = await new_asked_forum(ada)
    await ask(eve, forum)
    await resolve(ada, forum, eve, "refuse")
    refused = await ask(eve, forum)
    assert refused.refusal == (409, "requested_recently")
    assert 29 * 86_400 < int(refused.headers["retry-after"]) <= 30 * 86_400
    await let_pass(forum, 29)
    assert (await ask(eve, forum)).refusal == (409, "requested_recently")
    await let_pass(forum, 1)
    assert (await ask(eve, forum)).body["state"] == "open"


async def test_a_user_whom_a_moderator_adds_has_no_open_request_any_more(
    ada: Person, eve: Person
) -> None:
    forum = await new_asked_forum(ada)
    await ask(eve, forum)
    assert (await forum.add(ada, eve)).status == 200
    assert await listed(ada, forum) == []


async def test_a_message_has_at_most_a_thousand_characters(ada: Person, eve: Person) -> None:
    forum = await new_asked_forum(ada)
    for message in ("x" * 1001, 1, "a\0b"):
        assert (await ask(eve, forum, message=message)).refusal == (422, "validation_failed")
