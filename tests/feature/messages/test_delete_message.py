from __future__ import annotations

import asyncio
import json
from typing import Any
from uuid import uuid4

import pytest

from tests.feature.messages.talk import Talk, talk
from tests.feature.world import Person, World

SECRET = "the treasure is below the third palm tree"


@pytest.fixture
async def chat(ada: Person, grace: Person) -> Talk:
    return await talk(ada, grace)


def tombstone(message: Any, deleted_at: str) -> Any:
    return {**message, "content": "", "quoted": None, "mentions": [], "attachments": [],
            "reactions": {}, "pinned_at": None, "deleted_at": deleted_at}  # fmt: skip


async def test_answer_event_and_a_fresh_read_say_the_same(
    ada: Person, grace: Person, chat: Talk
) -> None:
    message = await ada.send(chat.id, SECRET)
    socket = await grace.open_socket()
    await socket.say("hello")
    answer = await chat.delete(ada, message)

    assert answer.status == 200
    gone = answer.body
    assert gone == tombstone(message, gone["deleted_at"])
    assert gone["deleted_at"] >= message["created_at"]
    assert await chat.events("message.deleted") == [{"message": gone}]
    assert [event["data"] for event in socket.received()] == [{"message": gone}]
    assert (await chat.show(grace, message)).body == gone
    assert await chat.history(grace) == [gone]


async def test_it_keeps_its_place(world: World, ada: Person, grace: Person, chat: Talk) -> None:
    sent = [await ada.send(chat.id, f"{number}") for number in range(3)]
    await chat.delete(ada, sent[1])

    assert [message["content"] for message in await chat.history(ada)] == ["0", "", "2"]
    shown = (await grace.call("show_conversation", id=chat.id)).body
    assert shown["unread_count"] == 3
    rows = await world.sql(
        "SELECT seq, ordinal FROM messages WHERE conversation_id = %s ORDER BY seq", chat.id
    )
    assert rows == [(1, 1), (2, 2), (3, 3)]


async def test_twice_answers_what_is_left(ada: Person, chat: Talk) -> None:
    message = await ada.send(chat.id, SECRET)
    answers = await asyncio.gather(*(chat.delete(ada, message, many=True) for _ in range(6)))
    await chat.aged(message, days=40)
    answers.append(await chat.delete(ada, message))

    assert {answer.status for answer in answers} == {200}
    assert {answer.body["deleted_at"] for answer in answers} == {answers[0].body["deleted_at"]}
    assert len(await chat.events("message.deleted")) == 1


async def test_its_text_leaves_the_log(ada: Person, grace: Person, chat: Talk) -> None:
    """Whatever told it: sent, edited, pinned; quoted by a reply that was sent, edited, pinned."""
    other = await ada.send(chat.id, "something else")
    message = await ada.send(chat.id, SECRET, nonce="n1", attachments=[str(uuid4())])
    reply = await grace.send(chat.id, "really?", reply_to=message["id"])
    await chat.edit(ada, message, f"{SECRET}, on the left")
    await chat.pin(ada, message)
    await chat.edit(grace, reply, "really, really?")
    await chat.pin(ada, reply)
    before = await chat.events()
    assert json.dumps(before).count(SECRET) == 6
    gone = (await chat.delete(ada, message)).body

    after = await chat.events()
    assert SECRET not in json.dumps(after)
    assert [kind for kind, _ in after] == [kind for kind, _ in before] + ["message.deleted"]
    assert after[0] == ("message.created", {"message": other})
    for (_, then), (_, now) in zip(before[1:], after[1:-1], strict=True):
        said, says = then["message"], now["message"]
        if said["id"] == message["id"]:
            assert says == tombstone(said, gone["deleted_at"]) | {
                "reactions": said["reactions"], "pinned_at": said["pinned_at"],
            }  # fmt: skip
        else:
            quoted = {**said["quoted"], "content": "", "deleted": True}
            assert says == {**said, "quoted": quoted}
    assert (await chat.history(grace))[2]["quoted"] == quoted
    replay = await ada.call(
        "send_message",
        {"conversation_id": chat.id, "content": SECRET, "nonce": "n1",
         "attachments": [each["id"] for each in message["attachments"]]},
    )  # fmt: skip
    assert (replay.status, replay.body["content"]) == (200, "")


