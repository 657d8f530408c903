"""Queries of the messages of a conversation, by their numbers.

A page reads the partitions that it lies in, wherever that is; it ends where the reader's history
begins.
"""

from dataclasses import dataclass
from uuid import UUID

from cgraph.chat.messages.models import MessageRow
from cgraph.chat.policies import ConversationRole
from cgraph.core.database import Transaction


@dataclass(frozen=True, slots=True)
class MessagePageRow:
    """A page: `items` are Messages as JSON, separated by commas. `next_seq`: the number of the last
    one, None where the page is the last. `role`: None where the reader is not a member.
    """

    role: ConversationRole | None
    is_direct: bool | None
    items: str | None
    next_seq: int | None


async def list_messages(
    tx: Transaction,
    *,
    reader: UUID,
    conversation_id: UUID,
    before: int | None,
    after: int | None,
    around: int | None,
    limit: int,
) -> MessagePageRow:
    """Reads the messages with a `seq` below `before`, newest first; or with `after` those above it,
    oldest first; or with `around` those on both sides of it, newest first.
    """
    row = await tx.fetch_one(
        MessagePageRow,
        """
        SELECT role, is_direct, items, next_seq
        FROM list_messages(%(conversation_id)s, %(reader)s, %(before)s, %(after)s, %(around)s,
                           %(limit)s)
        """,
        {
            "reader": reader,
            "conversation_id": conversation_id,
            "before": before,
            "after": after,
            "around": around,
            "limit": limit,
        },
    )
    assert row is not None, "the function always returns one row"
    return row


async def list_replies(
    tx: Transaction,
    *,
    reader: UUID,
    id: UUID,
    conversation_id: UUID,
    after: int,
    limit: int,
) -> list[MessageRow]:
    """Returns the replies to a message with a `seq` above `after`, oldest first. The caller has
    checked that the reader may see the message; its replies are newer.
    """
    return await tx.fetch(
        MessageRow,
        """
        SELECT m.seq, message_text(m, %(reader)s) AS json
        FROM newer_messages(%(conversation_id)s, %(after)s, %(limit)s, %(id)s) AS m
        """,
        {
            "reader": reader,
            "id": id,
            "conversation_id": conversation_id,
            "after": after,
            "limit": limit,
        },
    )
