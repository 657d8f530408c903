from __future__ import annotations

import asyncio
import json
from typing import Any
from uuid import uuid4

from tests.feature.conversation import Conversation, start_group
from tests.feature.uploaded import uploaded
from tests.feature.world import Person, World

SECRET = "the treasure is below the third palm tree"


def tombstone(message: Any, deleted_at: str) -> Any:
    return {**message, "content": "", "content_html": "", "quoted": None, "mentions": [],
            "mentions_everyone": None, "attachments": [],
            "reactions": {}, "pinned_at": None, "deleted_at": deleted_at}  # fmt: skip


async def test_the_reply_the_event_and_a_later_read_have_the_same_tombstone(
    ada: Person, grace: Person, direct: Conversation
) -> None:
    message = await ada.send(direct.id, SECRET)
    socket = await grace.open_socket()
    await socket.say("hello")
    answer = await direct.delete(ada, message)

    assert answer.status == 200
    gone = answer.body
    assert gone == tombstone(message, gone["deleted_at"])
    assert gone["deleted_at"] >= message["created_at"]
    data = {"message": gone, "last_message": None}
    assert await direct.events("message.deleted") == [data]
    assert [event["data"] for event in socket.received()] == [data]
    assert (await direct.show_message(grace, message)).body == gone
    assert await direct.list_messages(grace) == [gone]


async def test_a_deleted_message_keeps_its_place(
    world: World, ada: Person, grace: Person, direct: Conversation
) -> None:
    sent = [await ada.send(direct.id, f"{number}") for number in range(3)]
    await direct.delete(ada, sent[1])

    assert [message["content"] for message in await direct.list_messages(ada)] == ["0", "", "2"]
    shown = (await grace.call("show_conversation", id=direct.id)).body
    assert shown["unread_count"] == 2
    rows = await world.sql(
        "SELECT seq, ordinal FROM messages WHERE conversation_id = %s ORDER BY seq", direct.id
    )
    assert rows == [(1, 1), (2, 2), (3, 3)]


async def test_deleting_a_message_again_returns_the_tombstone(
    ada: Person, direct: Conversation
) -> None:
    message = await ada.send(direct.id, SECRET)
    answers = await asyncio.gather(*(direct.delete(ada, message, many=True) for _ in range(6)))
    await direct.age_message(message, days=40)
    answers.append(await direct.delete(ada, message))

    assert {answer.status for answer in answers} == {200}
    assert {answer.body["deleted_at"] for answer in answers} == {answers[0].body["deleted_at"]}
    assert len(await direct.events("message.deleted")) == 1


async def test_the_content_of_a_deleted_message_is_erased_from_the_log(
    world: World, ada: Person, grace: Person, direct: Conversation
) -> None:
    """From events of the message and of a reply that quotes it: sent, edited, pinned."""
    other = await ada.send(direct.id, "something else")
    message = await ada.send(
        direct.id, SECRET, nonce="n1", attachments=[await uploaded(world, ada)]
    )
    reply = await grace.send(direct.id, "really?", reply_to=message["id"])
    await direct.edit(ada, message, f"{SECRET}, on the left")
    await direct.pin(ada, message)
    await direct.edit(grace, reply, "really, really?")
    await direct.pin(ada, reply)
    before = await direct.events()
    assert json.dumps(before).count(SECRET) == 9
    gone = (await direct.delete(ada, message)).body

    after = await direct.events()
    assert SECRET not in json.dumps(after)
    assert [kind for kind, _ in after] == [kind for kind, _ in before] + ["message.deleted"]
    assert after[0] == ("message.created", {"message": other})
    for (_, then), (_, now) in zip(before[1:], after[1:-1], strict=True):
        old, new = then["message"], now["message"]
        if old["id"] == message["id"]:
            assert new == tombstone(old, gone["deleted_at"]) | {
                "reactions": old["reactions"], "pinned_at": old["pinned_at"],
            }  # fmt: skip
        else:
            quoted = {**old["quoted"], "content": "", "deleted": True}
            assert new == {**old, "quoted": quoted}
    assert (await direct.list_messages(grace))[2]["quoted"] == quoted
    replay = await ada.call(
        "send_message",
        {"conversation_id": direct.id, "content": SECRET, "nonce": "n1",
         "attachments": [each["id"] for each in message["attachments"]]},
    )  # fmt: skip
    assert (replay.status, replay.body["content"]) == (200, "")


async def test_the_content_of_a_deleted_message_is_erased_from_events_of_new_members(
    world: World, ada: Person, grace: Person, eve: Person
) -> None:
    group = await start_group(ada, grace)
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

    assert (await joined()).count(SECRET) == 3
    gone = (await group.delete(ada, message)).body
    assert SECRET not in await joined()
    assert gone["deleted_at"] in await joined()


async def test_the_author_deletes_a_message_within_thirty_days(
    ada: Person, grace: Person, direct: Conversation
) -> None:
    first, second = [await ada.send(direct.id, "hi") for _ in range(2)]
    await direct.age_message(first, days=30, minutes=-1)
    await direct.age_message(second, days=30, minutes=1)

    assert (await direct.delete(grace, first)).refusal == (403, "not_allowed")
    assert (await direct.delete(ada, first)).status == 200
    assert (await direct.delete(ada, second)).refusal == (403, "delete_window_over")


async def test_owners_and_admins_delete_messages_at_any_time(
    ada: Person, grace: Person, eve: Person
) -> None:
    group = await start_group(ada, grace, eve)
    await ada.call("put_member", {"role": "admin"}, id=group.id, user_id=grace.id)
    messages = [await eve.send(group.id, "hi") for _ in range(3)]
    for message in messages:
        await group.age_message(message, days=400)

    assert (await group.delete(ada, messages[0])).status == 200
    assert (await group.delete(grace, messages[1])).status == 200
    assert (await group.delete(eve, messages[2])).refusal == (403, "delete_window_over")
    own = await ada.send(group.id, "hi")
    assert (await group.delete(eve, own)).refusal == (403, "not_allowed")


async def test_a_stranger_cannot_delete_a_message(
    ada: Person, eve: Person, direct: Conversation
) -> None:
    message = await ada.send(direct.id, "hi")
    existing, missing = await direct.delete(eve, message), await direct.delete(eve, uuid4())

    assert existing.refusal == missing.refusal == (404, "message_not_found")
    assert existing.body == missing.body
    await direct.drop_member(ada)
    assert (await direct.delete(ada, message)).refusal == (404, "message_not_found")


async def test_a_message_deleted_during_an_edit_has_no_content(
    ada: Person, direct: Conversation
) -> None:
    """Whichever is first, the content is erased in the end, also from the log."""
    for turn in range(4):
        message = await ada.send(direct.id, f"{SECRET} {turn}")
        edited, deleted = await asyncio.gather(
            direct.edit(ada, message, f"{SECRET} edited", many=True),
            direct.delete(ada, message, many=True),
        )
        assert deleted.status == 200
        assert edited.status == 200 or edited.refusal == (409, "message_deleted")
        assert (await direct.show_message(ada, message)).body["content"] == ""
    assert SECRET not in json.dumps(await direct.events())
