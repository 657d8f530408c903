"""What lives in Valkey only is refused or lost; what is in Postgres goes on."""

from __future__ import annotations

from tests.feature.realtime.subscribers import (
    received_events,
    subscribe,
    subscribed_socket,
    type_in,
)
from tests.feature.world import Person, World


async def test_reading_and_removing_work_without_valkey(
    world: World, ada: Person, grace: Person, eve: Person
) -> None:
    conversation = await ada.converse(grace, eve, kind="group")
    await ada.send(conversation, "hi")
    socket = await subscribed_socket(ada, conversation)
    removed = {"id": conversation, "user_id": eve.id}
    due = {"flush": {"channel": "presence", "stream": f"conv:{conversation}"}}
    left = {"unsubscribe": {"user_id": eve.id, "stream": f"conv:{conversation}"}}
    world.queues.drain(world.queues.sockets)
    async with world.away("valkey"):
        streams = {"streams": [f"conv:{conversation}"]}
        frames = {
            "subscribe": streams,
            "unsubscribe": streams,
            "typing": {"stream": f"conv:{conversation}", "typing": True},
            "presence": {"status": "away"},
        }
        for action, data in frames.items():
            error = (await socket.say(action, data))["error"]
            assert (error["status"], error["code"]) == (503, "realtime_unavailable"), action
        read = await grace.call("mark_read", {"seq": 1}, id=conversation)
        gone = await ada.call("remove_member", **removed)
        assert (read.status, gone.status // 100) == (200, 2)
        worked = await world.work_off("workers.maintain_sockets", due, left)
        assert worked == {"batchItemFailures": [{"itemIdentifier": "1"}]}

    assert left in world.queues.drain(world.queues.sockets)


async def test_a_lost_unsubscribe_is_done_when_valkey_is_back(
    world: World, ada: Person, grace: Person
) -> None:
    conversation = await ada.converse(grace, kind="group")
    first, second = (
        await subscribed_socket(ada, conversation),
        await subscribed_socket(grace, conversation),
    )
    left = {"unsubscribe": {"user_id": grace.id, "stream": f"conv:{conversation}"}}
    assert await world.work_off("workers.maintain_sockets", left) == {"batchItemFailures": []}

    assert (await type_in(second, conversation))["error"]["code"] == "not_subscribed"
    await subscribe(second, conversation)
    await type_in(first, conversation)
    assert next(event for event, _ in received_events(second)) == "typing.started"
