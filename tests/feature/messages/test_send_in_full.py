"""What sending does beside sending: quotes, mentions, attachments, blocks."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest

from tests.feature.messages.talk import Talk, talk
from tests.feature.world import Person, World


@pytest.fixture
async def group(ada: Person, grace: Person) -> Talk:
    return await talk(ada, grace, kind="group")


async def mentioned(person: Person, group: Talk, content: str) -> list[str]:
    return list((await person.send(group.id, content))["mentions"])


async def test_a_reply_quotes_and_is_counted(ada: Person, grace: Person, group: Talk) -> None:
    parent = await ada.send(group.id, "🦉" * 300)
    reply = await grace.send(group.id, "ho", reply_to=parent["id"])

    quoted = {"id": parent["id"], "author_id": ada.id, "content": "🦉" * 200, "deleted": False}
    assert (reply["reply_to"], reply["quoted"]) == (parent["id"], quoted)
    told = {"message": reply, "parent": {"id": parent["id"], "reply_count": 1}}
    assert (await group.events("message.created"))[1] == told
    assert (await group.history(ada)) == [{**parent, "reply_count": 1}, reply]
    await group.edit(ada, parent, "short")
    assert (await group.show(ada, reply)).body["quoted"]["content"] == "short"


async def test_replies_at_once_are_all_counted(ada: Person, grace: Person, group: Talk) -> None:
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
    assert (await group.show(ada, parent)).body["reply_count"] == 10
    await group.delete(ada, next(each.body for each in replies if each.body["author_id"] == ada.id))
    assert (await group.show(ada, parent)).body["reply_count"] == 10


async def test_what_is_refused_counts_nothing(ada: Person, eve: Person, group: Talk) -> None:
    parent = await ada.send(group.id, "hi")
    draft = {"conversation_id": group.id, "content": "ho", "reply_to": parent["id"]}
    assert (await eve.call("send_message", draft)).status == 404
    other = await ada.converse(eve)
    refused = await eve.call("send_message", {**draft, "conversation_id": other})

    assert refused.refusal == (422, "reply_target_not_found")
    assert (await group.show(ada, parent)).body["reply_count"] == 0


async def test_a_reply_to_what_is_deleted(ada: Person, grace: Person, group: Talk) -> None:
    parent = await ada.send(group.id, "hi")
    await group.delete(ada, parent)
    reply = await grace.send(group.id, "ho", reply_to=parent["id"])

    assert reply["quoted"] == {
        "id": parent["id"], "author_id": ada.id, "content": "", "deleted": True,
    }  # fmt: skip


async def test_members_are_mentioned(ada: Person, grace: Person, eve: Person, group: Talk) -> None:
    content = f"@{grace.username.upper()}, (@{ada.username}) and @{eve.username}: look."

    assert await mentioned(ada, group, content) == sorted([ada.id, grace.id])
    for nobody in (
        f"mail {grace.username}@example.org or me@{grace.username}",
        f"@{grace.username}@elsewhere.example",
        f"@@{grace.username} @{grace.username}x @",
    ):
        assert await mentioned(ada, group, nobody) == []
    assert await mentioned(ada, group, f"Ask @{grace.username}.") == [grace.id]


async def test_an_edit_mentions_anew(ada: Person, grace: Person, group: Talk) -> None:
    message = await ada.send(group.id, f"@{grace.username}")
    edited = (await group.edit(ada, message, f"@{ada.username}")).body

    assert (message["mentions"], edited["mentions"]) == ([grace.id], [ada.id])
    assert await group.events("message.updated") == [{"message": edited}]


async def test_not_of_those_who_have_blocked(ada: Person, grace: Person, group: Talk) -> None:
    await grace.call("block_user", user_id=ada.id)

    assert await mentioned(ada, group, f"@{grace.username}") == []
    assert await mentioned(grace, group, f"@{ada.username}") == [ada.id]


async def test_attachments_are_kept_as_they_are_named(ada: Person, group: Talk) -> None:
    ids = [str(uuid4()) for _ in range(10)]
    message = await ada.send(group.id, "look", attachments=ids)

    assert message["attachments"] == [{"id": id} for id in ids]
    assert await group.history(ada) == [message]


async def test_no_direct_message_where_one_has_blocked_the_other(
    world: World, ada: Person, grace: Person, group: Talk
) -> None:
    direct = await talk(ada, grace)
    await grace.call("block_user", user_id=ada.id)
    for person in (ada, grace):
        draft = {"conversation_id": direct.id, "content": "hi", "nonce": "n1"}
        assert (await person.call("send_message", draft)).refusal == (403, "blocked")
        await person.send(group.id, "hi")

    assert await direct.events() == []
    await grace.call("unblock_user", user_id=ada.id)
    assert (await ada.send(direct.id, "hi", nonce="n1"))["seq"] == 1