async def test_whoever_joined_meanwhile_loses_it_too(
    world: World, ada: Person, grace: Person, eve: Person
) -> None:
    group = await talk(ada, grace, kind="group")
    message = await ada.send(group.id, SECRET)
    joining = {"id": group.id, "user_id": eve.id}
    await ada.call("put_member", {}, **joining)
    await grace.send(group.id, "really?", reply_to=message["id"])
    await eve.call("remove_member", **joining)
    await ada.call("put_member", {}, **joining)

    async def joined() -> str:
        rows = await world.sql(
            "SELECT payload FROM events WHERE stream_id = %s AND type = 'conversation.joined'",
            eve.id,
        )
        return json.dumps(rows)

    assert (await joined()).count(SECRET) == 2
    gone = (await group.delete(ada, message)).body
    assert SECRET not in await joined()
    assert gone["deleted_at"] in await joined()


async def test_by_its_author_for_thirty_days(ada: Person, grace: Person, chat: Talk) -> None:
    first, second = [await ada.send(chat.id, "hi") for _ in range(2)]
    await chat.aged(first, days=30, minutes=-1)
    await chat.aged(second, days=30, minutes=1)

    assert (await chat.delete(grace, first)).refusal == (403, "not_allowed")
    assert (await chat.delete(ada, first)).status == 200
    assert (await chat.delete(ada, second)).refusal == (403, "delete_window_over")


async def test_by_owners_and_admins_always(ada: Person, grace: Person, eve: Person) -> None:
    group = await talk(ada, grace, eve, kind="group")
    await ada.call("put_member", {"role": "admin"}, id=group.id, user_id=grace.id)
    messages = [await eve.send(group.id, "hi") for _ in range(3)]
    for message in messages:
        await group.aged(message, days=400)

    assert (await group.delete(ada, messages[0])).status == 200
    assert (await group.delete(grace, messages[1])).status == 200
    assert (await group.delete(eve, messages[2])).refusal == (403, "delete_window_over")
    own = await ada.send(group.id, "hi")
    assert (await group.delete(eve, own)).refusal == (403, "not_allowed")


async def test_not_by_strangers(ada: Person, eve: Person, chat: Talk) -> None:
    message = await ada.send(chat.id, "hi")
    there, nowhere = await chat.delete(eve, message), await chat.delete(eve, uuid4())

    assert there.refusal == nowhere.refusal == (404, "message_not_found")
    assert there.body == nowhere.body
    await chat.left(ada)
    assert (await chat.delete(ada, message)).refusal == (404, "message_not_found")


async def test_during_an_edit(ada: Person, chat: Talk) -> None:
    """Whichever comes first, the text is gone in the end, out of the log too."""
    for turn in range(4):
        message = await ada.send(chat.id, f"{SECRET} {turn}")
        edited, deleted = await asyncio.gather(
            chat.edit(ada, message, f"{SECRET} edited", many=True),
            chat.delete(ada, message, many=True),
        )
        assert deleted.status == 200
        assert edited.status == 200 or edited.refusal == (409, "message_deleted")
        assert (await chat.show(ada, message)).body["content"] == ""
    assert SECRET not in json.dumps(await chat.events())


async def test_over_the_socket(ada: Person, grace: Person, chat: Talk) -> None:
    message = await ada.send(chat.id, "hi")
    socket, other = await ada.open_socket(), await grace.open_socket()
    frame = {"message_id": message["id"]}
    refused = await other.say("delete", frame)
    answer = await socket.say("delete", frame, id="d1")

    assert refused["error"]["code"] == "not_allowed"
    gone = (await chat.show(ada, message)).body
    assert answer == {"type": "ack", "id": "d1", "ok": True, "data": {"message": gone}}
    assert gone["deleted_at"] is not None
    assert (await socket.say("delete", {}))["error"]["code"] == "validation_failed"
