"""The HTML that is kept beside the content of a message."""

from __future__ import annotations

import json

from tests.feature.conversation import Conversation
from tests.feature.world import Person, World


async def test_a_message_has_its_content_as_html_everywhere(
    ada: Person, grace: Person, direct: Conversation
) -> None:
    sent = await ada.send(direct.id, "**Hi** <b>")

    assert (sent["content"], sent["content_html"]) == (
        "**Hi** <b>",
        "<p><strong>Hi</strong> &lt;b&gt;</p>\n",
    )
    assert await direct.events("message.created") == [{"message": sent}]
    assert await direct.list_messages(grace) == [sent]
    shown = (await grace.call("show_conversation", id=direct.id)).body
    assert shown["last_message"] == sent


async def test_an_edit_renders_the_new_content(ada: Person, direct: Conversation) -> None:
    sent = await ada.send(direct.id, "**Hi**")
    edited = (await direct.edit(ada, sent, "~~Hi~~")).body

    assert edited["content_html"] == "<p><del>Hi</del></p>\n"
    assert await direct.events("message.updated") == [{"message": edited}]


async def test_a_quote_is_markdown(ada: Person, grace: Person, direct: Conversation) -> None:
    sent = await ada.send(direct.id, "**Hi**")
    reply = await grace.send(direct.id, "Hi", reply_to=sent["id"])

    assert reply["quoted"]["content"] == "**Hi**"


async def test_the_html_of_a_deleted_message_is_erased(
    world: World, ada: Person, direct: Conversation
) -> None:
    sent = await ada.send(direct.id, "the **treasure**")
    await direct.edit(ada, sent, "the **treasure** chest")
    gone = (await direct.delete(ada, sent)).body

    assert gone["content_html"] == ""
    assert "treasure" not in json.dumps(await direct.events())
    rows = await world.sql("SELECT content_html FROM messages WHERE id = %s", sent["id"])
    assert rows == [("",)]
