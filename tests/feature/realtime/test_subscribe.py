from __future__ import annotations

import time
from uuid import UUID, uuid4

from cgraph.core.ids import short
from tests.feature.realtime.looking import (
    come_due,
    focus_of,
    look,
    pass_window,
    subscribe,
    told,
    type_in,
)
from tests.feature.world import Person, World


async def test_who_is_there_and_how_far_it_is(ada: Person, grace: Person) -> None:
    conversation = await ada.converse(grace)
    await ada.send(conversation, "hi")
    stream, own = f"conv:{conversation}", f"user:{grace.id}"
    await look(ada, conversation)
    socket = await grace.open_socket()
    reply = await socket.say("subscribe", {"streams": [stream, own, stream]}, id="s1")

    present = [{"user_id": ada.id, "status": "online"}]
    assert reply == {
        "type": "ack", "id": "s1", "ok": True,
        "data": {
            "streams": {
                stream: {"head": 1, "present": present, "present_count": 1},
                own: {"head": 1, "present": [], "present_count": 0},
            },
            "lease_ms": 600_000,
        },
    }  # fmt: skip


async def test_who_may_not_follow_it_is_told_that_it_is_gone(
    world: World, ada: Person, grace: Person, eve: Person
) -> None:
    conversation = await ada.converse(grace)
    watching, stranger = await look(ada, conversation), await eve.open_socket()
    asked = [f"conv:{conversation}", f"conv:{uuid4()}", f"user:{ada.id}", f"conv:{eve.id}"]
    reply = await stranger.say("subscribe", {"streams": asked})

    assert reply["data"]["streams"] == {stream: {"gone": True} for stream in asked}
    refused = await type_in(stranger, conversation)
    assert refused["error"]["code"] == "not_subscribed"
    assert str(world.valkey.hkeys(focus_of(conversation))) == f"['{watching.id}']"
    await type_in(await look(grace, conversation), conversation)
    assert (stranger.received(), len(told(watching))) == ([], 2)


async def test_one_newly_there_is_told_to_the_others_when_the_window_is_over(
    world: World, ada: Person, grace: Person
) -> None:
    conversation = await ada.converse(grace)
    first = await look(ada, conversation)
    second = await look(grace, conversation)
    assert told(first) == []
    await pass_window(world, conversation)

    here = ("presence.changed", {"people": [{"user_id": grace.id, "status": "online"}]})
    assert (told(first), told(second)) == ([here], [])
    await subscribe(second, conversation)
    await pass_window(world, conversation)
    assert told(first) == [], "a lease renewed is no news"


async def test_a_lease_ends(world: World, ada: Person, grace: Person) -> None:
    conversation = await ada.converse(grace)
    first, second = await look(ada, conversation), await look(grace, conversation)
    ended = f"{short(UUID(ada.id))} {int(time.time()) - 1} online"
    world.valkey.hset(focus_of(conversation), first.id, ended)

    assert (await subscribe(second, conversation))[conversation]["present"] == []
    await type_in(second, conversation)
    await come_due(world, conversation)
    assert told(first) == []
    assert (await type_in(first, conversation))["error"]["code"] == "not_subscribed"
    await subscribe(first, conversation)
    assert (await type_in(first, conversation))["ok"]


async def test_what_expired_long_ago_is_cleared(world: World, ada: Person, grace: Person) -> None:
    conversation = await ada.converse(grace)
    key = focus_of(conversation)
    for number in range(3):
        world.valkey.hset(key, f"gone-{number}", f"{ada.id} {int(time.time()) - 61} online")
        world.valkey.hset(key, f"asked-{number}", f"{ada.id} -{int(time.time()) - 61} online")
    socket = await look(grace, conversation)

    assert world.valkey.hkeys(key) == [socket.id]
    assert 600 < int(str(world.valkey.ttl(key))) <= 660


async def test_fifty_streams_a_socket(ada: Person) -> None:
    streams = [f"conv:{await ada.converse(kind='group')}" for _ in range(3)]
    others = [f"conv:{uuid4()}" for _ in range(48)]
    socket = await ada.open_socket()

    assert (await socket.say("subscribe", {"streams": [*others, *streams[:2]]}))["ok"]
    reply = await socket.say("subscribe", {"streams": [*others, streams[2]]})
    assert (reply["error"]["status"], reply["error"]["code"]) == (422, "too_many_streams")
    await socket.say("unsubscribe", {"streams": streams[:1]})
    assert (await socket.say("subscribe", {"streams": [*others, streams[2]]}))["ok"]


async def test_what_is_not_valid(ada: Person) -> None:
    socket = await ada.open_socket()
    wrong: list[object] = [
        {},
        {"streams": []},
        {"streams": [f"conv:{uuid4()}" for _ in range(51)]},
        {"streams": ["conv:x"]},
        {"streams": f"conv:{uuid4()}"},
    ]
    for action in ("subscribe", "unsubscribe"):
        for data in wrong:
            assert (await socket.say(action, data))["error"]["code"] == "validation_failed"
