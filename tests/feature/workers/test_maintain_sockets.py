from __future__ import annotations

import asyncio
import json

from tests.feature.world import Person, World


async def test_gone_sockets_get_no_further_frames(world: World, ada: Person, grace: Person) -> None:
    conversation = await ada.converse(grace)
    gone, stays = await ada.open_socket(), await ada.open_socket()
    for socket in (gone, stays):
        await socket.say("hello")
    answer = await world.work_off("workers.maintain_sockets", {"gone": [gone.id, "never-known"]})
    await grace.send(conversation, "hi")

    assert answer == {"batchItemFailures": []}
    assert (gone.received(), len(stays.received())) == ([], 1)


async def test_only_the_invalid_job_is_reported_as_failed(world: World, ada: Person) -> None:
    socket = await ada.open_socket()
    jobs = [{"gone": "all"}, {"gone": [socket.id]}, "nothing"]
    answer = await world.work_off("workers.maintain_sockets", *jobs)

    failed = [item["itemIdentifier"] for item in answer["batchItemFailures"]]
    assert failed == ["0", "2"]
    assert (await socket.say("ping"))["error"]["code"] == "authentication_required"


async def test_a_failed_job_is_delivered_again_within_seconds(world: World) -> None:
    """And not after the visibility timeout, which is 30 s in this queue."""
    queue = world.queues.new("retried")
    world.queues.send(queue, json.dumps({"gone": "all"}))
    (record,) = world.queues.records(queue)
    answer = await world.work_off_records("workers.maintain_sockets", [record])
    assert answer == {"batchItemFailures": [{"itemIdentifier": record["messageId"]}]}

    assert world.queues.records(queue) == []
    async with asyncio.timeout(10):
        while not (again := world.queues.records(queue)):
            await asyncio.sleep(0.1)
    assert again[0]["messageId"] == record["messageId"]
    assert again[0]["attributes"]["ApproximateReceiveCount"] == "2"
