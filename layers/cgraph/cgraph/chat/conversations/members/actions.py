"""Who is in a conversation, and as what.

Each change locks the conversation's stream before it looks, so that of two at once the second sees
what the first did, and whoever is removed is not in the audience of a later event.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from cgraph.accounts.errors import Blocked, UserNotFound
from cgraph.chat.access import lock_conversation
from cgraph.chat.conversations.actions import MEMBERS_IN_LISTS, as_seen_by
from cgraph.chat.conversations.members import queries
from cgraph.chat.conversations.members.models import (
    Candidate,
    ConversationLeft,
    MemberChange,
    MemberRemoved,
    Mute,
    Muted,
)
from cgraph.chat.conversations.models import Member
from cgraph.chat.conversations.rules import (
    MEMBERS_AT_MOST,
    has_room,
    may_give,
    may_remove,
    must_hand_over,
)
from cgraph.chat.errors import ConversationNotFound, InvalidMembers
from cgraph.chat.models import ConversationKind, Membership
from cgraph.chat.policies import Role
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
) -> Member:
    """Adds them, or gives them a role; what is so already stays. Raises ConversationNotFound,
    UserNotFound, NotAllowed, Blocked, InvalidMembers, HandOverFirst.
    """
    giver = await lock_conversation(tx, id=conversation_id, caller=caller)
    found = await queries.candidate(
        tx, conversation_id=conversation_id, user_id=user_id, asker=caller.id
    )
    if found is None:
        raise UserNotFound
    role = change.role or found.role or Role.MEMBER
    if role is not found.role:
        _require(giver, to_make=found, role=role, oneself=user_id == caller.id)
        await _put(tx, found, role=role, caller=caller, conversation_id=conversation_id)
    return _member(found, role=role)


async def remove_member(
    tx: Transaction, *, caller: Caller, conversation_id: UUID, user_id: UUID
) -> None:
    """Removes somebody, or leaves. Raises ConversationNotFound, NotAllowed, MemberNotFound,
    InvalidMembers, HandOverFirst.
    """
    mine = await lock_conversation(tx, id=conversation_id, caller=caller, about=user_id)
    if mine.kind is ConversationKind.DIRECT:
        raise InvalidMembers("A direct conversation is between two people, and stays so")
    members = await queries.everyone(tx, conversation_id=conversation_id)
    if user_id not in members:
        raise MemberNotFound
    if user_id == caller.id and must_hand_over(mine.role, members=len(members)):
        raise OwnershipTransferRequired
    if user_id != caller.id and not may_remove(mine.role, removed=members[user_id]):
        raise NotAllowed("Only the owner removes an admin")
    await queries.delete_member(tx, conversation_id=conversation_id, user_id=user_id)
    tx.on_commit(end_subscriptions, LostAccess(user_id, conversation_stream(conversation_id)))
    staying = sorted(members.keys() - {user_id})
    await _tell_removal(tx, conversation_id=conversation_id, user_id=user_id, staying=staying)


async def mute_conversation(
    tx: Transaction, *, caller: Caller, conversation_id: UUID, mute: Mute
) -> Muted:
    """Until a time that is over already is not muted. Raises ConversationNotFound."""
    if mute.until is not None and mute.until <= clock.now():
        return await unmute_conversation(tx, caller=caller, conversation_id=conversation_id)
    muted = Muted(conversation_id=conversation_id, muted=True, muted_until=mute.until)
    until = mute.until.isoformat() if mute.until else "infinity"
    return await _mute(tx, muted, until=until, caller=caller)


async def unmute_conversation(tx: Transaction, *, caller: Caller, conversation_id: UUID) -> Muted:
    """Raises ConversationNotFound."""
    heard = Muted(conversation_id=conversation_id, muted=False, muted_until=None)
    return await _mute(tx, heard, until=None, caller=caller)


async def _mute(tx: Transaction, muted: Muted, *, until: str | None, caller: Caller) -> Muted:
    now = clock.now()
    data = muted.model_dump(mode="json")
    row = await queries.mute(
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


def _require(giver: Membership, *, to_make: Candidate, role: Role, oneself: bool) -> None:
    if not may_give(giver.role, role=role, had=to_make.role):
        raise NotAllowed(f"Only the owner makes somebody {role}")
    if oneself:
        raise OwnershipTransferRequired
    if to_make.role is None and to_make.blocks:
        raise Blocked
    if to_make.role is None and not has_room(giver.member_count):
        raise InvalidMembers(f"A group has at most {MEMBERS_AT_MOST} members")


async def _put(
    tx: Transaction, person: Candidate, *, role: Role, caller: Caller, conversation_id: UUID
) -> None:
    """Their own stream comes last: no other lock is waited for while it is held."""
    now = clock.now()
    if person.role is None:
        await _add(tx, person, role=role, conversation_id=conversation_id, now=now)
    else:
        await _give(tx, role, to=person, conversation_id=conversation_id, now=now)
    if role is Role.OWNER:
        await _step_down(tx, caller=caller, conversation_id=conversation_id, now=now)
    if person.role is None:
        await _welcome(tx, person, conversation_id=conversation_id, now=now)


async def _add(
    tx: Transaction, person: Candidate, *, role: Role, conversation_id: UUID, now: datetime
) -> None:
    seq = await record_event(
        tx,
        stream=conversation_stream(conversation_id),
        type="member.added",
        data=_told(_member(person, role=role)),
        audience=sorted(await queries.everyone(tx, conversation_id=conversation_id)),
        now=now,
    )
    await queries.insert_member(
        tx, conversation_id=conversation_id, user_id=person.id, role=role, seq=seq, now=now
    )


async def _welcome(
    tx: Transaction, person: Candidate, *, conversation_id: UUID, now: datetime
) -> None:
    conversation = await as_seen_by(
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


async def _tell_removal(
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


async def _give(
    tx: Transaction, role: Role, *, to: Candidate, conversation_id: UUID, now: datetime
) -> None:
    await queries.set_role(tx, conversation_id=conversation_id, user_id=to.id, role=role)
    await record_event(
        tx,
        stream=conversation_stream(conversation_id),
        type="member.updated",
        data=_told(_member(to, role=role)),
        audience=sorted(await queries.everyone(tx, conversation_id=conversation_id)),
        now=now,
    )


async def _step_down(
    tx: Transaction, *, caller: Caller, conversation_id: UUID, now: datetime
) -> None:
    giver = await queries.candidate(
        tx, conversation_id=conversation_id, user_id=caller.id, asker=caller.id
    )
    assert giver is not None, "whoever hands over is there"
    await _give(tx, Role.ADMIN, to=giver, conversation_id=conversation_id, now=now)


def _member(person: Candidate, *, role: Role) -> Member:
    return Member(**person.model_dump(exclude={"role", "blocks"}), role=role)


def _told(member: Member) -> dict[str, object]:
    """What `member.added` and `member.updated` tell."""
    return {"member": member.model_dump(mode="json")}
