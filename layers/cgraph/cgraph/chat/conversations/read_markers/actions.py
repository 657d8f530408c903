"""Read markers: how far each member has read a conversation, and what they marked as unread."""

from datetime import datetime
from uuid import UUID

from cgraph.chat.conversations.read_markers import queries
from cgraph.chat.conversations.read_markers.models import (
    ReadMarker,
    ReadState,
    ReadStateRow,
)
from cgraph.chat.errors import ConversationNotFound
from cgraph.core import clock, policies
from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.core.policies import AccessContext
from cgraph.events.models import Event
from cgraph.events.streams import conversation_stream, user_stream
from cgraph.realtime.announcements import announce, announce_logged
from cgraph.realtime.subscriptions import ReadReceipt, buffer_receipts


async def mark_read(tx: Transaction, *, caller: Caller, id: UUID, marker: ReadMarker) -> ReadState:
    """Moves the caller's read marker forward, never back, and ends their mark as unread. Raises
    ConversationNotFound.
    """
    now = clock.now()
    row = await queries.mark_read(
        tx, reader=caller.id, policy=caller.policy, id=id, seq=marker.seq, now=now
    )
    state = _announce_change(tx, row, caller=caller, type="conversation.read", now=now)
    if row is not None and row.is_shown:
        receipt = ReadReceipt(conversation_stream(id), caller.id, state.last_read_seq)
        tx.on_commit(buffer_receipts, receipt)
    return state


async def mark_unread(tx: Transaction, *, caller: Caller, id: UUID) -> ReadState:
    """Marks the conversation as unread for the caller; the read marker stays. Raises
    ConversationNotFound.
    """
    now = clock.now()
    row = await queries.mark_unread(tx, reader=caller.id, policy=caller.policy, id=id, now=now)
    return _announce_change(tx, row, caller=caller, type="conversation.unread", now=now)


def _announce_change(
    tx: Transaction, row: ReadStateRow | None, *, caller: Caller, type: str, now: datetime
) -> ReadState:
    """`row`: None if the caller is not a member. Raises ConversationNotFound."""
    context = AccessContext(row.role) if row else None
    policies.require(caller.policy, context, not_found=ConversationNotFound)
    assert row is not None, "or the policy had refused"
    state = ReadState.model_validate(row.model_dump(include=set(ReadState.model_fields)))
    if row.notifications_read is not None:
        announce_logged(tx, [row.notifications_read], audience=None, now=now)
    if row.seq_of_event is not None:
        payload = state.model_dump(mode="json")
        event = Event(user_stream(caller.id), row.seq_of_event, type, payload, now)
        announce(tx, event, audience=[caller.id])
    return state
