"""Queries of the earlier versions of messages; editing a message writes them."""

from uuid import UUID

from cgraph.chat.messages.versions.models import MessageVersionRow
from cgraph.core.database import Transaction


async def list_message_versions(
    tx: Transaction, *, id: UUID, below: int, limit: int
) -> list[MessageVersionRow]:
    """Returns the versions below a number, the last one first."""
    return await tx.fetch(
        MessageVersionRow,
        """
        SELECT v.version, json_build_object(
                'version', v.version, 'content', v.content, 'edited_at', rfc3339(v.edited_at)
            )::text AS json
        FROM message_versions v
        WHERE v.message_id = %(id)s AND v.version < %(below)s
        ORDER BY v.version DESC
        LIMIT %(limit)s
        """,
        {"id": id, "below": below, "limit": limit},
    )
