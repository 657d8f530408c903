from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from tests.feature.conversations.group import group, own_events
from tests.feature.world import Answer, Person, World

LATER = "2099-01-01T00:00:00.000Z"


async def mute(person: Person, conversation: object, **body: object) -> Answer:
    return await person.call("mute_conversation", body, id=conversation)


async def unmute(person: Person, conversation: object) -> Answer:
    return await person.call("unmute_conversation", id=conversation)


async def seen_by(person: Person, conversation: str) -> tuple[bool, str | None]:
    """The same in the list and in the conversation itself."""
    shown = (await person.call("show_conversation", id=conversation)).body
    (listed,) = (await person.call("list_conversations")).body["items"]
    assert (listed["muted"], listed["muted_until"]) == (shown["muted"], shown["muted_until"])
    return shown["muted"], shown["muted_until"]


async def test_for_ever_until_then_and_not_any_more(ada: Person, grace: Person) -> None:
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


async def test_it_ends_by_itself(world: World, ada: Person) -> None:
    group_ = await group(ada)
    await mute(ada, group_.id, until=LATER)
    await world.sql(
        "UPDATE conversation_members SET muted_until = now() - interval '1 s' WHERE user_id = %s",
        ada.id,
    )
    assert await seen_by(ada, group_.id) == (False, None)

    over = (datetime.now(UTC) - timedelta(seconds=1)).isoformat()
    assert (await mute(ada, group_.id)).body["muted"] is True
    assert (await mute(ada, group_.id, until=over)).body["muted"] is False
    assert await seen_by(ada, group_.id) == (False, None)


async def test_ones_own_devices_learn_of_a_change_and_nobody_else(
    ada: Person, grace: Person
) -> None:
    group_ = await group(ada, grace)
    own, others = await ada.open_socket(), await grace.open_socket()
    for socket in (own, others):
        await socket.say("hello")
    answers = [await mute(ada, group_.id, until=until) for until in (None, None, LATER, LATER)]
    answers += [await unmute(ada, group_.id) for _ in range(2)]

    events = own.received()
    assert [event["stream"] for event in events] == [f"user:{ada.id}"] * 3
    assert [event["data"] for event in events] == [answers[place].body for place in (0, 2, 4)]
    assert await own_events(ada, "conversation.muted") == [event["data"] for event in events]
    assert others.received() == []
    assert await group_.head() == 0


async def test_out_and_in_again_it_is_not_muted(ada: Person, grace: Person) -> None:
    group_ = await group(ada, grace)
    await mute(grace, group_.id)
    await group_.remove(grace, grace)
    await group_.put(ada, grace)

    assert await seen_by(grace, group_.id) == (False, None)


async def test_not_a_strangers(ada: Person, grace: Person, eve: Person) -> None:
    direct = await ada.converse(grace)
    for call in (mute, unmute):
        there, nowhere = [await call(eve, id) for id in (direct, uuid4())]
        assert there.refusal == nowhere.refusal == (404, "conversation_not_found")
        assert there.body == nowhere.body


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
async def test_a_time_that_is_none(ada: Person, until: object) -> None:
    group_ = await group(ada)

    assert (await mute(ada, group_.id, until=until)).refusal == (422, "validation_failed")
