from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest

from cgraph.events.streams import forum_stream
from cgraph.realtime.subscription_store import subscribers_key
from tests.feature.forum import Forum, new_forum, user_events
from tests.feature.world import Person, Socket, World

NOT_ALLOWED = (403, "not_allowed")

ROUNDS = 20


async def subscribe(person: Person, forum: Forum, *more: str) -> Socket:
    socket = await person.open_socket()
    await socket.say("hello")
    streams = [f"forum:{forum.id}", *more]
    answer = await socket.say("subscribe", {"streams": streams})
    assert all("head" in each for each in answer["data"]["streams"].values()), answer
    return socket


async def end_membership(forum: Forum, owner: Person, person: Person, how: str) -> None:
    if how == "remove":
        answer = await forum.remove(owner, person)
    elif how == "leave":
        answer = await forum.leave(person)
    else:
        answer = await owner.call("ban_user", {}, slug=forum.slug, user_id=person.id)
    assert answer.status in (200, 204), answer


async def test_the_roles_decide_who_removes_whom(
    world: World, ada: Person, grace: Person, eve: Person
) -> None:
    other = await world.new_person("other")
    forum = await new_forum(ada, grace, eve, other)
    for moderator in (grace, other):
        await forum.appoint(ada, moderator)

    for removed in (other, ada):
        assert (await forum.remove(eve, removed)).refusal == NOT_ALLOWED
        assert (await forum.remove(grace, removed)).refusal == (403, "higher_rank")
    assert (await forum.remove(ada, ada)).refusal == (409, "ownership_transfer_required")
    for remover, removed in ((grace, eve), (ada, grace), (other, other)):
        answer = await forum.remove(remover, removed)
        assert (answer.status, answer.body) == (204, None)
    assert await forum.roles(ada) == {"ada": "owner"}
    assert (await forum.remove(ada, eve)).refusal == (404, "member_not_found")
    assert (await forum.remove(ada, uuid4())).refusal == (404, "user_not_found")
    events = [(kind, data) for kind, data in await forum.events() if kind == "membership.removed"]
    assert events == [("membership.removed", {"user_id": who.id}) for who in (eve, grace)]
    assert (await user_events(eve))[-1] == ("forum.left", {"forum_id": forum.id})


@pytest.mark.parametrize("how", ["remove", "leave", "ban"])
async def test_a_former_member_of_a_private_forum_gets_no_further_event(
    ada: Person, eve: Person, how: str
) -> None:
    forum = await new_forum(ada, eve, visibility="private")
    stream = f"forum:{forum.id}"
    hers, adas = await subscribe(eve, forum), await subscribe(ada, forum)
    await forum.change(ada, name="1")
    assert [frame["event"] for frame in hers.received()] == ["forum.updated"]
    await end_membership(forum, ada, eve, how)
    adas.received()
    await forum.change(ada, name="2")

    assert [frame["event"] for frame in adas.received()] == ["forum.updated"]
    frames = hers.received()
    assert {frame["stream"] for frame in frames} <= {f"user:{eve.id}"}
    assert (await eve.call("show_forum", slug=forum.slug)).status == 404
    synced = await eve.call("sync_streams", {"cursors": {stream: 0}})
    assert synced.body["streams"] == {stream: {"gone": True}}
    again = await hers.say("subscribe", {"streams": [stream]})
    assert again["data"]["streams"] == {stream: {"gone": True}}
    pong = await hers.say("ping", {"streams": [stream]})
    assert stream not in pong["heads"]


@pytest.mark.parametrize("how", ["remove", "leave", "ban"])
async def test_the_subscriptions_of_a_former_member_of_a_private_forum_end(
    ada: Person, eve: Person, how: str
) -> None:
    """Also those to its posts; other subscriptions stay."""
    forum, other = await new_forum(ada, eve, visibility="private"), await new_forum(ada)
    post = await ada.call("create_post", {"title": "A post"}, slug=forum.slug)
    hers = await subscribe(eve, forum, f"post:{post.body['id']}", f"forum:{other.id}")
    await end_membership(forum, ada, eve, how)

    valkey: Any = forum.world.valkey
    subscribed = [key for key in valkey.keys("subs:*") if hers.id in valkey.hgetall(key)]
    assert subscribed == [subscribers_key(forum_stream(UUID(other.id)))]
    typed = await hers.say("typing", {"stream": f"forum:{forum.id}", "typing": True})
    assert typed["error"]["code"] == "not_subscribed"


async def test_a_member_removed_during_other_writes_gets_no_event_after_the_removal(
    ada: Person, eve: Person
) -> None:
    forum = await new_forum(ada, visibility="private")
    socket = await eve.open_socket()
    await socket.say("hello")
    stream = f"forum:{forum.id}"

    async def change(number: int) -> None:
        answer = await ada.call("change_forum", {"name": f"{number}"}, slug=forum.slug, many=True)
        assert answer.status == 200

    async def remove() -> None:
        answer = await ada.call("remove_forum_member", slug=forum.slug, user_id=eve.id, many=True)
        assert answer.status == 204

    for number in range(ROUNDS):
        await forum.add(ada, eve)
        await socket.say("subscribe", {"streams": [stream]})
        calls = [change(number), remove()]
        await asyncio.gather(*(calls if number % 2 else reversed(calls)))

    member, allowed = False, set()
    for seq, (kind, _) in enumerate(await forum.events(), start=1):
        member = kind != "membership.removed" and (member or kind == "membership.added")
        if member and kind == "forum.updated":
            allowed.add(seq)
    frames = socket.received()
    events = [event for frame in frames for event in frame.get("events", [frame])]
    got = {event["seq"] for event in events if event.get("stream") == stream}
    assert got <= allowed | {0}
    assert got, "no event came at all"
