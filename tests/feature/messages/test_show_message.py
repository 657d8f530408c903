from __future__ import annotations

from uuid import uuid4

from tests.feature.messages.talk import talk
from tests.feature.world import Person


async def test_to_members_only(ada: Person, grace: Person, eve: Person) -> None:
    chat = await talk(ada, grace)
    message = await ada.send(chat.id, "hi")

    assert (await chat.show(grace, message)).body == message
    there, nowhere = await chat.show(eve, message), await chat.show(ada, uuid4())
    assert there.refusal == nowhere.refusal == (404, "message_not_found")
    assert there.body == nowhere.body
    await chat.left(grace)
    assert (await chat.show(grace, message)).refusal == (404, "message_not_found")
    assert (await chat.show(ada, "first")).refusal == (422, "validation_failed")


async def test_as_it_was_before_there_was_more_to_it(ada: Person, grace: Person) -> None:
    """What was stored then has the values of today's defaults, and so have its events."""
    from cgraph.chat.messages.models import Message

    chat = await talk(ada, grace)
    message = await ada.send(chat.id, "hi")
    names = ["id", "conversation_id", "seq", "author_id", "content", "reply_to", "created_at"]
    told = {name: message[name] for name in names}

    assert Message.model_validate(told).model_dump(mode="json") == message
