"""Access to a conversation: fetches the caller's membership and enforces the route's policy."""

from uuid import UUID

from cgraph.chat import queries
from cgraph.chat.errors import ConversationNotFound
from cgraph.chat.models import ConversationKind, Membership
from cgraph.core import policies
from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.core.policies import AccessContext


async def access_conversation(
    tx: Transaction, *, id: UUID, caller: Caller, target_id: UUID | None = None
) -> Membership:
    """Returns the caller's membership. `target_id`: the user whom the request is about.

    Raises ConversationNotFound, also if the caller is not a member; NotAllowed.
    """
    membership = await queries.membership_of(tx, id=id, user_id=caller.id)
    return _require(membership, caller=caller, target_id=target_id)


async def select_conversation_for_update(
    tx: Transaction, *, id: UUID, caller: Caller, target_id: UUID | None = None
) -> Membership:
    """Like `access_conversation`, and locks the conversation's stream until the transaction ends:
    the first statement of a transaction that changes the conversation. Raises
    ConversationNotFound, NotAllowed.
    """
    membership = await queries.membership_for_update(tx, id=id, user_id=caller.id)
    return _require(membership, caller=caller, target_id=target_id)


def _require(
    membership: Membership | None, *, caller: Caller, target_id: UUID | None
) -> Membership:
    """Raises ConversationNotFound, NotAllowed."""
    context = None
    if membership is not None:
        context = AccessContext(
            membership.role,
            is_direct=membership.kind is ConversationKind.DIRECT,
            is_target=target_id == caller.id,
        )
    policies.require(caller.policy, context, not_found=ConversationNotFound)
    assert membership is not None, "or the policy had refused"
    return membership
