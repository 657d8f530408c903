"""Access to a conversation: who the caller is in it, and what the route allows."""

from uuid import UUID

from cgraph.chat import queries
from cgraph.chat.errors import ConversationNotFound
from cgraph.chat.models import ConversationKind, Membership
from cgraph.core import policies
from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.core.policies import AccessContext


async def access_conversation(
    tx: Transaction, *, id: UUID, caller: Caller, about: UUID | None = None
) -> Membership:
    """`about`: whom the caller is about to do something to.

    Raises ConversationNotFound, to strangers too: that it exists is not theirs to know; NotAllowed.
    """
    found = await queries.membership(tx, id=id, user_id=caller.id)
    context = None
    if found is not None:
        context = AccessContext(
            found.role,
            is_direct=found.kind is ConversationKind.DIRECT,
            is_target=about == caller.id,
        )
    policies.require(caller.policy, context, not_found=ConversationNotFound)
    assert found is not None, "or the policy had refused"
    return found


async def lock_conversation(
    tx: Transaction, *, id: UUID, caller: Caller, about: UUID | None = None
) -> Membership:
    """`access_conversation` for whoever changes it: first in a transaction, and until its end
    nothing else changes it. Raises ConversationNotFound, NotAllowed.
    """
    if not await queries.lock_conversation_stream(tx, id=id, user_id=caller.id):
        policies.require(caller.policy, None, not_found=ConversationNotFound)
    return await access_conversation(tx, id=id, caller=caller, about=about)
