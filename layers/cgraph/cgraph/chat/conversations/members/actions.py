"""Members of a group and their roles.

Each change of members locks the conversation's stream before it reads: of two changes at once the
second sees the first, and a removed member is not in the audience of a later event.
"""

from datetime import datetime
from uuid import UUID

from cgraph.accounts.errors import Blocked, NotReachable, UserNotFound
from cgraph.chat.access import select_conversation_for_update
from cgraph.chat.conversations.actions import MEMBERS_IN_LISTS, conversation_seen_by
from cgraph.chat.conversations.members import queries
from cgraph.chat.conversations.members.models import (
    CandidateRow,
    MemberChange,
)
from cgraph.chat.conversations.models import ConversationMember
from cgraph.chat.conversations.rules import (
    MEMBERS_AT_MOST,
    has_room,
    may_assign_role,
    may_remove,
    must_transfer_ownership,
)
from cgraph.chat.errors import InvalidMembers
from cgraph.chat.models import ConversationKind, Membership
from cgraph.chat.policies import ConversationRole
from cgraph.core import clock
from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.core.errors import MemberNotFound, NotAllowed, OwnershipTransferRequired
from cgraph.events.streams import conversation_stream
from cgraph.realtime.announcements import announce_logged, record_event
from cgraph.realtime.lost_access import LostAccess, end_subscriptions
from cgraph.realtime.notices import notify_user


async def put_member(
    tx: Transaction, *, caller: Caller, conversation_id: UUID, user_id: UUID, change: MemberChange
) -> ConversationMember:
    """Adds a user to a group, or changes a member's role. Raises ConversationNotFound,
    UserNotFound, NotAllowed, Blocked, NotReachable, InvalidMembers, OwnershipTransferRequired.
    """
    membership = await select_conversation_for_update(tx, id=conversation_id, caller=caller)
    candidate = await queries.candidate(
        tx, conversation_id=conversation_id, user_id=user_id, caller_id=caller.id
    )
    if candidate is None:
        raise UserNotFound
    role = change.role or candidate.role or ConversationRole.MEMBER
    if role is not candidate.role:
        is_self = user_id == caller.id
        _require_assignable(membership, candidate=candidate, role=role, is_self=is_self)
        await _assign(tx, candidate, role=role, caller=caller, conversation_id=conversation_id)
    return _conversation_member(candidate, role=role)


async def remove_member(
    tx: Transaction, *, caller: Caller, conversation_id: UUID, user_id: UUID
) -> None:
    """Removes a member from a group, or the caller themselves. Raises ConversationNotFound,
    NotAllowed, MemberNotFound, InvalidMembers, OwnershipTransferRequired.
    """
    membership = await select_conversation_for_update(
        tx, id=conversation_id, caller=caller, target_id=user_id
    )
    if membership.kind is ConversationKind.DIRECT:
        raise InvalidMembers("The members of a direct conversation do not change")
    roles = await queries.member_roles(tx, conversation_id=conversation_id)
    if user_id not in roles:
        raise MemberNotFound
    if user_id == caller.id and must_transfer_ownership(membership.role, member_count=len(roles)):
        raise OwnershipTransferRequired
    if user_id != caller.id and not may_remove(membership.role, removed=roles[user_id]):
        raise NotAllowed("Only the owner removes an admin")
    now = clock.now()
    row = await queries.remove_member(tx, conversation_id=conversation_id, user_id=user_id, now=now)
    tx.on_commit(end_subscriptions, LostAccess(user_id, conversation_stream(conversation_id)))
    announce_logged(tx, row.logged, audience=row.audience, now=now)


def _require_assignable(
    membership: Membership, *, candidate: CandidateRow, role: ConversationRole, is_self: bool
) -> None:
    """`membership`: the caller's. Raises NotAllowed, OwnershipTransferRequired, Blocked,
    NotReachable, InvalidMembers.
    """
    if not may_assign_role(membership.role, role=role, current=candidate.role):
        raise NotAllowed(f"Only the owner gives the role {role}")
    if is_self:
        raise OwnershipTransferRequired
    if candidate.role is None and candidate.is_blocked:
        raise Blocked
    if candidate.role is None and not candidate.is_reachable:
        raise NotReachable
    if candidate.role is None and not has_room(membership.member_count):
        raise InvalidMembers(f"A group has at most {MEMBERS_AT_MOST} members")


async def _assign(
    tx: Transaction,
    candidate: CandidateRow,
    *,
    role: ConversationRole,
    caller: Caller,
    conversation_id: UUID,
) -> None:
    """Adds the user or changes their role; a new owner takes the caller's place."""
    now = clock.now()
    if candidate.role is None:
        await _add_member(tx, candidate, role=role, conversation_id=conversation_id, now=now)
    else:
        await _change_role(tx, candidate, role=role, conversation_id=conversation_id, now=now)
    if role is ConversationRole.OWNER:
        await _demote_to_admin(tx, caller=caller, conversation_id=conversation_id, now=now)
    if candidate.role is None:  # last, so that no lock is waited for while the user's is held
        await _record_joined(tx, user_id=candidate.id, conversation_id=conversation_id, now=now)


async def _add_member(
    tx: Transaction,
    candidate: CandidateRow,
    *,
    role: ConversationRole,
    conversation_id: UUID,
    now: datetime,
) -> None:
    row = await queries.add_member(
        tx,
        conversation_id=conversation_id,
        user_id=candidate.id,
        role=role,
        payload=_event_payload(_conversation_member(candidate, role=role)),
        now=now,
    )
    announce_logged(tx, [row.event], audience=row.audience, now=now)


async def _record_joined(
    tx: Transaction, *, user_id: UUID, conversation_id: UUID, now: datetime
) -> None:
    conversation = await conversation_seen_by(
        tx, reader=user_id, id=conversation_id, member_limit=MEMBERS_IN_LISTS
    )
    await notify_user(
        tx,
        user_id=user_id,
        type="conversation.joined",
        data={"conversation": conversation.model_dump(mode="json")},
        now=now,
    )


async def _change_role(
    tx: Transaction,
    member: CandidateRow,
    *,
    role: ConversationRole,
    conversation_id: UUID,
    now: datetime,
) -> None:
    await queries.set_role(tx, conversation_id=conversation_id, user_id=member.id, role=role)
    await record_event(
        tx,
        stream=conversation_stream(conversation_id),
        type="member.updated",
        data=_event_payload(_conversation_member(member, role=role)),
        audience=sorted(await queries.member_roles(tx, conversation_id=conversation_id)),
        now=now,
    )


async def _demote_to_admin(
    tx: Transaction, *, caller: Caller, conversation_id: UUID, now: datetime
) -> None:
    member = await queries.candidate(
        tx, conversation_id=conversation_id, user_id=caller.id, caller_id=caller.id
    )
    assert member is not None, "the caller is the owner"
    role = ConversationRole.ADMIN
    await _change_role(tx, member, role=role, conversation_id=conversation_id, now=now)


def _conversation_member(user: CandidateRow, *, role: ConversationRole) -> ConversationMember:
    return ConversationMember(
        id=user.id,
        username=user.username,
        display_name=user.display_name,
        avatar=user.avatar,
        role=role,
    )


def _event_payload(member: ConversationMember) -> dict[str, object]:
    """The data of `member.added` and `member.updated`."""
    return {"member": member.model_dump(mode="json")}
