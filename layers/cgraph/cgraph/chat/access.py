from enum import StrEnum
from uuid import UUID

from cgraph.chat import queries
from cgraph.chat.errors import ConversationNotFound
from cgraph.chat.policies import Role
from cgraph.core import policies
from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.core.fields import Model
from cgraph.core.policies import AccessContext


class ConversationKind(StrEnum):
    DIRECT = "direct"
    GROUP = "group"


class Membership(Model):
    """One person's place in one conversation."""

    role: Role
    kind: ConversationKind
    name: str | None
    member_count: int


async def access_conversation(
    tx: Transaction, *, id: UUID, caller: Caller, about: UUID | None = None
) -> Membership:
    """`about`: whom the caller is about to do something to.

    Raises ConversationNotFound, to strangers too: that it exists is not theirs to know; NotAllowed.
    """
    found = await queries.membership(tx, id=id, user_id=caller.id)
    standing = None
    if found is not None:
        standing = AccessContext(
            found.role,
            is_equal=found.kind is ConversationKind.DIRECT,
            is_oneself=about == caller.id,
        )
    policies.require(caller.policy, standing, hidden=ConversationNotFound)
    assert found is not None, "or the policy had refused"
    return found


async def lock_conversation(
    tx: Transaction, *, id: UUID, caller: Caller, about: UUID | None = None
) -> Membership:
    """`access_conversation` for whoever changes it: first in a transaction, and until its end
    nothing else changes it. Raises ConversationNotFound, NotAllowed.
    """
    if not await queries.lock_conversation_stream(tx, id=id, user_id=caller.id):
        policies.require(caller.policy, None, hidden=ConversationNotFound)
    return await access_conversation(tx, id=id, caller=caller, about=about)
