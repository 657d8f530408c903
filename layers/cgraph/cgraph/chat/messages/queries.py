"""Queries of messages; the SQL function message_json() builds their JSON."""

from datetime import datetime
from uuid import UUID

from cgraph.chat.messages.models import (
    ChangedMessageRow,
    MessageAccess,
    MessageDraft,
    MessageRow,
    SendMessageRow,
)
from cgraph.chat.policies import ADMINS
from cgraph.core.database import Transaction
from cgraph.core.markdown import Rendered
from cgraph.core.mentions import Broadcast, broadcast_mention
from cgraph.core.policies import Policy


async def send_message(
    tx: Transaction,
    *,
    id: UUID,
    author: UUID,
    policy: Policy,
    draft: MessageDraft,
    rendered: Rendered,
    request_hash: bytes,
    now: datetime,
) -> SendMessageRow:
    """Sends a message in one round trip, by the SQL function of the same name. Raises AlreadyExists
    (`nonces_pkey`) if a concurrent request uses the same nonce.
    """
    row = await tx.fetch_one(
        SendMessageRow,
        """
        SELECT * FROM send_message(%(id)s, %(conversation_id)s, %(author)s, %(content)s, %(html)s,
            %(reply_to)s, %(attachments)s, %(names)s, %(broadcast)s, %(nonce)s, %(request_hash)s,
            %(now)s, %(roles)s, %(broadcast_roles)s)
        """,
        {
            "id": id,
            "conversation_id": draft.conversation_id,
            "author": author,
            "content": draft.content,
            "reply_to": draft.reply_to,
            "attachments": draft.attachments,
            "html": rendered.html,
            "names": rendered.mentions,
            "broadcast": broadcast_mention(rendered.mentions),
            "broadcast_roles": sorted(ADMINS),
            "nonce": draft.nonce,
            "request_hash": request_hash,
            "now": now,
            "roles": [str(role) for role in policy.roles],
        },
    )
    assert row is not None, "the function always returns one row"
    return row


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
    it, oldest first. A page is one index scan, wherever it lies.
    """
    newest_first = """
        SELECT m.seq, message_json(m, %(reader)s)::text AS json
        FROM messages m
        WHERE m.conversation_id = %(conversation_id)s
          AND m.seq < coalesce(%(before)s, 9223372036854775807)
        ORDER BY m.seq DESC
        LIMIT %(limit)s
        """
    oldest_first = """
        SELECT m.seq, message_json(m, %(reader)s)::text AS json
        FROM messages m
        WHERE m.conversation_id = %(conversation_id)s AND m.seq > %(after)s
        ORDER BY m.seq
        LIMIT %(limit)s
        """
    return await tx.fetch(
        MessageRow,
        newest_first if after is None else oldest_first,
        {
            "reader": reader,
            "conversation_id": conversation_id,
            "before": before,
            "after": after,
            "limit": limit,
        },
    )


async def message_access(tx: Transaction, *, id: UUID, reader: UUID) -> MessageAccess | None:
    """Returns None also if the reader is not a member."""
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


async def lock_stream_for_member(tx: Transaction, *, id: UUID, reader: UUID) -> bool:
    """Locks the stream of the message's conversation until the transaction ends. Returns False, and
    locks nothing, if the reader is not a member.
    """
    locked = await tx.execute(
        """
        SELECT FROM messages m
        JOIN conversation_members cm
            ON cm.conversation_id = m.conversation_id AND cm.user_id = %(reader)s
        JOIN streams s ON s.id = m.conversation_id
        WHERE m.id = %(id)s
        FOR NO KEY UPDATE OF s
        """,
        {"id": id, "reader": reader},
    )
    return locked > 0


async def edit_message(
    tx: Transaction,
    *,
    id: UUID,
    content: str,
    rendered: Rendered,
    broadcast: Broadcast | None,
    now: datetime,
) -> ChangedMessageRow:
    changed = await tx.fetch_one(
        ChangedMessageRow,
        """
        UPDATE messages m
        SET content = %(content)s, content_html = %(html)s, version = version + 1,
            edited_at = %(now)s, mentions_everyone = %(broadcast)s,
            mentions = mentioned_members(conversation_id, author_id, %(names)s)
        WHERE m.id = %(id)s
        RETURNING message_json(m, NULL) AS message, ARRAY (
            SELECT user_id FROM conversation_members cm
            WHERE cm.conversation_id = m.conversation_id) AS audience
        """,
        {
            "id": id,
            "content": content,
            "html": rendered.html,
            "names": rendered.mentions,
            "broadcast": broadcast,
            "now": now,
        },
    )
    assert changed is not None, "the message was read under the stream's lock"
    return changed


async def delete_message(tx: Transaction, *, id: UUID, now: datetime) -> ChangedMessageRow:
    """Deletes the content of the message, its attachments and reactions. The row remains as a
    tombstone.
    """
    changed = await tx.fetch_one(
        ChangedMessageRow,
        """
        WITH reaction AS (
            DELETE FROM reactions WHERE message_id = %(id)s
        ), pending AS (
            DELETE FROM pending_reactions WHERE message_id = %(id)s
        )
        UPDATE messages m
        SET content = '', content_html = '', deleted_at = %(now)s, mentions = '{}',
            mentions_everyone = NULL, attachments = '{}', reactions = '{}', pinned_at = NULL,
            pinned_by = NULL
        WHERE m.id = %(id)s
        RETURNING message_json(m, NULL) AS message, ARRAY (
            SELECT user_id FROM conversation_members cm
            WHERE cm.conversation_id = m.conversation_id) AS audience
        """,
        {"id": id, "now": now},
    )
    assert changed is not None, "the message was read under the stream's lock"
    return changed


async def erase_text_from_log(tx: Transaction, *, id: UUID) -> None:
    """Erases the content of a deleted message from the log: from its own events, from the quotes
    in the events of its replies, and from `conversation.joined`. Finds them by keys, however long
    the log is.
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
