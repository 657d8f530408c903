"""A hundred people who type, a thousand who listen: what it costs, and who is told what."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from typing import Any

from tests.feature.realtime.crowd import listening, looking, say_all
from tests.feature.realtime.subscribers import emergency, end_window, is_flush_scheduled
from tests.feature.world import Person, World

CROWD = 100


async def test_typing_in_a_crowd_costs_no_statement_and_one_push_per_socket_and_window(
    world: World, ada: Person
) -> None:
    conversation = await ada.converse(kind="group")
    ids = [f"{conversation}-{place}" for place in range(CROWD)]
    looking(world, conversation, ids=ids)
    world.queues.drain(world.queues.push)
    stream = f"conv:{conversation}"
    typing = await world.run(say_all, ids, "typing", {"stream": stream, "typing": True})
    told, _ = pushed(world)
    moved = await world.run(say_all, ids, "presence", {"status": "busy"})
    assert pushed(world) == (Counter(), []), "the window lasts"
    assert is_flush_scheduled(world, conversation)
    await end_window(world, conversation)
    again, frames = pushed(world)

    assert (typing, moved) == (0, 0)
    assert told == Counter(ids[1:]), "all but the first, who leads"
    assert again == Counter(ids)
    assert max(len(str(frame).encode()) for frame in frames) < 28_000
    events = {event["event"]: event["data"] for event in frames[0]["events"]}
    assert len(events["typing.started"]["user_ids"]) == 10
    assert events["typing.started"]["count"] in (CROWD - 1, CROWD - 2)
    assert len(events["presence.changed"]["people"]) == CROWD
    assert len(frames) <= 11, "one for all, one for each who is named"


async def test_of_a_large_audience_subscribers_get_events_and_the_others_heads(
    world: World, ada: Person, grace: Person, eve: Person
) -> None:
    conversation = await ada.converse(grace)
    ids = [*listening(world, ada, number=501), *listening(world, grace, number=500)]
    close, far = ids[:3], ids[3:]
    stranger = listening(world, eve, number=1)
    looking(world, conversation, ids=close, person=ada.id)
    looking(world, conversation, ids=stranger, person=eve.id)
    world.queues.drain(world.queues.push)
    for number in range(3):
        await ada.send(conversation, f"{number}")
    by_socket = received(world)

    stream = f"conv:{conversation}"
    assert [frame["seq"] for frame in by_socket[close[0]]] == [1, 2, 3]
    assert all(by_socket[id] == by_socket[close[0]] for id in close)
    assert all(by_socket[id] == [{"type": "heads", "heads": {stream: 1}}] for id in far)
    assert stranger[0] not in by_socket
    assert is_flush_scheduled(world, conversation, "heads")
    await end_window(world, conversation, "heads")
    by_socket = received(world)

    assert by_socket == {id: [{"type": "heads", "heads": {stream: 3}}] for id in far}
    await end_window(world, conversation, "heads")
    assert received(world) == {}


async def test_in_an_emergency_an_audience_above_a_hundred_is_large(
    world: World, ada: Person, grace: Person
) -> None:
    conversation = await ada.converse(grace)
    ids = listening(world, ada, number=101)
    world.queues.drain(world.queues.push)
    await ada.send(conversation, "as ever")
    assert {frame["type"] for frames in received(world).values() for frame in frames} == {"event"}
    async with emergency(world):
        await ada.send(conversation, "to nobody who looks")

    heads = {"type": "heads", "heads": {f"conv:{conversation}": 2}}
    assert received(world) == {id: [heads] for id in ids}


def pushed(world: World) -> tuple[Counter[str], list[Any]]:
    """Frames by socket, and the different ones."""
    counted: Counter[str] = Counter()
    frames = []
    for socket, told in received(world).items():
        counted[socket] += len(told)
        frames += [frame for frame in told if frame not in frames]
    return counted, frames


def received(world: World) -> dict[str, list[Any]]:
    """What was pushed since the last look, by socket."""
    found: defaultdict[str, list[Any]] = defaultdict(list)
    for job in world.queues.drain(world.queues.push):
        for delivery in job["deliveries"]:
            frames = [json.loads(frame) for frame in delivery["frames"]]
            for connection in delivery["connections"]:
                found[connection] += frames
    return dict(found)
