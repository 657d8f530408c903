"""Queries of messages; the SQL function message_json() builds their JSON."""

from datetime import datetime
from typing import Any
from uuid import UUID

from cgraph.chat.messages.models import (
    LoggedChangeRow,
    MessageAccess,
    MessageDraft,
    SendMessageRow,
)
from cgraph.chat.policies import ADMINS
from cgraph.core.database import Transaction
from cgraph.core.encoding import encode_json
from cgraph.core.markdown import Rendered
from cgraph.core.mentions import Broadcast, broadcast_mention
from cgraph.core.policies import Policy
from cgraph.media.uses.models import attachments_column


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
            %(reply_to)s, %(attachments)s::jsonb, %(names)s, %(broadcast)s, %(nonce)s,
            %(request_hash)s, %(now)s, %(roles)s, %(broadcast_roles)s)
        """,
        {
            "id": id,
            "conversation_id": draft.conversation_id,
            "author": author,
            "content": draft.content,
            "reply_to": draft.reply_to,
            "attachments": encode_json(attachments_column(draft.attachments)),
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


async def message_access(
    tx: Transaction, *, id: UUID, reader: UUID, for_update: bool
) -> MessageAccess | None:
    """Returns None also if the reader is not a member, or may not see the message. `for_update`:
    locks the stream of the conversation until the transaction ends, if the reader is a member.
    """
    return await tx.fetch_one(
        MessageAccess,
        "SELECT * FROM message_access(%(id)s, %(reader)s, %(for_update)s)",
        {"id": id, "reader": reader, "for_update": for_update},
    )


async def edit_message(
    tx: Transaction,
    *,
    access: MessageAccess,
    editor: UUID,
    content: str,
    rendered: Rendered,
    broadcast: Broadcast | None,
    attachments: list[dict[str, Any]],
    now: datetime,
) -> LoggedChangeRow:
    """Writes nothing if the message, or the access to it, is no longer as it was read."""
    row = await tx.fetch_one(
        LoggedChangeRow,
        """
        SELECT * FROM edit_message(%(id)s, %(conversation_id)s, %(editor)s, %(etag)s, %(content)s,
            %(html)s, %(names)s, %(broadcast)s, %(attachments)s::jsonb, %(now)s)
        """,
        {
            "attachments": encode_json(attachments),
            "id": access.message.id,
            "conversation_id": access.message.conversation_id,
            "editor": editor,
            "etag": access.etag,
            "content": content,
            "html": rendered.html,
            "names": rendered.mentions,
            "broadcast": broadcast,
            "now": now,
        },
    )
    assert row is not None, "the function always returns one row"
    return row


async def delete_message(
    tx: Transaction, *, access: MessageAccess, caller: UUID, now: datetime
) -> LoggedChangeRow:
    """Deletes the content of the message, its attachments and reactions. The row remains as a
    tombstone. Writes nothing if the message, or the access to it, is no longer as it was read.
    """
    row = await tx.fetch_one(
        LoggedChangeRow,
        """
        SELECT * FROM delete_message(%(id)s, %(conversation_id)s, %(caller)s, %(etag)s, %(now)s)
        """,
        {
            "id": access.message.id,
            "conversation_id": access.message.conversation_id,
            "caller": caller,
            "etag": access.etag,
            "now": now,
        },
    )
    assert row is not None, "the function always returns one row"
    return row
