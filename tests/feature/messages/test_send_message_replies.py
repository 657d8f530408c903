"""Messages that reply to others."""

from __future__ import annotations

import asyncio
from uuid import uuid4

from tests.feature.conversation import Conversation, send
from tests.feature.world import Person


async def test_a_reply_target_is_a_message_of_the_conversation(
    ada: Person, grace: Person, eve: Person, direct: Conversation
) -> None:
    first = await ada.send(direct.id, "hi")
    elsewhere = await ada.send(await ada.converse(eve), "hi")

    assert (await grace.send(direct.id, "ho", reply_to=first["id"]))["reply_to"] == first["id"]
    for unknown in (elsewhere["id"], str(uuid4())):
        answer = await send(ada, direct.id, "ho", reply_to=unknown, nonce="n1")
        assert answer.refusal == (422, "reply_target_not_found")
    assert (await send(ada, direct.id, "ho", nonce="n1")).body["seq"] == 3


async def test_a_reply_quotes_its_target_and_is_counted(
    ada: Person, grace: Person, group: Conversation
) -> None:
    parent = await ada.send(group.id, "🦉" * 300)
    reply = await grace.send(group.id, "ho", reply_to=parent["id"])

    quoted = {
        "id": parent["id"], "seq": 1, "author_id": ada.id, "content": "🦉" * 200, "deleted": False,
    }  # fmt: skip
    assert (reply["reply_to"], reply["quoted"]) == (parent["id"], quoted)
    payload = {"message": reply, "parent": {"id": parent["id"], "reply_count": 1}}
    assert (await group.events("message.created"))[1] == payload
    assert (await group.list_messages(ada)) == [{**parent, "reply_count": 1}, reply]
    await group.edit(ada, parent, "short")
    assert (await group.show_message(ada, reply)).body["quoted"]["content"] == "short"


async def test_concurrent_replies_are_all_counted(
    ada: Person, grace: Person, group: Conversation
) -> None:
    parent = await ada.send(group.id, "hi")
    draft = {"conversation_id": group.id, "content": "ho", "reply_to": parent["id"]}
    replies = await asyncio.gather(
        *(
            person.call("send_message", {**draft, "nonce": f"n{n}"}, many=True)
            for n in range(5)
            for person in (ada, grace, ada)
        )
    )

    assert sorted(answer.status for answer in replies) == [200] * 5 + [201] * 10
    assert (await group.show_message(ada, parent)).body["reply_count"] == 10
    await group.delete(ada, next(each.body for each in replies if each.body["author_id"] == ada.id))
    assert (await group.show_message(ada, parent)).body["reply_count"] == 10


async def test_a_refused_reply_is_not_counted(
    ada: Person, eve: Person, group: Conversation
) -> None:
    parent = await ada.send(group.id, "hi")
    draft = {"conversation_id": group.id, "content": "ho", "reply_to": parent["id"]}
    assert (await eve.call("send_message", draft)).status == 404
    other = await ada.converse(eve)
    refused = await eve.call("send_message", {**draft, "conversation_id": other})

    assert refused.refusal == (422, "reply_target_not_found")
    assert (await group.show_message(ada, parent)).body["reply_count"] == 0


async def test_a_reply_to_a_deleted_message_quotes_the_tombstone(
    ada: Person, grace: Person, group: Conversation
) -> None:
    parent = await ada.send(group.id, "hi")
    await group.delete(ada, parent)
    reply = await grace.send(group.id, "ho", reply_to=parent["id"])

    assert reply["quoted"] == {
        "id": parent["id"], "seq": 1, "author_id": ada.id, "content": "", "deleted": True,
    }  # fmt: skip
