"""Which conversations a user has muted."""

from uuid import UUID

from cgraph.chat.conversations.mutes import queries
from cgraph.chat.conversations.mutes.models import MuteRequest, MuteState
from cgraph.chat.errors import ConversationNotFound
from cgraph.core import clock, policies
from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.core.policies import AccessContext
from cgraph.events.models import Event
from cgraph.events.streams import user_stream
from cgraph.realtime.announcements import announce


async def mute_conversation(
    tx: Transaction, *, caller: Caller, conversation_id: UUID, mute: MuteRequest
) -> MuteState:
    """Mutes the conversation for the caller; a time in the past unmutes it. Raises
    ConversationNotFound.
    """
    if mute.until is not None and mute.until <= clock.now():
        return await unmute_conversation(tx, caller=caller, conversation_id=conversation_id)
    state = MuteState(conversation_id=conversation_id, muted=True, muted_until=mute.until)
    until = mute.until.isoformat() if mute.until else "infinity"
    return await _set_mute(tx, state, until=until, caller=caller)


async def unmute_conversation(
    tx: Transaction, *, caller: Caller, conversation_id: UUID
) -> MuteState:
    """Raises ConversationNotFound."""
    state = MuteState(conversation_id=conversation_id, muted=False, muted_until=None)
    return await _set_mute(tx, state, until=None, caller=caller)


async def _set_mute(
    tx: Transaction, state: MuteState, *, until: str | None, caller: Caller
) -> MuteState:
    now = clock.now()
    payload = state.model_dump(mode="json")
    row = await queries.set_mute(
        tx,
        conversation_id=state.conversation_id,
        user_id=caller.id,
        until=until,
        policy=caller.policy,
        payload=payload,
        now=now,
    )
    context = AccessContext(row.role) if row else None
    policies.require(caller.policy, context, not_found=ConversationNotFound)
    assert row is not None, "or the policy had refused"
    if row.seq is not None:
        event = Event(user_stream(caller.id), row.seq, "conversation.muted", payload, now)
        announce(tx, event, audience=[caller.id])
    return state
