from __future__ import annotations

from uuid import uuid4

from tests.feature.conversation import Conversation, start_direct
from tests.feature.world import Person


async def test_an_unpinned_message_is_as_it_was_before(ada: Person, group: Conversation) -> None:
    message = await ada.send(group.id, "hi")
    await group.pin(ada, message)
    answer = await group.unpin(ada, message)

    assert (answer.status, answer.body) == (200, message)
    assert (await group.show_message(ada, message)).body == message
    assert (await group.list_pins(ada)).body["items"] == []


async def test_unpinning_a_message_that_is_not_pinned_changes_nothing(
    ada: Person, group: Conversation
) -> None:
    message = await ada.send(group.id, "hi")

    assert (await group.unpin(ada, message)).body == message
    assert await group.events("message.updated") == []


async def test_only_owners_admins_and_members_of_a_direct_conversation_unpin(
    ada: Person, grace: Person, eve: Person, group: Conversation
) -> None:
    message = await grace.send(group.id, "hi")
    await group.pin(ada, message)

    assert (await group.unpin(grace, message)).refusal == (403, "not_allowed")
    assert (await group.unpin(eve, message)).refusal == (404, "message_not_found")
    assert (await group.unpin(ada, uuid4())).refusal == (404, "message_not_found")
    direct = await start_direct(ada, grace)
    message = await ada.send(direct.id, "hi")
    await direct.pin(ada, message)
    assert (await direct.unpin(grace, message)).status == 200
