from __future__ import annotations

import time
from uuid import UUID, uuid4

from cgraph.core.ids import short
from tests.feature.realtime.subscribers import (
    end_window,
    received_events,
    run_flush_job,
    subscribe,
    subscribed_socket,
    subscribers_key_of,
    type_in,
)
from tests.feature.world import Person, World


async def test_a_subscription_answers_who_is_present_and_the_head(
    ada: Person, grace: Person
) -> None:
    conversation = await ada.converse(grace)
    await ada.send(conversation, "hi")
    stream, own = f"conv:{conversation}", f"user:{grace.id}"
    await subscribed_socket(ada, conversation)
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


async def test_a_stream_that_the_user_may_not_read_is_gone(
    world: World, ada: Person, grace: Person, eve: Person
) -> None:
    conversation = await ada.converse(grace)
    watching, stranger = await subscribed_socket(ada, conversation), await eve.open_socket()
    asked = [f"conv:{conversation}", f"conv:{uuid4()}", f"user:{ada.id}", f"conv:{eve.id}"]
    reply = await stranger.say("subscribe", {"streams": asked})

    assert reply["data"]["streams"] == {stream: {"gone": True} for stream in asked}
    refused = await type_in(stranger, conversation)
    assert refused["error"]["code"] == "not_subscribed"
    assert str(world.valkey.hkeys(subscribers_key_of(conversation))) == f"['{watching.id}']"
    await type_in(await subscribed_socket(grace, conversation), conversation)
    assert (stranger.received(), len(received_events(watching))) == ([], 2)


async def test_a_new_subscriber_is_announced_when_the_window_ends(
    world: World, ada: Person, grace: Person
) -> None:
    conversation = await ada.converse(grace)
    first = await subscribed_socket(ada, conversation)
    second = await subscribed_socket(grace, conversation)
    assert received_events(first) == []
    await end_window(world, conversation)

    here = ("presence.changed", {"people": [{"user_id": grace.id, "status": "online"}]})
    assert (received_events(first), received_events(second)) == ([here], [])
    await subscribe(second, conversation)
    await end_window(world, conversation)
    assert received_events(first) == [], "a lease renewed is no news"


async def test_a_subscription_ends_with_its_lease(world: World, ada: Person, grace: Person) -> None:
    conversation = await ada.converse(grace)
    first, second = (
        await subscribed_socket(ada, conversation),
        await subscribed_socket(grace, conversation),
    )
    ended = f"{short(UUID(ada.id))} {int(time.time()) - 1} online"
    world.valkey.hset(subscribers_key_of(conversation), first.id, ended)

    assert (await subscribe(second, conversation))[conversation]["present"] == []
    await type_in(second, conversation)
    await run_flush_job(world, conversation)
    assert received_events(first) == []
    assert (await type_in(first, conversation))["error"]["code"] == "not_subscribed"
    await subscribe(first, conversation)
    assert (await type_in(first, conversation))["ok"]


async def test_expired_subscriptions_are_removed(world: World, ada: Person, grace: Person) -> None:
    conversation = await ada.converse(grace)
    key = subscribers_key_of(conversation)
    for number in range(3):
        world.valkey.hset(key, f"gone-{number}", f"{ada.id} {int(time.time()) - 61} online")
        world.valkey.hset(key, f"asked-{number}", f"{ada.id} -{int(time.time()) - 61} online")
    socket = await subscribed_socket(grace, conversation)

    assert world.valkey.hkeys(key) == [socket.id]
    assert 600 < int(str(world.valkey.ttl(key))) <= 660


async def test_a_socket_subscribes_to_at_most_fifty_streams(ada: Person) -> None:
    streams = [f"conv:{await ada.converse(kind='group')}" for _ in range(3)]
    others = [f"conv:{uuid4()}" for _ in range(48)]
    socket = await ada.open_socket()

    assert (await socket.say("subscribe", {"streams": [*others, *streams[:2]]}))["ok"]
    reply = await socket.say("subscribe", {"streams": [*others, streams[2]]})
    assert (reply["error"]["status"], reply["error"]["code"]) == (422, "too_many_streams")
    await socket.say("unsubscribe", {"streams": streams[:1]})
    assert (await socket.say("subscribe", {"streams": [*others, streams[2]]}))["ok"]


async def test_invalid_streams_are_refused(ada: Person) -> None:
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
