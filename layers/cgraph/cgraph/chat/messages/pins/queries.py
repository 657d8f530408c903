"""Queries of pins, which are columns of their messages."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cgraph.chat.messages.models import ChangedMessageRow, MessageRow
from cgraph.core.database import Transaction


@dataclass(frozen=True, slots=True)
class PinCountRow:
    count: int


async def list_pins(tx: Transaction, *, reader: UUID, conversation_id: UUID) -> list[MessageRow]:
    """Returns the pinned messages that the reader may see, last pinned first."""
    return await tx.fetch(
        MessageRow,
        """
        SELECT m.seq, message_text(m, %(reader)s) AS json
        FROM message_pins pin CROSS JOIN LATERAL message_by_id(pin.message_id) AS m
        WHERE pin.conversation_id = %(conversation_id)s
          AND m.seq > (SELECT history_after(%(conversation_id)s, %(reader)s))
        ORDER BY m.pinned_at DESC, m.seq DESC
        """,
        {"reader": reader, "conversation_id": conversation_id},
    )


async def count_pins(tx: Transaction, *, conversation_id: UUID) -> int:
    row = await tx.fetch_one(
        PinCountRow,
        """
        SELECT count(*) AS count FROM message_pins WHERE conversation_id = %(conversation_id)s
        """,
        {"conversation_id": conversation_id},
    )
    assert row is not None, "a count is always one row"
    return row.count


async def set_pin(
    tx: Transaction, *, id: UUID, by: UUID | None, now: datetime | None
) -> ChangedMessageRow:
    """Pins the message, or unpins it if `now` and `by` are None."""
    changed = await tx.fetch_one(
        ChangedMessageRow,
        """
        UPDATE messages m
        SET pinned_at = %(now)s, pinned_by = %(by)s
        WHERE m.id = %(id)s
        RETURNING message_json(m, NULL) AS message, ARRAY (
            SELECT user_id FROM conversation_members cm
            WHERE cm.conversation_id = m.conversation_id) AS audience,
            history_limits(m.conversation_id) AS history_limits
        """,
        {"id": id, "by": by, "now": now},
    )
    assert changed is not None, "the message was read under the stream's lock"
    return changed
