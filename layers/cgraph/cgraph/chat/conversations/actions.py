"""Conversations: between two people, or in a group."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cgraph.accounts.errors import Blocked
from cgraph.chat.access import lock_conversation
from cgraph.chat.conversations import queries
from cgraph.chat.conversations.models import (
    Conversation,
    ConversationChange,
    ConversationDraft,
    Invited,
    Joined,
    Marked,
    Member,
    NamedConversation,
    ReadMarker,
)
from cgraph.chat.conversations.rules import MEMBERS_AT_MOST
from cgraph.chat.errors import ConversationNotFound, InvalidMembers, UnknownMembers
from cgraph.chat.models import ConversationKind
from cgraph.chat.policies import Role
from cgraph.core import clock, ids, policies
from cgraph.core.caller import Caller
from cgraph.core.database import AlreadyExists, Transaction
from cgraph.core.ids import UserId
from cgraph.core.pagination import decode_position, encode_position, items_page_json
from cgraph.core.policies import AccessContext
from cgraph.events import nonces
from cgraph.events.models import Event
from cgraph.events.streams import conversation_stream, user_stream
from cgraph.realtime.announcements import announce, record_event
from cgraph.realtime.subscriptions import ReadReceipt, buffer_receipts

MEMBERS_IN_LISTS = 8


@dataclass(frozen=True, slots=True)
class Started:
    """`existed`: the conversation was there before (a direct one, or the same nonce)."""

    conversation: Conversation
    existed: bool


async def show_conversation(tx: Transaction, *, id: UUID, caller: Caller) -> Conversation:
    """Raises ConversationNotFound."""
    found = await queries.conversation_of(tx, reader=caller.id, id=id, members=MEMBERS_AT_MOST)
    context = AccessContext(found.role) if found else None
    policies.require(caller.policy, context, not_found=ConversationNotFound)
    assert found is not None, "or the policy had refused"
    return found


async def as_seen_by(tx: Transaction, *, reader: UUID, id: UUID, members: int) -> Conversation:
    """By somebody known to be a member."""
    found = await queries.conversation_of(tx, reader=reader, id=id, members=members)
    assert found is not None, "they are a member"
    return found


async def list_conversations(
    tx: Transaction, *, reader: UserId, cursor: str | None, limit: int
) -> str:
    """A page of Conversation, as JSON. Raises InvalidCursor."""
    scope = f"conversations:{reader}"
    below = queries.TOP if cursor is None else decode_position(scope, cursor)
    items = await queries.conversations_of(
        tx, reader=reader, below=below, limit=limit + 1, members=MEMBERS_IN_LISTS
    )
    more = None
    if len(items) > limit:
        last = items[limit - 1]
        more = encode_position(scope, (last.active_at, last.id))
    return items_page_json([item.shown for item in items[:limit]], next=more)


async def change_conversation(
    tx: Transaction, *, caller: Caller, id: UUID, change: ConversationChange
) -> Conversation:
    """Raises ConversationNotFound, NotAllowed."""
    membership = await lock_conversation(tx, id=id, caller=caller)
    if change.name != membership.name:
        members = await queries.rename(tx, id=id, name=change.name)
        named = NamedConversation(id=id, name=change.name)
        await record_event(
            tx,
            stream=conversation_stream(id),
            type="conversation.updated",
            data={"conversation": named.model_dump(mode="json")},
            audience=members,
            now=clock.now(),
        )
    return await as_seen_by(tx, reader=caller.id, id=id, members=MEMBERS_AT_MOST)


async def start_conversation(
    tx: Transaction, *, creator: UserId, draft: ConversationDraft
) -> Started:
    """Raises UnknownMembers, InvalidMembers, Blocked, NonceConflict."""
    people = await _people(tx, creator=creator, draft=draft)
    asked = nonces.request_hash(
        "start_conversation", draft.model_dump(mode="json", exclude={"nonce"})
    )
    if _is_blocked(people, kind=draft.kind):
        return await _started_unblocked(tx, people, creator=creator, draft=draft, asked=asked)
    conversation = _new_conversation(draft, creator=creator, people=people, now=clock.now())
    members = [person.id for person in people]
    try:
        joined = await queries.insert_conversation(
            tx, conversation=conversation, members=members, nonce=draft.nonce, body_hash=asked
        )
    except AlreadyExists:
        return await _started_before(tx, creator=creator, draft=draft, asked=asked)
    if not joined:
        existing = await queries.direct_conversation(tx, members=members)
        assert existing is not None, "nothing deletes a direct conversation"
        found = await as_seen_by(tx, reader=creator, id=existing, members=MEMBERS_AT_MOST)
        return Started(found, existed=True)
    for row in joined:
        announce(tx, _joined_event(row, conversation=conversation), audience=[row.user_id])
    return Started(conversation, existed=False)


async def mark_read(tx: Transaction, *, caller: Caller, id: UUID, marker: ReadMarker) -> Marked:
    """Raises ConversationNotFound."""
    reader = caller.id
    now = clock.now()
    row = await queries.mark_read(
        tx, reader=reader, policy=caller.policy, id=id, seq=marker.seq, now=now
    )
    context = AccessContext(row.role) if row else None
    policies.require(caller.policy, context, not_found=ConversationNotFound)
    assert row is not None, "or the policy had refused"
    marked = Marked.model_validate(row.model_dump(exclude={"seq", "role"}))
    if row.seq is not None:
        data = marked.model_dump(mode="json")
        event = Event(user_stream(reader), row.seq, "conversation.read", data, now)
        announce(tx, event, audience=[reader])
        receipt = ReadReceipt(conversation_stream(id), reader, marked.last_read_seq)
        tx.on_commit(buffer_receipts, receipt)
    return marked


async def _people(tx: Transaction, *, creator: UserId, draft: ConversationDraft) -> list[Invited]:
    people = await queries.invited(tx, usernames=draft.members, by=creator)
    missing = {name.lower() for name in draft.members} - {
        person.username.lower() for person in people
    }
    if missing:
        raise UnknownMembers(f"There is no such person: {', '.join(sorted(missing))}")
    if draft.kind is ConversationKind.DIRECT and len(people) != 2:
        raise InvalidMembers("A direct conversation has exactly one other member")
    if len(people) > MEMBERS_AT_MOST:
        raise InvalidMembers(f"A group has at most {MEMBERS_AT_MOST} members")
    return sorted(people, key=lambda person: person.id)


def _is_blocked(people: Iterable[Invited], *, kind: ConversationKind) -> bool:
    """Nobody is put beside somebody they have blocked; whom one blocked oneself one may add to a
    group.
    """
    return any(
        person.blocks or (kind is ConversationKind.DIRECT and person.is_blocked)
        for person in people
    )


async def _started_unblocked(
    tx: Transaction,
    people: Iterable[Invited],
    *,
    creator: UserId,
    draft: ConversationDraft,
    asked: bytes,
) -> Started:
    """What was started before the block is still answered. Raises Blocked, NonceConflict."""
    if draft.kind is ConversationKind.DIRECT:
        there = await queries.direct_conversation(tx, members=[person.id for person in people])
        if there is not None:
            found = await as_seen_by(tx, reader=creator, id=there, members=MEMBERS_AT_MOST)
            return Started(found, existed=True)
    elif draft.nonce and await nonces.first_result(tx, user_id=creator, nonce=draft.nonce):
        return await _started_before(tx, creator=creator, draft=draft, asked=asked)
    raise Blocked


async def _started_before(
    tx: Transaction, *, creator: UserId, draft: ConversationDraft, asked: bytes
) -> Started:
    assert draft.nonce is not None, "only a nonce can exist already"
    first = await nonces.first_result(tx, user_id=creator, nonce=draft.nonce)
    assert first is not None, "the nonce that refused ours has committed"
    data = nonces.replay(first, request_hash=asked)["conversation"]
    return Started(Conversation.model_validate(data), existed=True)


def _new_conversation(
    draft: ConversationDraft, *, creator: UserId, people: Sequence[Invited], now: datetime
) -> Conversation:
    def role(person: Invited) -> Role:
        return (
            Role.OWNER
            if person.id == creator and draft.kind is ConversationKind.GROUP
            else Role.MEMBER
        )

    members = [
        Member(**person.model_dump(exclude={"blocks", "is_blocked"}), role=role(person))
        for person in people
    ]
    return Conversation(
        id=ids.uuid7(now),
        kind=draft.kind,
        name=draft.name,
        created_by=creator,
        created_at=now,
        active_at=now,
        member_count=len(people),
        members=members[:MEMBERS_IN_LISTS],
        last_message=None,
        head=0,
        role=Role.OWNER if draft.kind is ConversationKind.GROUP else Role.MEMBER,
        last_read_seq=0,
        unread_count=0,
    )


def _joined_event(row: Joined, *, conversation: Conversation) -> Event:
    """As the statement has logged it: the role is the reader's own."""
    if row.user_id != conversation.created_by:
        conversation = conversation.model_copy(update={"role": Role.MEMBER})
    data = {"conversation": conversation.model_dump(mode="json")}
    stream, now = user_stream(row.user_id), conversation.created_at
    return Event(stream, row.seq, "conversation.joined", data, now)
