"""Conversations: between two people, or in a group."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from cgraph import ids, nonces, policies
from cgraph.auth.caller import Caller
from cgraph.conversations import queries
from cgraph.conversations.models import (
    Conversation,
    ConversationDraft,
    Kind,
    Marked,
    Member,
    Membership,
    Person,
    Position,
    ReadMarker,
)
from cgraph.cursors import decode_cursor, encode_cursor
from cgraph.database import AlreadyExists, Transaction
from cgraph.errors import ConversationNotFound, InvalidCursor, InvalidMembers, UnknownMembers
from cgraph.fields import Page
from cgraph.ids import UserId
from cgraph.policies import Role, Standing
from cgraph.streams import Announcement, Event, Stream, StreamKind

MEMBERS_IN_LISTS = 8
MEMBERS_AT_MOST = 1000


@dataclass(frozen=True, slots=True)
class Started:
    """`existed`: the conversation was there before (a direct one, or the same nonce)."""

    conversation: Conversation
    existed: bool


async def access_conversation(tx: Transaction, *, id: UUID, caller: Caller) -> Membership:
    """Raises ConversationNotFound, to strangers too: that it exists is not theirs to know;
    NotAllowed.
    """
    found = await queries.membership(tx, id=id, user_id=caller.id)
    standing = Standing(found.role, is_equal=found.kind is Kind.DIRECT) if found else None
    policies.require(caller.policy, standing, hidden=ConversationNotFound)
    assert found is not None, "or the policy had refused"
    return found


async def show_conversation(tx: Transaction, *, id: UUID, caller: Caller) -> Conversation:
    """Raises ConversationNotFound."""
    found = await queries.conversation_of(tx, reader=caller.id, id=id, members=MEMBERS_AT_MOST)
    roles = {member.id: member.role for member in found.members} if found else {}
    standing = Standing(roles[caller.id]) if found else None
    policies.require(caller.policy, standing, hidden=ConversationNotFound)
    assert found is not None, "or the policy had refused"
    return found


async def list_conversations(
    tx: Transaction, *, reader: UserId, cursor: str | None, limit: int
) -> Page[Conversation]:
    """Raises InvalidCursor."""
    scope = f"conversations:{reader}"
    below = queries.TOP if cursor is None else _position(scope, cursor)
    items = await queries.conversations_of(
        tx, reader=reader, below=below, limit=limit + 1, members=MEMBERS_IN_LISTS
    )
    if len(items) <= limit:
        return Page(items=items, next=None)
    last = items[limit - 1]
    return Page(
        items=items[:limit], next=encode_cursor(scope, last.active_at.isoformat(), str(last.id))
    )


async def start_conversation(
    tx: Transaction, *, creator: UserId, draft: ConversationDraft
) -> Started:
    """Raises UnknownMembers, InvalidMembers, NonceConflict."""
    people = await _people(tx, creator=creator, draft=draft)
    now = ids.now()
    conversation = _new_conversation(draft, creator=creator, people=people, now=now)
    asked = nonces.body_hash("start_conversation", draft.model_dump(mode="json", exclude={"nonce"}))
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
        found = await queries.conversation_of(
            tx, reader=creator, id=existing, members=MEMBERS_AT_MOST
        )
        assert found is not None, "nobody leaves a direct conversation"
        return Started(found, existed=True)
    data = {"conversation": conversation.model_dump(mode="json")}
    for row in joined:
        event = Event(
            Stream(StreamKind.USER, row.user_id), row.seq, "conversation.joined", data, now
        )
        tx.announce(Announcement(event, audience=[UserId(row.user_id)]))
    return Started(conversation, existed=False)


async def mark_read(tx: Transaction, *, caller: Caller, id: UUID, marker: ReadMarker) -> Marked:
    """Raises ConversationNotFound."""
    reader = caller.id
    now = ids.now()
    row = await queries.mark_read(tx, reader=reader, id=id, seq=marker.seq, now=now)
    standing = Standing(row.role) if row else None
    policies.require(caller.policy, standing, hidden=ConversationNotFound)
    assert row is not None, "or the policy had refused"
    marked = Marked.model_validate(row.model_dump(exclude={"seq", "role"}))
    if row.seq is not None:
        data = marked.model_dump(mode="json")
        event = Event(Stream(StreamKind.USER, reader), row.seq, "conversation.read", data, now)
        tx.announce(Announcement(event, audience=[reader]))
    return marked


async def _people(tx: Transaction, *, creator: UserId, draft: ConversationDraft) -> list[Person]:
    people = await queries.people(tx, usernames=draft.members, also=creator)
    missing = {name.lower() for name in draft.members} - {
        person.username.lower() for person in people
    }
    if missing:
        raise UnknownMembers(f"There is no such person: {', '.join(sorted(missing))}")
    if draft.kind is Kind.DIRECT and len(people) != 2:
        raise InvalidMembers("A direct conversation has exactly one other member")
    if len(people) > MEMBERS_AT_MOST:
        raise InvalidMembers(f"A group has at most {MEMBERS_AT_MOST} members")
    return sorted(people, key=lambda person: person.id)


async def _started_before(
    tx: Transaction, *, creator: UserId, draft: ConversationDraft, asked: bytes
) -> Started:
    assert draft.nonce is not None, "only a nonce can exist already"
    first = await nonces.first_result(tx, user_id=creator, nonce=draft.nonce)
    assert first is not None, "the nonce that refused ours has committed"
    data = nonces.replay(first, asked=asked)["conversation"]
    return Started(Conversation.model_validate(data), existed=True)


def _new_conversation(
    draft: ConversationDraft, *, creator: UserId, people: Sequence[Person], now: datetime
) -> Conversation:
    def role(person: Person) -> Role:
        return Role.OWNER if person.id == creator and draft.kind is Kind.GROUP else Role.MEMBER

    members = [Member(**person.model_dump(), role=role(person)) for person in people]
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
        last_read_seq=0,
        unread_count=0,
    )


def _position(scope: str, cursor: str) -> Position:
    at, identifier = decode_cursor(scope, cursor, str, str)
    try:
        return datetime.fromisoformat(str(at)).astimezone(UTC), UUID(str(identifier))
    except ValueError:
        raise InvalidCursor from None
