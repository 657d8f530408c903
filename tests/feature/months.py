"""A conversation that has messages, and events, in many months."""

from __future__ import annotations

from tests.feature.conversation import Conversation
from tests.feature.world import Person

MONTHS = 7
"""With the current one."""
DAYS = 28 * (MONTHS - 1)


async def fill_months(conversation: Conversation, author: Person) -> None:
    """Adds a message for each day up to now: the number `seq` is that of the day, from 1 to DAYS.
    Each tenth one replies to the first.
    """
    world = conversation.world
    await world.sql(
        "SELECT make_partitions(now() - make_interval(months => n))"
        " FROM generate_series(1, %s) AS n",
        MONTHS,
    )
    await world.sql(
        """
        WITH day AS (
            SELECT n, now() - (%s - n) * interval '1 day' AS at FROM generate_series(1, %s) AS n
        ), message AS (
            INSERT INTO messages (id, conversation_id, seq, ordinal, author_id, content, created_at)
            SELECT overlay(uuid7_floor(at)::text placing left(md5(%s || n), 12) from 25)::uuid,
                   %s, n, n, %s, 'day ' || n, at FROM day
            RETURNING id, conversation_id, seq, created_at
        ), event AS (
            INSERT INTO events (stream_id, seq, type, payload, created_at)
            SELECT conversation_id, seq, 'message.created', '{}', created_at FROM message
        ), stream AS (
            UPDATE streams SET head = %s WHERE id = %s
        )
        UPDATE conversations
        SET message_count = %s, last_message_id = (SELECT id FROM message WHERE seq = %s)
        WHERE id = %s
        """,
        DAYS, DAYS, conversation.id, conversation.id, author.id, DAYS, conversation.id, DAYS, DAYS,
        conversation.id,
    )  # fmt: skip
    await world.sql(
        """
        WITH first AS (
            UPDATE messages SET reply_count = %s WHERE conversation_id = %s AND seq = 1 RETURNING id
        )
        UPDATE messages m SET reply_to = first.id FROM first
        WHERE m.conversation_id = %s AND m.seq %% 10 = 0
        """,
        DAYS // 10,
        conversation.id,
        conversation.id,
    )
    await world.sql("SELECT record_message_months(%s, 0)", conversation.id)
    await world.sql("ANALYZE messages, message_months, events")


async def partitions(conversation: Conversation, *, seqs: tuple[int, int]) -> set[str]:
    """Those that have the messages from one number up to another one."""
    rows = await conversation.world.sql(
        "SELECT DISTINCT tableoid::regclass::text FROM messages"
        " WHERE conversation_id = %s AND seq BETWEEN %s AND %s",
        conversation.id,
        *seqs,
    )
    return {name for (name,) in rows}
