from __future__ import annotations

from tests.feature.conversation import start_direct
from tests.feature.world import Person


async def test_a_message_is_edited_over_the_socket(ada: Person, grace: Person) -> None:
    direct = await start_direct(ada, grace)
    message = await ada.send(direct.id, "hi")
    socket, other = await ada.open_socket(), await grace.open_socket()
    frame = {"message_id": message["id"], "content": "ho", "version": 1}
    first = await socket.say("edit", frame, id="e1")
    again = await socket.say("edit", frame, id="e2")

    edited = (await direct.show_message(ada, message)).body
    assert first == {
        "type": "ack", "id": "e1", "ok": True, "replayed": False, "data": {"message": edited},
    }  # fmt: skip
    assert again == {**first, "id": "e2", "replayed": True}
    refused = await other.say("edit", {**frame, "version": 2})
    assert refused["error"]["code"] == "not_allowed"
    assert (await socket.say("edit", {**frame, "content": "hm"}))["error"]["status"] == 409
