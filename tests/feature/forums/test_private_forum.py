from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import pytest

from cgraph.events.streams import forum_stream
from cgraph.realtime.subscription_store import subscribers_key
from tests.feature.forums.forum import Forum, forum
from tests.feature.world import Person, Socket

ROUNDS = 20


async def looking(person: Person, made: Forum, *more: str) -> Socket:
    socket = await person.open_socket()
    await socket.say("hello")
    streams = [f"forum:{made.id}", *more]
    answer = await socket.say("subscribe", {"streams": streams})
    assert all("head" in each for each in answer["data"]["streams"].values()), answer
    return socket


async def test_strangers_know_nothing_of_it(ada: Person, eve: Person) -> None:
    made = await forum(ada, visibility="private")
    stream = f"forum:{made.id}"
    for function, body in (
        ("show_forum", None),
        ("list_forum_members", None),
        ("change_forum", {"name": "Mine"}),
        ("join_forum", None),
        ("leave_forum", None),
    ):
        for slug in (made.slug, "no-such-forum"):
            answer = await eve.call(function, body, slug=slug)
            assert answer.refusal == (404, "forum_not_found"), function
    assert (await made.add(eve, eve)).refusal == (404, "forum_not_found")
    assert (await made.appoint(eve, eve)).refusal == (404, "forum_not_found")
    synced = await eve.call("sync_streams", {"cursors": {stream: 0}})
    assert synced.body["streams"] == {stream: {"gone": True}}
    socket = await eve.open_socket()
    await socket.say("hello")
    answer = await socket.say("subscribe", {"streams": [stream]})
    assert answer["data"]["streams"] == {stream: {"gone": True}}


async def put_out(made: Forum, owner: Person, person: Person, how: str) -> None:
    if how == "remove":
        answer = await made.remove(owner, person)
    elif how == "leave":
        answer = await made.leave(person)
    else:
        answer = await owner.call("ban_user", {}, slug=made.slug, user_id=person.id)
    assert answer.status in (200, 204), answer


@pytest.mark.parametrize("how", ["remove", "leave", "ban"])
async def test_out_of_it_they_get_no_next_event(ada: Person, eve: Person, how: str) -> None:
    made = await forum(ada, eve, visibility="private")
    stream = f"forum:{made.id}"
    hers, adas = await looking(eve, made), await looking(ada, made)
    await made.change(ada, name="1")
    assert [frame["event"] for frame in hers.received()] == ["forum.updated"]
    await put_out(made, ada, eve, how)
    adas.received()
    await made.change(ada, name="2")

    assert [frame["event"] for frame in adas.received()] == ["forum.updated"]
    told = hers.received()
    assert {frame["stream"] for frame in told} <= {f"user:{eve.id}"}
    assert (await eve.call("show_forum", slug=made.slug)).status == 404
    synced = await eve.call("sync_streams", {"cursors": {stream: 0}})
    assert synced.body["streams"] == {stream: {"gone": True}}
    again = await hers.say("subscribe", {"streams": [stream]})
    assert again["data"]["streams"] == {stream: {"gone": True}}
    pong = await hers.say("ping", {"streams": [stream]})
    assert stream not in pong["heads"]


@pytest.mark.parametrize("how", ["remove", "leave", "ban"])
async def test_out_of_it_they_look_no_more(ada: Person, eve: Person, how: str) -> None:
    """At its posts neither: they are not seen there, and see nobody. What else they look at, stays
    so.
    """
    made, other = await forum(ada, eve, visibility="private"), await forum(ada)
    post = await ada.call("create_post", {"title": "A post"}, slug=made.slug)
    hers = await looking(eve, made, f"post:{post.body['id']}", f"forum:{other.id}")
    await put_out(made, ada, eve, how)

    valkey: Any = made.world.valkey
    looked_at = [key for key in valkey.keys("subs:*") if hers.id in valkey.hgetall(key)]
    assert looked_at == [subscribers_key(forum_stream(UUID(other.id)))]
    typed = await hers.say("typing", {"stream": f"forum:{made.id}", "typing": True})
    assert typed["error"]["code"] == "not_subscribed"


async def test_at_once_with_events_nobody_gets_what_came_after(ada: Person, eve: Person) -> None:
    """Whoever is removed while others write: no event after the removal's number is for them."""
    made = await forum(ada, visibility="private")
    socket = await eve.open_socket()
    await socket.say("hello")
    stream = f"forum:{made.id}"

    async def change(number: int) -> None:
        answer = await ada.call("change_forum", {"name": f"{number}"}, slug=made.slug, many=True)
        assert answer.status == 200

    async def remove() -> None:
        answer = await ada.call("remove_forum_member", slug=made.slug, user_id=eve.id, many=True)
        assert answer.status == 204

    for number in range(ROUNDS):
        await made.add(ada, eve)
        await socket.say("subscribe", {"streams": [stream]})
        calls = [change(number), remove()]
        await asyncio.gather(*(calls if number % 2 else reversed(calls)))

    member, allowed = False, set()
    for seq, (kind, _) in enumerate(await made.events(), start=1):
        member = kind != "membership.removed" and (member or kind == "membership.added")
        if member and kind == "forum.updated":
            allowed.add(seq)
    frames = socket.received()
    events = [event for frame in frames for event in frame.get("events", [frame])]
    got = {event["seq"] for event in events if event.get("stream") == stream}
    assert got <= allowed | {0}
    assert got, "they never looked"
