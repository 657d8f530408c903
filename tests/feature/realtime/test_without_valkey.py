"""What lives in Valkey only is refused or lost; what is in Postgres goes on."""

from __future__ import annotations

from tests.feature.realtime.subscribers import (
    end_window,
    received_events,
    reset_window,
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
        assert (await ada.call("block_user", user_id=grace.id)).status == 204
        worked = await world.work_off("workers.maintain_sockets", due, left)
        assert worked == {"batchItemFailures": [{"itemIdentifier": "1"}]}

    jobs = world.queues.drain(world.queues.sockets)
    assert left in jobs
    assert {"block": {"blocker": ada.id, "blocked": grace.id}} in jobs


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


async def test_a_block_that_subscriptions_missed_is_applied_as_it_is_by_now(
    world: World, ada: Person, grace: Person
) -> None:
    conversation = await ada.converse(grace, kind="group")
    first, second = (
        await subscribed_socket(ada, conversation),
        await subscribed_socket(grace, conversation),
    )
    job = {"block": {"blocker": ada.id, "blocked": grace.id}}
    insert = "INSERT INTO blocks (user_id, blocked_id, created_at) VALUES (%s, %s, now())"
    for query, shown in ((insert, []), ("DELETE FROM blocks WHERE user_id = %s", [1, 2])):
        await world.sql(query, *(ada.id, grace.id)[: query.count("%s")])
        assert await world.work_off("workers.maintain_sockets", job) == {"batchItemFailures": []}
        await reset_window(world, conversation, first, second)
        for socket in (first, second):
            await type_in(socket, conversation)
            await end_window(world, conversation)
        started = [
            number
            for number, socket in ((1, first), (2, second))
            for event, _ in received_events(socket)
            if event == "typing.started"
        ]
        assert started == shown
