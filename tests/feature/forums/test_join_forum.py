from __future__ import annotations

import asyncio

from tests.feature.forum import new_forum, user_events
from tests.feature.world import Person, World


async def test_joining_and_leaving_are_events_in_the_own_stream_only(
    ada: Person, eve: Person
) -> None:
    forum = await new_forum(ada)
    socket = await eve.open_socket()
    await socket.say("hello")
    joined = await forum.join(eve)
    assert (joined.status, joined.body["role"], joined.body["member_count"]) == (200, "member", 2)
    assert (await forum.join(eve)).body == joined.body
    assert await forum.roles(ada) == {"ada": "owner", "eve": "member"}
    left = await forum.leave(eve)
    assert (left.status, left.body) == (204, None)
    assert (await forum.leave(eve)).status == 204

    assert (await forum.show(eve))["role"] is None
    assert await forum.roles(ada) == {"ada": "owner"}
    frames = socket.received()
    assert [frame["event"] for frame in frames] == ["forum.joined", "forum.left"]
    assert frames[0]["data"] == {"forum": joined.body}
    assert frames[1]["data"] == {"forum_id": forum.id}
    assert await forum.events() == []
    assert [type for type, _ in await user_events(eve)] == ["forum.joined", "forum.left"]


async def test_restricted_and_private_forums_and_banned_users_cannot_be_joined(
    ada: Person, grace: Person, eve: Person
) -> None:
    restricted = await new_forum(ada, grace, visibility="restricted")
    private = await new_forum(ada, grace, visibility="private")
    for forum in (restricted, private):
        assert (await forum.join(grace)).body["role"] == "member"
    assert (await restricted.join(eve)).refusal == (403, "not_allowed")
    for answer in (await private.join(eve), await private.leave(eve)):
        assert answer.refusal == (404, "forum_not_found")
    public = await new_forum(ada)
    await public.ban(eve)
    assert (await public.join(eve)).refusal == (403, "not_allowed")
    assert (await public.leave(eve)).status == 204


async def test_the_member_count_is_exact_after_concurrent_changes(
    world: World, ada: Person, grace: Person
) -> None:
    forum = await new_forum(ada)
    people = [await world.new_person("p") for _ in range(4)]
    await asyncio.gather(*(forum.join(who, many=True) for who in people * 2))
    assert (await forum.show(ada))["member_count"] == 5
    await asyncio.gather(
        *(forum.leave(who, many=True) for who in people[:2] * 2),
        *(forum.join(who, many=True) for who in people[2:]),
    )
    assert (await forum.show(ada))["member_count"] == 3
    assert len(await forum.roles(ada)) >= 2
