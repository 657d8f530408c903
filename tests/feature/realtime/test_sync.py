from __future__ import annotations

from uuid import uuid4

from tests.feature.world import Person


async def test_events_follow_and_end_with_caught_up(ada: Person, grace: Person) -> None:
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


async def test_what_did_not_fit_is_asked_for_next(ada: Person, grace: Person) -> None:
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
