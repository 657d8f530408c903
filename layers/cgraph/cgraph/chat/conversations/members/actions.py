"""Who is in a conversation, and as what.

Each change locks the conversation's stream before it looks, so that of two at once the second sees
what the first did, and whoever is removed is not in the audience of a later event.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from cgraph.accounts.errors import Blocked, UserNotFound
from cgraph.chat.access import select_conversation_for_update
from cgraph.chat.conversations.actions import MEMBERS_IN_LISTS, conversation_seen_by
from cgraph.chat.conversations.members import queries
from cgraph.chat.conversations.members.models import (
    CandidateRow,
    ConversationLeft,
    MemberChange,
    MemberRemoved,
    MuteRequest,
    MuteState,
)
from cgraph.chat.conversations.models import ConversationMember
from cgraph.chat.conversations.rules import (
    MEMBERS_AT_MOST,
    has_room,
    may_assign_role,
    may_remove,
    must_transfer_ownership,
)
from cgraph.chat.errors import ConversationNotFound, InvalidMembers
from cgraph.chat.models import ConversationKind, Membership
from cgraph.chat.policies import ConversationRole
from cgraph.core import clock, policies
from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.core.errors import MemberNotFound, NotAllowed, OwnershipTransferRequired
from cgraph.core.policies import AccessContext
from cgraph.events.models import Event
from cgraph.events.streams import conversation_stream, user_stream
from cgraph.realtime.announcements import announce, record_event
from cgraph.realtime.lost_access import LostAccess, end_subscriptions


async def put_member(
    tx: Transaction, *, caller: Caller, conversation_id: UUID, user_id: UUID, change: MemberChange
) -> ConversationMember:
    """Adds them, or gives them a role; what is so already stays. Raises ConversationNotFound,
    UserNotFound, NotAllowed, Blocked, InvalidMembers, HandOverFirst.
    """
    giver = await select_conversation_for_update(tx, id=conversation_id, caller=caller)
    found = await queries.candidate(
        tx, conversation_id=conversation_id, user_id=user_id, asker=caller.id
    )
    if found is None:
        raise UserNotFound
    role = change.role or found.role or ConversationRole.MEMBER
    if role is not found.role:
        _require_assignable(giver, to_make=found, role=role, oneself=user_id == caller.id)
        await _add_or_update(tx, found, role=role, caller=caller, conversation_id=conversation_id)
    return _conversation_member(found, role=role)


async def remove_member(
    tx: Transaction, *, caller: Caller, conversation_id: UUID, user_id: UUID
) -> None:
    """Removes somebody, or leaves. Raises ConversationNotFound, NotAllowed, MemberNotFound,
    InvalidMembers, HandOverFirst.
    """
    mine = await select_conversation_for_update(
        tx, id=conversation_id, caller=caller, about=user_id
    )
    if mine.kind is ConversationKind.DIRECT:
        raise InvalidMembers("A direct conversation is between two people, and stays so")
    members = await queries.member_roles(tx, conversation_id=conversation_id)
    if user_id not in members:
        raise MemberNotFound
    if user_id == caller.id and must_transfer_ownership(mine.role, members=len(members)):
        raise OwnershipTransferRequired
    if user_id != caller.id and not may_remove(mine.role, removed=members[user_id]):
        raise NotAllowed("Only the owner removes an admin")
    await queries.delete_member(tx, conversation_id=conversation_id, user_id=user_id)
    tx.on_commit(end_subscriptions, LostAccess(user_id, conversation_stream(conversation_id)))
    staying = sorted(members.keys() - {user_id})
    await _record_removal(tx, conversation_id=conversation_id, user_id=user_id, staying=staying)


async def mute_conversation(
    tx: Transaction, *, caller: Caller, conversation_id: UUID, mute: MuteRequest
) -> MuteState:
    """Until a time that is over already is not muted. Raises ConversationNotFound."""
    if mute.until is not None and mute.until <= clock.now():
        return await unmute_conversation(tx, caller=caller, conversation_id=conversation_id)
    muted = MuteState(conversation_id=conversation_id, muted=True, muted_until=mute.until)
    until = mute.until.isoformat() if mute.until else "infinity"
    return await _set_mute(tx, muted, until=until, caller=caller)


async def unmute_conversation(
    tx: Transaction, *, caller: Caller, conversation_id: UUID
) -> MuteState:
    """Raises ConversationNotFound."""
    heard = MuteState(conversation_id=conversation_id, muted=False, muted_until=None)
    return await _set_mute(tx, heard, until=None, caller=caller)


async def _set_mute(
    tx: Transaction, muted: MuteState, *, until: str | None, caller: Caller
) -> MuteState:
    now = clock.now()
    data = muted.model_dump(mode="json")
    row = await queries.set_mute(
        tx,
        conversation_id=muted.conversation_id,
        user_id=caller.id,
        until=until,
        policy=caller.policy,
        data=data,
        now=now,
    )
    context = AccessContext(row.role) if row else None
    policies.require(caller.policy, context, not_found=ConversationNotFound)
    assert row is not None, "or the policy had refused"
    if row.seq is not None:
        event = Event(user_stream(caller.id), row.seq, "conversation.muted", data, now)
        announce(tx, event, audience=[caller.id])
    return muted


def _require_assignable(
    giver: Membership, *, to_make: CandidateRow, role: ConversationRole, oneself: bool
) -> None:
    if not may_assign_role(giver.role, role=role, had=to_make.role):
        raise NotAllowed(f"Only the owner makes somebody {role}")
    if oneself:
        raise OwnershipTransferRequired
    if to_make.role is None and to_make.blocks:
        raise Blocked
    if to_make.role is None and not has_room(giver.member_count):
        raise InvalidMembers(f"A group has at most {MEMBERS_AT_MOST} members")


async def _add_or_update(
    tx: Transaction,
    person: CandidateRow,
    *,
    role: ConversationRole,
    caller: Caller,
    conversation_id: UUID,
) -> None:
    """Their own stream comes last: no other lock is waited for while it is held."""
    now = clock.now()
    if person.role is None:
        await _add_member(tx, person, role=role, conversation_id=conversation_id, now=now)
    else:
        await _change_role(tx, role, to=person, conversation_id=conversation_id, now=now)
    if role is ConversationRole.OWNER:
        await _demote_to_admin(tx, caller=caller, conversation_id=conversation_id, now=now)
    if person.role is None:
        await _record_joined(tx, person, conversation_id=conversation_id, now=now)


async def _add_member(
    tx: Transaction,
    person: CandidateRow,
    *,
    role: ConversationRole,
    conversation_id: UUID,
    now: datetime,
) -> None:
    seq = await record_event(
        tx,
        stream=conversation_stream(conversation_id),
        type="member.added",
        data=_event_payload(_conversation_member(person, role=role)),
        audience=sorted(await queries.member_roles(tx, conversation_id=conversation_id)),
        now=now,
    )
    await queries.insert_member(
        tx, conversation_id=conversation_id, user_id=person.id, role=role, seq=seq, now=now
    )


async def _record_joined(
    tx: Transaction, person: CandidateRow, *, conversation_id: UUID, now: datetime
) -> None:
    conversation = await conversation_seen_by(
        tx, reader=person.id, id=conversation_id, members=MEMBERS_IN_LISTS
    )
    await record_event(
        tx,
        stream=user_stream(person.id),
        type="conversation.joined",
        data={"conversation": conversation.model_dump(mode="json")},
        audience=[person.id],
        now=now,
    )


async def _record_removal(
    tx: Transaction, *, conversation_id: UUID, user_id: UUID, staying: Sequence[UUID]
) -> None:
    now = clock.now()
    await record_event(
        tx,
        stream=conversation_stream(conversation_id),
        type="member.removed",
        data=MemberRemoved(user_id=user_id).model_dump(mode="json"),
        audience=staying,
        now=now,
    )
    await record_event(
        tx,
        stream=user_stream(user_id),
        type="conversation.left",
        data=ConversationLeft(conversation_id=conversation_id).model_dump(mode="json"),
        audience=[user_id],
        now=now,
    )


async def _change_role(
    tx: Transaction,
    role: ConversationRole,
    *,
    to: CandidateRow,
    conversation_id: UUID,
    now: datetime,
) -> None:
    await queries.set_role(tx, conversation_id=conversation_id, user_id=to.id, role=role)
    await record_event(
        tx,
        stream=conversation_stream(conversation_id),
        type="member.updated",
        data=_event_payload(_conversation_member(to, role=role)),
        audience=sorted(await queries.member_roles(tx, conversation_id=conversation_id)),
        now=now,
    )


async def _demote_to_admin(
    tx: Transaction, *, caller: Caller, conversation_id: UUID, now: datetime
) -> None:
    giver = await queries.candidate(
        tx, conversation_id=conversation_id, user_id=caller.id, asker=caller.id
    )
    assert giver is not None, "whoever hands over is there"
    await _change_role(
        tx, ConversationRole.ADMIN, to=giver, conversation_id=conversation_id, now=now
    )


def _conversation_member(person: CandidateRow, *, role: ConversationRole) -> ConversationMember:
    return ConversationMember(**person.model_dump(exclude={"role", "blocks"}), role=role)


def _event_payload(member: ConversationMember) -> dict[str, object]:
    """What `member.added` and `member.updated` tell."""
    return {"member": member.model_dump(mode="json")}
