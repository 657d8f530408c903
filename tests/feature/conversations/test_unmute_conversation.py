from __future__ import annotations

from tests.feature.account import user_events
from tests.feature.conversation import start_group
from tests.feature.world import Person


async def test_an_unmuted_conversation_is_no_longer_muted(ada: Person, grace: Person) -> None:
    group = await start_group(ada, grace)
    await grace.call("mute_conversation", {}, id=group.id)
    answer = await grace.call("unmute_conversation", id=group.id)

    unmuted = {"conversation_id": group.id, "muted": False, "muted_until": None}
    assert (answer.status, answer.body) == (200, unmuted)
    assert (await group.show(grace))["muted"] is False
    assert (await user_events(grace, "conversation.muted"))[1:] == [unmuted]


async def test_unmuting_a_conversation_that_is_not_muted_changes_nothing(ada: Person) -> None:
    group = await start_group(ada)
    answer = await ada.call("unmute_conversation", id=group.id)

    assert (answer.status, answer.body["muted"]) == (200, False)
    assert await user_events(ada, "conversation.muted") == []


async def test_a_member_unmutes_only_for_themselves(ada: Person, grace: Person) -> None:
    group = await start_group(ada, grace)
    for person in (ada, grace):
        await person.call("mute_conversation", {}, id=group.id)
    await ada.call("unmute_conversation", id=group.id)

    assert [(await group.show(person))["muted"] for person in (ada, grace)] == [False, True]
