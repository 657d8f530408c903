"""Unread counts: the number of messages after the marker, without those that are deleted."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest

from tests.feature.conversation import Conversation, send, start_group
from tests.feature.world import Person


async def unread(person: Person, conversation: Conversation) -> int:
    return int((await conversation.show(person))["unread_count"])


async def wrong_counts(conversation: Conversation) -> list[Any]:
    """Members whose kept count, or flag for the list of unread conversations, is not that of the
    rows.
    """
    return await conversation.world.sql(
        """
        SELECT cm.user_id, c.message_count - cm.read_count, counted.number, cm.is_unread, cm.large
        FROM conversation_members cm
        JOIN conversations c ON c.id = cm.conversation_id
        CROSS JOIN LATERAL (
            SELECT count(*) AS number FROM messages m
            WHERE m.conversation_id = c.id AND m.deleted_at IS NULL AND m.seq > cm.last_read_seq
        ) AS counted
        WHERE c.id = %s
          AND (c.message_count - cm.read_count <> counted.number
               OR (NOT cm.large AND cm.is_unread <> (counted.number > 0)))
        """,
        conversation.id,
    )


async def last_message(person: Person, conversation: Conversation) -> Any:
    return (await conversation.show(person))["last_message"]


async def test_a_deleted_message_is_not_unread_and_not_the_last_one(
    ada: Person, grace: Person, group: Conversation
) -> None:
    kept = await ada.send(group.id, "kept")
    await grace.call("mark_read", {"seq": kept["seq"]}, id=group.id)
    gone = await ada.send(group.id, "gone")
    socket = await grace.open_socket()
    await socket.say("hello")
    await group.delete(ada, gone)

    shown = await group.show(grace)
    assert (shown["unread_count"], shown["last_message"]) == (0, kept)
    (listed,) = (await grace.call("list_conversations")).body["items"]
    assert (listed["unread_count"], listed["last_message"]) == (0, kept)
    assert (await grace.call("list_conversations", query="unread=true")).body["items"] == []
    (event,) = socket.received()
    assert event["data"]["last_message"] == kept


async def test_the_last_message_is_the_last_that_is_not_deleted(
    ada: Person, grace: Person, group: Conversation
) -> None:
    sent = [await ada.send(group.id, f"{number}") for number in range(5)]
    lasts = []
    for index in (3, 1, 4, 2, 0):
        await group.delete(ada, sent[index])
        lasts.append(await last_message(grace, group))

    assert [last and last["content"] for last in lasts] == ["4", "4", "2", "0", None]
    named = [event.get("last_message", "none") for event in await group.events("message.deleted")]
    assert [each["seq"] if isinstance(each, dict) else each for each in named] == [
        "none", "none", 3, 1, None,
    ]  # fmt: skip
    after = await ada.send(group.id, "new")
    assert (await last_message(grace, group))["id"] == after["id"]
    assert await unread(grace, group) == 1


@pytest.mark.parametrize("is_large", [False, True])
@pytest.mark.parametrize("seed", range(2))
async def test_unread_counts_are_right_in_every_order_of_sending_reading_and_deleting(
    ada: Person, grace: Person, eve: Person, seed: int, is_large: bool
) -> None:
    dice, group = random.Random(seed), await start_group(ada, grace, eve)
    if is_large:
        await group.fill(members=40)
        await ada.world.sql(
            "UPDATE conversation_members SET large = true WHERE conversation_id = %s", group.id
        )
    people, standing = (ada, grace, eve), list[Any]()
    for _ in range(30):
        person, action = dice.choice(people), dice.choice(("send", "send", "read", "delete"))
        if action == "send":
            standing.append(await person.send(group.id, "hi"))
        elif action == "read":
            seq = dice.randint(0, await group.head())
            await person.call("mark_read", {"seq": seq}, id=group.id)
        elif standing:
            message = standing.pop(dice.randrange(len(standing)))
            await group.delete(ada, message)
        assert await wrong_counts(group) == [], action
    for person in people:
        filtered = (await person.call("list_conversations", query="unread=true")).body["items"]
        assert bool(filtered) == bool(await unread(person, group))


async def test_unread_counts_are_right_after_deletions_over_many_blocks(
    ada: Person, grace: Person
) -> None:
    """Among 5,000 messages, of which many are deleted, a marker may be anywhere."""
    group = await start_group(ada, grace)
    await ada.world.sql(
        """
        WITH message AS (
            INSERT INTO messages (id, conversation_id, seq, ordinal, author_id, content, created_at)
            SELECT uuidv7(), %s, n, n, %s, 'filler', now() FROM generate_series(1, 5000) n
        ), counted AS (
            UPDATE conversations SET message_count = 5000 WHERE id = %s
        )
        UPDATE streams SET head = 5000 WHERE id = %s
        """,
        group.id, ada.id, group.id, group.id,
    )  # fmt: skip
    await ada.world.sql("SELECT record_message_months(%s, 0)", group.id)
    await ada.world.sql(
        """
        WITH deleted AS (
            UPDATE messages SET deleted_at = now()
            WHERE conversation_id = %s AND (ordinal %% 3 = 0 OR ordinal BETWEEN 1000 AND 2200)
            RETURNING id, ordinal
        )
        SELECT uncount_message(id) FROM deleted ORDER BY ordinal
        """,
        group.id,
    )
    for seq in (0, 1, 2, 63, 64, 65, 999, 1000, 1023, 1024, 2047, 2201, 4095, 4096, 4097, 5000):
        await grace.call("mark_read", {"seq": seq}, id=group.id)
        assert await wrong_counts(group) == [], seq


async def test_unread_counts_are_right_after_concurrent_reading_and_deleting(
    ada: Person, grace: Person, eve: Person
) -> None:
    group = await start_group(ada, grace, eve)
    for turn in range(3):
        sent = [await ada.send(group.id, f"{turn} {number}") for number in range(8)]
        reads = [
            person.call("mark_read", {"seq": message["seq"]}, id=group.id, many=True)
            for message in sent[:5]
            for person in (grace, eve)
        ]
        deletions = [group.delete(ada, message, many=True) for message in sent[::2]]
        sending = send(ada, group.id, many=True)
        answers = await asyncio.gather(*reads, *deletions, sending)
        assert {answer.status for answer in answers} <= {200, 201}
        assert await wrong_counts(group) == []
