"""Queries of messages; the SQL function message_json() builds their JSON."""

from datetime import datetime
from uuid import UUID

from cgraph.chat.messages.models import (
    ChangedMessageRow,
    MessageAccess,
    MessageDraft,
    SendMessageRow,
    UncountedMessageRow,
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
    broadcast = broadcast_mention(rendered.mentions) if rendered.mentions else None
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
            "broadcast": broadcast,
            "broadcast_roles": sorted(ADMINS) if broadcast else None,
            "nonce": draft.nonce,
            "request_hash": request_hash,
            "now": now,
            "roles": [str(role) for role in policy.roles],
        },
    )
    assert row is not None, "the function always returns one row"
    return row


async def message_access(tx: Transaction, *, id: UUID, reader: UUID) -> MessageAccess | None:
    """Returns None also if the reader is not a member, or may not see the message."""
    return await tx.fetch_one(
        MessageAccess,
        """
        SELECT message_json(m, %(reader)s) AS message, cm.role, c.kind = 'direct' AS is_direct,
               is_blocked(c.id, %(reader)s) AS is_blocked
        FROM messages m
        JOIN conversations c ON c.id = m.conversation_id
        JOIN conversation_members cm ON cm.conversation_id = c.id AND cm.user_id = %(reader)s
        WHERE m.id = %(id)s AND m.seq > history_after(c.id, %(reader)s)
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
        WITH before AS (
            INSERT INTO message_versions (message_id, version, content, edited_at)
            SELECT id, version, content, %(now)s FROM messages WHERE id = %(id)s
        )
        UPDATE messages m
        SET content = %(content)s, content_html = %(html)s, version = version + 1,
            edited_at = %(now)s, mentions_everyone = %(broadcast)s,
            mentions = mentioned_members(conversation_id, author_id, %(names)s)
        WHERE m.id = %(id)s
        RETURNING message_json(m, NULL) AS message, ARRAY (
            SELECT user_id FROM conversation_members cm
            WHERE cm.conversation_id = m.conversation_id) AS audience,
            history_limits(m.conversation_id) AS history_limits
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
            WHERE cm.conversation_id = m.conversation_id) AS audience,
            history_limits(m.conversation_id) AS history_limits
        """,
        {"id": id, "now": now},
    )
    assert changed is not None, "the message was read under the stream's lock"
    return changed


async def uncount_message(tx: Transaction, *, id: UUID) -> UncountedMessageRow:
    """Takes a message that was just deleted out of the unread counts, of its conversation's place
    for the last message and of the earlier versions.
    """
    row = await tx.fetch_one(
        UncountedMessageRow, "SELECT * FROM uncount_message(%(id)s)", {"id": id}
    )
    assert row is not None, "the function always returns one row"
    return row


async def update_text_in_log(tx: Transaction, *, id: UUID) -> None:
    """Gives the events that contain the message's content the current one, which is empty for a
    deleted message.
    """
    await tx.execute("SELECT update_text_in_log(%(id)s)", {"id": id})
