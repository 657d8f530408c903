from __future__ import annotations

import asyncio

from tests.feature.forums.forum import forum, own_events
from tests.feature.world import Person, World


async def test_to_join_and_leave(ada: Person, eve: Person) -> None:
    made = await forum(ada)
    socket = await eve.open_socket()
    await socket.say("hello")
    joined = await made.join(eve)
    assert (joined.status, joined.body["role"], joined.body["member_count"]) == (200, "member", 2)
    assert (await made.join(eve)).body == joined.body
    assert await made.roles(ada) == {"ada": "owner", "eve": "member"}
    left = await made.leave(eve)
    assert (left.status, left.body) == (204, None)
    assert (await made.leave(eve)).status == 204

    assert (await made.shown(eve))["role"] is None
    assert await made.roles(ada) == {"ada": "owner"}
    frames = socket.received()
    assert [frame["event"] for frame in frames] == ["forum.joined", "forum.left"]
    assert frames[0]["data"] == {"forum": joined.body}
    assert frames[1]["data"] == {"forum_id": made.id}
    assert await made.events() == []
    assert [type for type, _ in await own_events(eve)] == ["forum.joined", "forum.left"]


async def test_where_one_does_not_just_join(ada: Person, grace: Person, eve: Person) -> None:
    restricted = await forum(ada, grace, visibility="restricted")
    private = await forum(ada, grace, visibility="private")
    for made in (restricted, private):
        assert (await made.join(grace)).body["role"] == "member"
    assert (await restricted.join(eve)).refusal == (403, "not_allowed")
    for answer in (await private.join(eve), await private.leave(eve)):
        assert answer.refusal == (404, "forum_not_found")
    public = await forum(ada)
    await public.ban(eve)
    assert (await public.join(eve)).refusal == (403, "not_allowed")
    assert (await public.leave(eve)).status == 204


async def test_the_owner_hands_over_first(ada: Person, grace: Person) -> None:
    made = await forum(ada)
    assert (await made.leave(ada)).refusal == (409, "ownership_transfer_required")
    await made.appoint(ada, grace, role="owner")
    assert (await made.leave(ada)).status == 204
    assert await made.roles(grace) == {"grace": "owner"}


async def test_many_at_once_are_counted(world: World, ada: Person, grace: Person) -> None:
    made = await forum(ada)
    people = [await world.new_person("p") for _ in range(4)]
    await asyncio.gather(*(made.join(who, many=True) for who in people * 2))
    assert (await made.shown(ada))["member_count"] == 5
    await asyncio.gather(
        *(made.leave(who, many=True) for who in people[:2] * 2),
        *(made.join(who, many=True) for who in people[2:]),
    )
    assert (await made.shown(ada))["member_count"] == 3
    assert len(await made.roles(ada)) >= 2
