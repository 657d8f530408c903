from __future__ import annotations

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
