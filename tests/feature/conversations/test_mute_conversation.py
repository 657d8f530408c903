from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from tests.feature.account import user_events
from tests.feature.conversation import start_group
from tests.feature.world import Answer, Person, World

LATER = "2099-01-01T00:00:00.000Z"


async def mute(person: Person, conversation: object, **body: object) -> Answer:
    return await person.call("mute_conversation", body, id=conversation)


async def unmute(person: Person, conversation: object) -> Answer:
    return await person.call("unmute_conversation", id=conversation)


async def seen_by(person: Person, conversation: str) -> tuple[bool, str | None]:
    """(muted, muted_until), which are the same in the list and in the conversation itself."""
    shown = (await person.call("show_conversation", id=conversation)).body
    (listed,) = (await person.call("list_conversations")).body["items"]
    assert (listed["muted"], listed["muted_until"]) == (shown["muted"], shown["muted_until"])
    return shown["muted"], shown["muted_until"]


async def test_a_conversation_is_muted_until_a_time_or_until_it_is_unmuted(
    ada: Person, grace: Person
) -> None:
    direct = await ada.converse(grace)
    assert await seen_by(ada, direct) == (False, None)

    for answer, muted in (
        (await mute(ada, direct), (True, None)),
        (await mute(ada, direct, until=LATER), (True, LATER)),
        (await mute(ada, direct, until=None), (True, None)),
    ):
        assert answer.status == 200
        assert answer.body == {
            "conversation_id": direct, "muted": muted[0], "muted_until": muted[1],
        }  # fmt: skip
    assert await seen_by(ada, direct) == (True, None)
    assert (await mute(ada, direct, until=LATER)).status == 200
    assert await seen_by(ada, direct) == (True, LATER)
    assert await seen_by(grace, direct) == (False, None)
    assert (await unmute(ada, direct)).body["muted"] is False
    assert await seen_by(ada, direct) == (False, None)


async def test_a_mute_ends_by_itself(world: World, ada: Person) -> None:
    group = await start_group(ada)
    await mute(ada, group.id, until=LATER)
    await world.sql(
        "UPDATE conversation_members SET muted_until = now() - interval '1 s' WHERE user_id = %s",
        ada.id,
    )
    assert await seen_by(ada, group.id) == (False, None)

    over = (datetime.now(UTC) - timedelta(seconds=1)).isoformat()
    assert (await mute(ada, group.id)).body["muted"] is True
    assert (await mute(ada, group.id, until=over)).body["muted"] is False
    assert await seen_by(ada, group.id) == (False, None)


async def test_only_devices_of_the_caller_get_mute_events(ada: Person, grace: Person) -> None:
    group = await start_group(ada, grace)
    own, others = await ada.open_socket(), await grace.open_socket()
    for socket in (own, others):
        await socket.say("hello")
    answers = [await mute(ada, group.id, until=until) for until in (None, None, LATER, LATER)]
    answers += [await unmute(ada, group.id) for _ in range(2)]

    events = own.received()
    assert [event["stream"] for event in events] == [f"user:{ada.id}"] * 3
    assert [event["data"] for event in events] == [answers[number].body for number in (0, 2, 4)]
    assert await user_events(ada, "conversation.muted") == [event["data"] for event in events]
    assert others.received() == []
    assert await group.head() == 0


async def test_a_member_who_returns_has_not_muted_the_group(ada: Person, grace: Person) -> None:
    group = await start_group(ada, grace)
    await mute(grace, group.id)
    await group.remove_member(grace, grace)
    await group.put_member(ada, grace)

    assert await seen_by(grace, group.id) == (False, None)


async def test_a_stranger_can_neither_mute_nor_unmute_a_conversation(
    ada: Person, grace: Person, eve: Person
) -> None:
    direct = await ada.converse(grace)
    for call in (mute, unmute):
        existing, missing = [await call(eve, id) for id in (direct, uuid4())]
        assert existing.refusal == missing.refusal == (404, "conversation_not_found")
        assert existing.body == missing.body


@pytest.mark.parametrize(
    "until",
    [
        "soon",
        "infinity",
        "2099-01-01T00:00:00",
        "9999-12-31T23:59:59-12:00",
        "0001-01-01T00:00:00+14:00",
        -(10**12),
        True,
    ],
)
async def test_an_invalid_mute_time_is_refused(ada: Person, until: object) -> None:
    group = await start_group(ada)

    assert (await mute(ada, group.id, until=until)).refusal == (422, "validation_failed")
