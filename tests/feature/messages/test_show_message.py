from __future__ import annotations

from uuid import uuid4

from cgraph.chat.messages.models import Message
from tests.feature.conversation import start_direct
from tests.feature.world import Person


async def test_only_members_see_a_message(ada: Person, grace: Person, eve: Person) -> None:
    direct = await start_direct(ada, grace)
    message = await ada.send(direct.id, "hi")

    assert (await direct.show_message(grace, message)).body == message
    existing, missing = (
        await direct.show_message(eve, message),
        await direct.show_message(ada, uuid4()),
    )
    assert existing.refusal == missing.refusal == (404, "message_not_found")
    assert existing.body == missing.body
    await direct.drop_member(grace)
    assert (await direct.show_message(grace, message)).refusal == (404, "message_not_found")
    assert (await direct.show_message(ada, "first")).refusal == (422, "validation_failed")


async def test_a_message_stored_before_later_fields_has_their_defaults(
    ada: Person, grace: Person
) -> None:
    """Also in the events of such messages."""
    direct = await start_direct(ada, grace)
    message = await ada.send(direct.id, "hi")
    names = ["id", "conversation_id", "seq", "author_id", "content", "reply_to", "created_at"]
    names.append("content_html")
    stored = {name: message[name] for name in names}

    assert Message.model_validate(stored).model_dump(mode="json") == message
