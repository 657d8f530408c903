"""Files of messages: whose they are, what is shown of them, and how long they are kept."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest

from tests.feature.conversation import Conversation
from tests.feature.uploaded import uploaded
from tests.feature.world import Answer, Person, World

USES = "SELECT used_by::text FROM upload_uses WHERE upload_id = %s"
IS_DELETED = "SELECT deleted_at IS NOT NULL FROM uploads WHERE id = %s"


async def send(person: Person, conversation: Conversation, **fields: Any) -> Any:
    return await person.call("send_message", {"conversation_id": conversation.id, **fields})


async def test_a_message_shows_its_files_in_order_with_their_texts(
    world: World, ada: Person, grace: Person, group: Conversation
) -> None:
    first, second = await uploaded(world, ada), await uploaded(world, ada, filename="b.png")
    attachments = [{"id": first, "alt": "A kettle", "spoiler": True}, second]
    sent = await send(ada, group, content="", attachments=attachments)
    assert sent.status == 201, sent
    shown = (await grace.call("show_message", id=sent.body["id"])).body["attachments"]
    assert [(each["id"], each["alt"], each["spoiler"], each["filename"]) for each in shown] == [
        (first, "A kettle", True, "a.png"),
        (second, "", False, "b.png"),
    ]
    assert await world.sql(USES, first) == [(sent.body["id"],)]


async def test_the_history_has_urls_and_events_have_none(
    world: World, ada: Person, grace: Person, group: Conversation
) -> None:
    sent = await send(ada, group, content="look", attachments=[await uploaded(world, ada)])
    (listed,) = (await grace.call("list_messages", id=group.id)).body["items"]
    for message in (listed, (await grace.call("show_message", id=sent.body["id"])).body):
        (file,) = message["attachments"]
        assert file["url"].startswith(f"https://media.example/{file['path']}?")
        assert file["thumbnails"][0]["url"].startswith("https://media.example/media/")
    ((payload,),) = await world.sql(
        "SELECT payload::text FROM events WHERE stream_id = %s AND type = 'message.created'",
        group.id,
    )
    (logged,) = json.loads(payload)["message"]["attachments"]
    assert logged["url"] is None
    assert logged["thumbnails"][0]["url"] is None


async def test_only_own_uploads_can_be_attached(
    world: World, ada: Person, grace: Person, group: Conversation
) -> None:
    of_grace, avatar = await uploaded(world, grace), await uploaded(world, ada, purpose="avatar")
    refused = await uploaded(world, ada, status="refused")
    parent = await ada.send(group.id, "before")
    for id in (of_grace, avatar, refused, str(uuid4())):
        answer = await send(ada, group, content="x", attachments=[id], reply_to=parent["id"])
        assert answer.refusal == (404, "upload_not_found")
    after = (await ada.call("show_message", id=parent["id"])).body
    assert after["reply_count"] == 0


@pytest.mark.parametrize("status", ["pending", "processing"])
async def test_an_upload_that_is_not_ready_is_refused_and_can_be_sent_later(
    world: World, ada: Person, group: Conversation, status: str
) -> None:
    id = await uploaded(world, ada, status=status)
    body = {"content": "", "attachments": [id], "nonce": "n1"}
    assert (await send(ada, group, **body)).refusal == (409, "upload_not_ready")
    await world.sql("UPDATE uploads SET status = 'ready' WHERE id = %s", id)
    first, again = await send(ada, group, **body), await send(ada, group, **body)
    assert (first.status, again.status) == (201, 200)
    assert first.body["id"] == again.body["id"]


def is_blank(answer: Answer) -> bool:
    found = [(error["field"], error["code"]) for error in answer.body.get("errors", [])]
    return answer.refusal == (422, "validation_failed") and found == [("content", "blank")]


async def test_a_message_without_content_and_files_is_refused(
    world: World, ada: Person, group: Conversation
) -> None:
    for content in ("", " \n\t "):
        assert is_blank(await send(ada, group, content=content))
    id = await uploaded(world, ada)
    assert (await send(ada, group, content="x", attachments=[id, id])).status == 422


async def test_an_edit_changes_texts_of_files_also_in_earlier_events(
    world: World, ada: Person, group: Conversation
) -> None:
    id = await uploaded(world, ada)
    sent = (await send(ada, group, content="", attachments=[{"id": id, "alt": "Secret"}])).body
    edit = {"content": "", "version": 1, "attachments": [{"id": id, "alt": "Public"}]}
    edited = await ada.call("edit_message", edit, id=sent["id"])
    assert edited.body["attachments"][0]["alt"] == "Public", edited
    again = await ada.call("edit_message", edit, id=sent["id"])
    assert again.status == 200, again
    logged = await world.sql("SELECT payload::text FROM events WHERE stream_id = %s", group.id)
    assert not [payload for (payload,) in logged if "Secret" in payload]
    kept = await ada.call("edit_message", {"content": "text", "version": 2}, id=sent["id"])
    assert kept.body["attachments"][0]["alt"] == "Public", kept


async def test_an_edit_adds_no_file_and_leaves_no_empty_message(
    world: World, ada: Person, group: Conversation
) -> None:
    sent = await ada.send(group.id, "text")
    other = {"content": "x", "version": 1, "attachments": [await uploaded(world, ada)]}
    refused = await ada.call("edit_message", other, id=sent["id"])
    assert refused.refusal == (404, "upload_not_found")
    empty = {"content": "", "version": 1}
    for edit in (empty, {**empty, "attachments": []}):
        assert is_blank(await ada.call("edit_message", edit, id=sent["id"]))


async def test_a_file_is_kept_until_the_last_message_with_it_is_deleted(
    world: World, ada: Person, group: Conversation
) -> None:
    id = await uploaded(world, ada)
    first, second = [
        (await send(ada, group, content=text, attachments=[id])).body for text in ("one", "two")
    ]
    assert (await ada.call("delete_upload", id=id)).refusal == (409, "upload_in_use")
    await ada.call("delete_message", id=first["id"])
    assert await world.sql(IS_DELETED, id) == [(False,)]
    world.queues.drain(world.queues.media)
    deleted = await ada.call("delete_message", id=second["id"])
    assert deleted.body["attachments"] == []
    assert await world.sql(IS_DELETED, id) == [(True,)]
    assert {"remove": id} in world.queues.drain(world.queues.media)
    logged = await world.sql("SELECT payload::text FROM events WHERE stream_id = %s", group.id)
    assert not [payload for (payload,) in logged if id in payload]
