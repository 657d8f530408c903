from __future__ import annotations

from tests.feature.conversation import Conversation
from tests.feature.world import Person


async def test_pins_are_listed_last_pinned_first(ada: Person, group: Conversation) -> None:
    sent = [await ada.send(group.id, f"{number}") for number in range(3)]
    for number in (1, 2, 0):
        await group.pin(ada, sent[number])

    pins = (await group.list_pins(ada)).body["items"]
    assert [pin["content"] for pin in pins] == ["0", "2", "1"]


async def test_a_listed_pin_is_the_message_as_the_reader_sees_it(
    ada: Person, grace: Person, group: Conversation
) -> None:
    message = await ada.send(group.id, "hi")
    await group.react(grace, message, "👍")
    await group.pin(ada, message)

    for reader in (ada, grace):
        shown = (await group.show_message(reader, message)).body
        answer = await group.list_pins(reader)
        assert (answer.status, answer.body) == (200, {"items": [shown], "next": None})


async def test_a_stranger_cannot_list_pins(eve: Person, group: Conversation) -> None:
    assert (await group.list_pins(eve)).refusal == (404, "conversation_not_found")
