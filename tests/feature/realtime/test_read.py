from __future__ import annotations

from uuid import uuid4

import pytest

from tests.feature.world import Person


async def test_read_moves_the_marker_as_http_does(ada: Person, grace: Person) -> None:
    conversation = await ada.converse(grace)
    await grace.send(conversation, "one")
    socket, other = await ada.open_socket(), await ada.open_socket()
    for each in (socket, other):
        await each.say("hello")
    answer = await socket.say("read", {"stream": f"conv:{conversation}", "seq": 9}, id="r1")

    marked = {
        "conversation_id": conversation,
        "head": 1,
        "last_read_seq": 1,
        "unread_count": 0,
        "marked_unread": False,
        "mention_count": 0,
    }
    assert answer == {"type": "ack", "id": "r1", "ok": True, "data": marked}
    (event,) = other.received()
    assert (event["stream"], event["event"]) == (f"user:{ada.id}", "conversation.read")
    assert event["data"] == marked
    again = await ada.call("mark_read", {"seq": 0}, id=conversation)
    assert again.body == marked


async def test_a_stranger_may_not_move_a_marker(ada: Person, grace: Person, eve: Person) -> None:
    conversation = await ada.converse(grace)
    socket = await eve.open_socket()

    for id in (conversation, str(uuid4())):
        answer = await socket.say("read", {"stream": f"conv:{id}", "seq": 1})
        error = answer["error"]
        assert (error["status"], error["code"]) == (404, "conversation_not_found")


@pytest.mark.parametrize("stream", ["user:{id}", "conv:", "conv:x", "{id}", "CONV:{id}", None, 1])
async def test_only_streams_of_conversations_have_a_marker(ada: Person, stream: object) -> None:
    socket = await ada.open_socket()
    name = stream.format(id=ada.id) if isinstance(stream, str) else stream
    answer = await socket.say("read", {"stream": name, "seq": 1})

    assert (answer["error"]["status"], answer["error"]["code"]) == (422, "validation_failed")
    assert [error["field"] for error in answer["error"]["errors"]] == ["stream"]
