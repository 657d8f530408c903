from __future__ import annotations

from uuid import uuid4

from tests.feature.world import Person


async def test_send_does_what_post_messages_does(ada: Person, grace: Person) -> None:
    conversation = await ada.converse(grace)
    socket, other = await ada.open_socket(), await grace.open_socket()
    for each in (socket, other):
        await each.say("hello")
    draft = {"conversation_id": conversation, "content": "hi", "nonce": "n1"}
    first = await socket.say("send", draft, id="c17")
    again = await socket.say("send", draft, id="c18")

    message = first["data"]["message"]
    assert first == {
        "type": "ack", "id": "c17", "ok": True, "replayed": False, "data": {"message": message},
    }  # fmt: skip
    assert again == {**first, "id": "c18", "replayed": True}
    assert (message["seq"], message["author_id"]) == (1, ada.id)
    assert [event["data"] for event in other.received()] == [{"message": message}]
    replay = await ada.call("send_message", draft)
    assert (replay.status, replay.body) == (200, message)


async def test_send_refuses_what_post_messages_refuses(
    ada: Person, grace: Person, eve: Person
) -> None:
    conversation = await ada.converse(grace)
    socket = await ada.open_socket()
    await socket.say("send", {"conversation_id": conversation, "content": "hi", "nonce": "n1"})
    refused = {
        "conversation_not_found": {"conversation_id": str(uuid4()), "content": "hi"},
        "nonce_conflict": {"conversation_id": conversation, "content": "ho", "nonce": "n1"},
        "reply_target_not_found": {
            "conversation_id": conversation, "content": "ho", "reply_to": str(uuid4()),
        },
        "validation_failed": {"conversation_id": conversation, "content": "x" * 4001},
    }  # fmt: skip
    for code, draft in refused.items():
        reply = await socket.say("send", draft, id=code)
        assert (reply["id"], reply["ok"], reply["error"]["code"]) == (code, False, code)
    stranger = await eve.open_socket()
    draft = {"conversation_id": conversation, "content": "hi"}
    assert (await stranger.say("send", draft))["error"]["code"] == "conversation_not_found"


async def test_data_that_is_not_an_object_is_refused(ada: Person) -> None:
    socket = await ada.open_socket()
    wrong: list[object] = ["hi", [], 1]
    for data in wrong:
        assert (await socket.say("send", data))["error"]["code"] == "validation_failed"
