from __future__ import annotations

from tests.feature.world import Person


async def test_reactions_are_added_and_removed_over_the_socket(ada: Person, grace: Person) -> None:
    message = await ada.send(await ada.converse(grace), "hi")
    socket = await ada.open_socket()
    frame = {"message_id": message["id"], "emoji": "👍🏽", "added": True}
    added = await socket.say("react", frame, id="r1")
    removed = await socket.say("react", {**frame, "added": False}, id="r2")

    mine = {"message_id": message["id"], "reactions": {"👍🏽": 1}, "my_reactions": ["👍🏽"]}
    assert added == {"type": "ack", "id": "r1", "ok": True, "data": mine}
    assert removed["data"] == {**mine, "reactions": {}, "my_reactions": []}
    incomplete = await socket.say("react", {"message_id": message["id"], "emoji": "👍🏽"})
    assert incomplete["error"]["code"] == "validation_failed"
