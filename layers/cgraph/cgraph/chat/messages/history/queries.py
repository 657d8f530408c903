"""Queries of the messages of a conversation, by their numbers.

A page is one index scan, wherever it lies; it ends where the reader's history begins.
"""

from typing import LiteralString
from uuid import UUID

from cgraph.chat.messages.models import MessageRow
from cgraph.core.database import Transaction

_NEWEST_FIRST: LiteralString = """
    SELECT m.seq, message_json(m, %(reader)s)::text AS json
    FROM messages m
    WHERE m.conversation_id = %(conversation_id)s
      AND m.seq < coalesce(%(before)s, 9223372036854775807)
      AND m.seq > history_after(%(conversation_id)s, %(reader)s)
    ORDER BY m.seq DESC
    LIMIT %(limit)s
    """
_OLDEST_FIRST: LiteralString = """
    SELECT m.seq, message_json(m, %(reader)s)::text AS json
    FROM messages m
    WHERE m.conversation_id = %(conversation_id)s
      AND m.seq > greatest(%(after)s, history_after(%(conversation_id)s, %(reader)s))
    ORDER BY m.seq
    LIMIT %(limit)s
    """


async def list_messages(
    tx: Transaction,
    *,
    reader: UUID,
    conversation_id: UUID,
    before: int | None,
    after: int | None,
    limit: int,
) -> list[MessageRow]:
    """Returns the messages with a `seq` below `before`, newest first; or with `after` those above
    it, oldest first.
    """
    return await tx.fetch(
        MessageRow,
        _NEWEST_FIRST if after is None else _OLDEST_FIRST,
        {
            "reader": reader,
            "conversation_id": conversation_id,
            "before": before,
            "after": after,
            "limit": limit,
        },
    )


async def messages_around(
    tx: Transaction, *, reader: UUID, conversation_id: UUID, around: int, newer: int, older: int
) -> list[MessageRow]:
    """Returns at most `newer` messages above `around` and `older` ones up to it, newest first."""
    return await tx.fetch(
        MessageRow,
        """
        SELECT m.seq, message_json(m, %(reader)s)::text AS json
        FROM ((SELECT * FROM messages
               WHERE conversation_id = %(conversation_id)s
                 AND seq > greatest(%(around)s, history_after(%(conversation_id)s, %(reader)s))
               ORDER BY seq LIMIT %(newer)s)
              UNION ALL
              (SELECT * FROM messages
               WHERE conversation_id = %(conversation_id)s AND seq <= %(around)s
                 AND seq > history_after(%(conversation_id)s, %(reader)s)
               ORDER BY seq DESC LIMIT %(older)s)) AS m
        ORDER BY m.seq DESC
        """,
        {
            "reader": reader,
            "conversation_id": conversation_id,
            "around": around,
            "newer": newer,
            "older": older,
        },
    )


async def list_replies(
    tx: Transaction, *, reader: UUID, id: UUID, after: int, limit: int
) -> list[MessageRow]:
    """Returns the replies to a message with a `seq` above `after`, oldest first. The caller has
    checked that the reader may see the message; its replies are newer.
    """
    return await tx.fetch(
        MessageRow,
        """
        SELECT m.seq, message_json(m, %(reader)s)::text AS json
        FROM messages m
        WHERE m.reply_to = %(id)s AND m.seq > %(after)s
        ORDER BY m.seq
        LIMIT %(limit)s
        """,
        {"reader": reader, "id": id, "after": after, "limit": limit},
    )
