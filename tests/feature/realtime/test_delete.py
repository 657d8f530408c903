from __future__ import annotations

from tests.feature.conversation import start_direct
from tests.feature.world import Person


async def test_a_message_is_deleted_over_the_socket(ada: Person, grace: Person) -> None:
    direct = await start_direct(ada, grace)
    message = await ada.send(direct.id, "hi")
    socket, other = await ada.open_socket(), await grace.open_socket()
    frame = {"message_id": message["id"]}
    refused = await other.say("delete", frame)
    answer = await socket.say("delete", frame, id="d1")

    assert refused["error"]["code"] == "not_allowed"
    gone = (await direct.show_message(ada, message)).body
    assert answer == {"type": "ack", "id": "d1", "ok": True, "data": {"message": gone}}
    assert gone["deleted_at"] is not None
    assert (await socket.say("delete", {}))["error"]["code"] == "validation_failed"
