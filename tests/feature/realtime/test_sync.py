from __future__ import annotations

import json
from uuid import uuid4

from tests.feature.world import Person, World


async def test_missed_events_are_pushed_and_end_with_caught_up(ada: Person, grace: Person) -> None:
    conversation = await ada.converse(grace)
    for number in range(4):
        await grace.send(conversation, f"{number}")
    socket = await ada.open_socket()
    stream, nowhere = f"conv:{conversation}", f"conv:{uuid4()}"
    reply = await socket.say("sync", {"cursors": {stream: 1, nowhere: 0}}, id="s1")

    assert (reply["type"], reply["id"], reply["ok"]) == ("ack", "s1", True)
    assert reply["data"] == {
        "streams": {
            stream: {"from": 1, "to": 4, "head": 4, "limited": False},
            nowhere: {"gone": True},
        },
        "next": None,
    }
    batch, caught_up = socket.received()
    assert [event["seq"] for event in batch["events"]] == [2, 3, 4]
    assert caught_up["data"] == {"streams": 2, "events": 3}


async def test_what_did_not_fit_comes_with_the_next_sync(ada: Person, grace: Person) -> None:
    conversation = await ada.converse(grace)
    for number in range(5):
        await grace.send(conversation, f"{number}")
    socket = await ada.open_socket()
    seen, cursors = [], {f"conv:{conversation}": 0}
    while cursors:
        reply = await socket.say("sync", {"cursors": cursors, "limit": 2})
        cursors = reply["data"]["next"]
        seen += [event["seq"] for event in socket.received()[0]["events"]]

    assert seen == [1, 2, 3, 4, 5]


async def test_a_catch_up_of_long_messages_fits_a_job(ada: Person, grace: Person) -> None:
    conversation, other = await ada.converse(grace), await ada.converse(grace, kind="group")
    for _ in range(40):
        await grace.send(conversation, "é" * 4000)
    await grace.send(other, "short")
    socket = await ada.open_socket()
    seen: dict[str, list[int]] = {f"conv:{conversation}": [], f"conv:{other}": []}
    cursors, answers = dict.fromkeys(seen, 0), 0
    while cursors:
        reply = await socket.say("sync", {"cursors": cursors})
        cursors, answers = reply["data"]["next"], answers + 1
        frames = socket.world.queues.frames_for(socket.id)
        assert sum(len(frame.encode()) for frame in frames) < 500_000
        for event in (each for frame in frames for each in json.loads(frame).get("events", [])):
            seen[event["stream"]].append(event["seq"])

    assert list(seen.values()) == [list(range(1, 41)), [1]]
    assert answers == 2


async def test_sync_over_a_socket_takes_a_bounded_number_of_streams(ada: Person) -> None:
    socket = await ada.open_socket()
    many = {f"conv:{uuid4()}": 0 for _ in range(151)}
    refused = await socket.say("sync", {"cursors": many})
    many.popitem()

    assert refused["error"]["code"] == "validation_failed"
    assert (await socket.say("sync", {"cursors": many}))["ok"]


async def test_an_event_larger_than_a_frame_is_partial(
    world: World, ada: Person, grace: Person
) -> None:
    conversation = await ada.converse(grace)
    sent = [await grace.send(conversation, f"{number}") for number in range(3)]
    owls = "🦉" * 12_000  # longer than may be, as is a message with all that it can have
    await world.sql(
        """
        UPDATE events SET payload = jsonb_set(payload, '{message,content}', to_jsonb(%s::text))
        WHERE stream_id = %s AND seq = 2
        """,
        owls,
        conversation,
    )
    socket, stream = await ada.open_socket(), f"conv:{conversation}"
    await socket.say("sync", {"cursors": {stream: 0}})
    frames = [event for frame in socket.received() for event in frame.get("events", [])]

    assert [event["seq"] for event in frames] == [1, 2, 3]
    assert frames[1] == {
        "type": "event", "stream": stream, "seq": 2, "event": "message.created",
        "partial": True, "ref": f"/messages/{sent[1]['id']}",
    }  # fmt: skip
    assert frames[2]["data"]["message"] == sent[2]
    whole = await ada.call("sync_streams", {"cursors": {stream: 1}})
    first = whole.body["streams"][stream]["events"][0]
    assert first["data"]["message"]["content"] == owls
