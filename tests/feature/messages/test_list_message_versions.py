from __future__ import annotations

import json
from typing import Any

from tests.feature.conversation import Conversation
from tests.feature.world import Answer, Person, World


async def versions(person: Person, message: Any, query: str = "") -> Answer:
    return await person.call("list_message_versions", id=message["id"], query=query)


async def test_earlier_versions_are_listed_last_first(
    ada: Person, grace: Person, group: Conversation
) -> None:
    message = await grace.send(group.id, "one")
    assert (await versions(grace, message)).body == {"items": [], "next": None}
    edits = [
        (await group.edit(grace, message, text, version=version)).body
        for version, text in enumerate(("two", "three"), start=1)
    ]

    for reader in (grace, ada):  # the author, and the owner of the group
        answer = await versions(reader, message)
        assert (answer.status, answer.body["next"]) == (200, None)
        assert answer.body["items"] == [
            {"version": 2, "content": "two", "edited_at": edits[1]["edited_at"]},
            {"version": 1, "content": "one", "edited_at": edits[0]["edited_at"]},
        ]
    first = (await versions(ada, message, "limit=1")).body
    rest = (await versions(ada, message, f"limit=1&cursor={first['next']}")).body
    assert [item["version"] for item in first["items"] + rest["items"]] == [2, 1]


async def test_only_the_author_and_owner_or_admins_see_earlier_versions(
    ada: Person, grace: Person, eve: Person, group: Conversation
) -> None:
    message = await ada.send(group.id, "one")
    await group.edit(ada, message, "two")

    assert (await versions(grace, message)).refusal == (403, "not_allowed")
    await group.put_member(ada, grace, role="admin")
    assert (await versions(grace, message)).status == 200
    assert (await versions(eve, message)).refusal == (404, "message_not_found")


async def test_the_peer_of_a_direct_conversation_does_not_see_earlier_versions(
    ada: Person, grace: Person, direct: Conversation
) -> None:
    message = await ada.send(direct.id, "one")
    await direct.edit(ada, message, "two")

    assert (await versions(grace, message)).refusal == (403, "not_allowed")
    assert (await versions(ada, message)).status == 200


async def test_versions_are_deleted_with_the_message(
    world: World, ada: Person, group: Conversation
) -> None:
    message = await ada.send(group.id, "one")
    await group.edit(ada, message, "two")
    await group.delete(ada, message)

    assert (await versions(ada, message)).body == {"items": [], "next": None}
    query = "SELECT FROM message_versions WHERE message_id = %s"
    assert await world.sql(query, message["id"]) == []


async def test_a_repeated_edit_makes_no_second_version(ada: Person, group: Conversation) -> None:
    message = await ada.send(group.id, "one")
    for _ in range(2):
        await group.edit(ada, message, "two")

    assert len((await versions(ada, message)).body["items"]) == 1


async def test_events_carry_the_text_as_it_is_now(
    ada: Person, grace: Person, eve: Person, group: Conversation
) -> None:
    """Those of the message, of its replies and of members who joined; the rest stays as it was."""
    message = await ada.send(group.id, "the first text", nonce="n1")
    reply = await grace.send(group.id, "what?", reply_to=message["id"])
    await group.pin(ada, message)
    await group.edit(grace, reply, "what else?")
    await group.delete(grace, reply)
    await group.put_member(ada, eve)
    await grace.send(group.id, "a second reply", reply_to=message["id"])
    await group.edit(ada, message, "the second text")
    mentioning = f"the third text, @{grace.username}"
    await group.edit(ada, message, mentioning, version=2)

    log = json.dumps(await group.events())
    assert "the first text" not in log and "the second text" not in log
    created, *_ = await group.events("message.created")
    html = f"<p>{mentioning}</p>\n"
    expected = {**message, "content": mentioning, "content_html": html, "mentions": [grace.id]}
    assert created["message"] == expected
    edits = [event["message"] for event in await group.events("message.updated")]
    own = [each for each in edits if each["id"] == message["id"]]
    assert [each["version"] for each in own] == [1, 2, 3]
    assert {each["content"] for each in own} == {mentioning}
    (deleted,) = await group.events("message.deleted")
    assert deleted["last_message"]["content"] == mentioning
    (joined,) = await ada.world.sql(
        "SELECT payload FROM events WHERE stream_id = %s AND type = 'conversation.joined'", eve.id
    )
    assert joined[0]["conversation"]["last_message"]["content"] == mentioning
    quotes = [event["message"]["quoted"] for event in await group.events("message.created")]
    assert [quote and quote["content"] for quote in quotes[1:]] == [None, mentioning]
    draft = {"conversation_id": group.id, "content": "the first text", "nonce": "n1"}
    replay = await ada.call("send_message", draft)
    assert (replay.status, replay.body["content"]) == (200, mentioning)


async def test_a_member_who_catches_up_from_the_beginning_gets_the_current_text(
    ada: Person, grace: Person, group: Conversation
) -> None:
    message = await ada.send(group.id, "the first text")
    await group.edit(ada, message, "the second text")

    cursors = {"cursors": {f"conv:{group.id}": 0}}
    synced = (await grace.call("sync_streams", cursors)).body["streams"][f"conv:{group.id}"]
    contents = [event["data"]["message"]["content"] for event in synced["events"]]
    assert contents == ["the second text"] * 2
