"""Messages in Postgres; message_json() of infra/schema/chat.sql builds their JSON."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from cgraph.chat.messages.models import (
    Changed,
    Locked,
    MessageAccess,
    MessageDraft,
    Placement,
    Shown,
)
from cgraph.core.database import Transaction
from cgraph.core.policies import Policy


async def send_message(
    tx: Transaction,
    *,
    id: UUID,
    author: UUID,
    policy: Policy,
    draft: MessageDraft,
    names: Sequence[str],
    body_hash: bytes,
    now: datetime,
) -> Placement:
    """One round trip: send_message() of infra/schema/chat.sql. Raises AlreadyExists (`nonces_pkey`)
    where the same nonce is being spent at this moment.
    """
    placement = await tx.fetch_one(
        Placement,
        """
        SELECT * FROM send_message(%(id)s, %(conversation_id)s, %(author)s, %(content)s,
            %(reply_to)s, %(attachments)s, %(names)s, %(nonce)s, %(body_hash)s, %(now)s,
            %(roles)s)
        """,
        {
            "id": id,
            "conversation_id": draft.conversation_id,
            "author": author,
            "content": draft.content,
            "reply_to": draft.reply_to,
            "attachments": draft.attachments,
            "names": list(names),
            "nonce": draft.nonce,
            "body_hash": body_hash,
            "now": now,
            "roles": [str(role) for role in policy.roles],
        },
    )
    assert placement is not None, "the function always answers one row"
    return placement


async def history(
    tx: Transaction,
    *,
    reader: UUID,
    conversation_id: UUID,
    before: int | None,
    after: int | None,
    limit: int,
) -> list[Shown]:
    """Newest first, or with `after` oldest first; by seq, so a page is one index scan however deep
    it lies.
    """
    newest_first = """
        SELECT message_json(m, %(reader)s) AS message
        FROM messages m
        WHERE m.conversation_id = %(conversation_id)s
          AND m.seq < coalesce(%(before)s, 9223372036854775807)
        ORDER BY m.seq DESC
        LIMIT %(limit)s
        """
    oldest_first = """
        SELECT message_json(m, %(reader)s) AS message
        FROM messages m
        WHERE m.conversation_id = %(conversation_id)s AND m.seq > %(after)s
        ORDER BY m.seq
        LIMIT %(limit)s
        """
    return await tx.fetch(
        Shown,
        newest_first if after is None else oldest_first,
        {
            "reader": reader,
            "conversation_id": conversation_id,
            "before": before,
            "after": after,
            "limit": limit,
        },
    )


async def message_of(tx: Transaction, *, id: UUID, reader: UUID) -> MessageAccess | None:
    """None also where the reader is not a member."""
    return await tx.fetch_one(
        MessageAccess,
        """
        SELECT message_json(m, %(reader)s) AS message, cm.role, c.kind = 'direct' AS is_direct,
               is_blocked(c.id, %(reader)s) AS is_blocked
        FROM messages m
        JOIN conversations c ON c.id = m.conversation_id
        JOIN conversation_members cm ON cm.conversation_id = c.id AND cm.user_id = %(reader)s
        WHERE m.id = %(id)s
        """,
        {"id": id, "reader": reader},
    )


async def lock_stream_of(tx: Transaction, *, id: UUID, reader: UUID) -> bool:
    """The message's conversation changes no more until the commit. False where the reader is not a
    member: strangers lock nothing.
    """
    locked = await tx.fetch_one(
        Locked,
        """
        SELECT s.id AS conversation_id
        FROM messages m
        JOIN conversation_members cm
            ON cm.conversation_id = m.conversation_id AND cm.user_id = %(reader)s
        JOIN streams s ON s.id = m.conversation_id
        WHERE m.id = %(id)s
        FOR NO KEY UPDATE OF s
        """,
        {"id": id, "reader": reader},
    )
    return locked is not None


async def edit(
    tx: Transaction, *, id: UUID, content: str, names: Sequence[str], now: datetime
) -> Changed:
    changed = await tx.fetch_one(
        Changed,
        """
        UPDATE messages m
        SET content = %(content)s, version = version + 1, edited_at = %(now)s,
            mentions = mentioned_members(conversation_id, author_id, %(names)s)
        WHERE m.id = %(id)s
        RETURNING message_json(m, NULL) AS message, ARRAY (
            SELECT user_id FROM conversation_members cm
            WHERE cm.conversation_id = m.conversation_id) AS audience
        """,
        {"id": id, "content": content, "names": list(names), "now": now},
    )
    assert changed is not None, "it has been looked at under the stream's lock"
    return changed


async def delete(tx: Transaction, *, id: UUID, now: datetime) -> Changed:
    """What it said and what it carried; its place, and what replies to it, stay."""
    changed = await tx.fetch_one(
        Changed,
        """
        WITH reaction AS (
            DELETE FROM reactions WHERE message_id = %(id)s
        ), pending AS (
            DELETE FROM pending_reactions WHERE message_id = %(id)s
        )
        UPDATE messages m
        SET content = '', deleted_at = %(now)s, mentions = '{}', attachments = '{}',
            reactions = '{}', pinned_at = NULL, pinned_by = NULL
        WHERE m.id = %(id)s
        RETURNING message_json(m, NULL) AS message, ARRAY (
            SELECT user_id FROM conversation_members cm
            WHERE cm.conversation_id = m.conversation_id) AS audience
        """,
        {"id": id, "now": now},
    )
    assert changed is not None, "it has been looked at under the stream's lock"
    return changed


async def forget_text(tx: Transaction, *, id: UUID) -> None:
    """In what the log already told: in the message's own events, in what its replies' quoted, and
    in what people were shown when they joined. These are found by keys, however long the log is.
    """
    await tx.execute(
        """
        WITH affected AS (
            SELECT array_agg(m.seq) AS seqs, array_agg(m.id::text) AS ids
            FROM messages m WHERE m.id = %(id)s OR m.reply_to = %(id)s
        ), message AS (
            SELECT * FROM messages WHERE id = %(id)s
        ), created AS (
            UPDATE events e
            SET payload = redact_message_payload(e.payload, message.id, message.deleted_at)
            FROM message
            WHERE e.stream_id = message.conversation_id AND e.type = 'message.created'
              AND e.seq = ANY ((SELECT seqs FROM affected)::bigint[])
        )
        UPDATE events e
        SET payload = redact_message_payload(e.payload, message.id, message.deleted_at)
        FROM message
        WHERE e.type IN ('message.updated', 'conversation.joined')
          AND coalesce(e.payload -> 'message' ->> 'id',
                       e.payload -> 'conversation' -> 'last_message' ->> 'id')
              = ANY ((SELECT ids FROM affected)::text[])
        """,
        {"id": id},
    )
