"""Read markers: how far each member has read a conversation."""

from uuid import UUID

from cgraph.chat.conversations.read_markers import queries
from cgraph.chat.conversations.read_markers.models import ReadMarker, ReadState
from cgraph.chat.errors import ConversationNotFound
from cgraph.core import clock, policies
from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.core.policies import AccessContext
from cgraph.events.models import Event
from cgraph.events.streams import conversation_stream, user_stream
from cgraph.realtime.announcements import announce
from cgraph.realtime.subscriptions import ReadReceipt, buffer_receipts


async def mark_read(tx: Transaction, *, caller: Caller, id: UUID, marker: ReadMarker) -> ReadState:
    """Moves the caller's read marker forward, never back. Raises ConversationNotFound."""
    now = clock.now()
    row = await queries.mark_read(
        tx, reader=caller.id, policy=caller.policy, id=id, seq=marker.seq, now=now
    )
    context = AccessContext(row.role) if row else None
    policies.require(caller.policy, context, not_found=ConversationNotFound)
    assert row is not None, "or the policy had refused"
    state = ReadState.model_validate(row.model_dump(exclude={"seq", "role"}))
    if row.seq is not None:
        receipt = ReadReceipt(conversation_stream(id), caller.id, state.last_read_seq)
        tx.on_commit(buffer_receipts, receipt)
        payload = state.model_dump(mode="json")
        event = Event(user_stream(caller.id), row.seq, "conversation.read", payload, now)
        announce(tx, event, audience=[caller.id])
    return state
