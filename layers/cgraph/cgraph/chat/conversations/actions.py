"""Conversations: direct ones between two users, and groups."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cgraph.accounts.errors import Blocked, NotReachable
from cgraph.chat.access import select_conversation_for_update
from cgraph.chat.conversations import queries
from cgraph.chat.conversations.models import (
    ChangedConversation,
    Conversation,
    ConversationChange,
    ConversationDraft,
    ConversationFilter,
    ConversationMember,
    InviteeRow,
    JoinedRow,
)
from cgraph.chat.conversations.rules import MEMBERS_AT_MOST
from cgraph.chat.errors import ConversationNotFound, InvalidMembers, UnknownMembers
from cgraph.chat.models import ConversationKind
from cgraph.chat.policies import ConversationRole
from cgraph.core import clock, ids, policies
from cgraph.core.caller import Caller
from cgraph.core.database import AlreadyExists, Transaction
from cgraph.core.ids import UserId
from cgraph.core.pagination import END_OF_TIME, LAST_ID, decode_cursor, page_json
from cgraph.core.policies import AccessContext
from cgraph.events import nonces
from cgraph.events.models import Event
from cgraph.events.streams import conversation_stream, user_stream
from cgraph.realtime.announcements import announce, record_event

MEMBERS_IN_LISTS = 8


@dataclass(frozen=True, slots=True)
class StartedConversation:
    """`existed`: it was started before: a direct conversation, or a group with the same nonce."""

    conversation: Conversation
    existed: bool


async def show_conversation(tx: Transaction, *, id: UUID, caller: Caller) -> Conversation:
    """Returns the conversation with all its members. Raises ConversationNotFound."""
    conversation = await queries.conversation_by_id(
        tx, reader=caller.id, id=id, member_limit=MEMBERS_AT_MOST
    )
    context = AccessContext(conversation.role) if conversation else None
    policies.require(caller.policy, context, not_found=ConversationNotFound)
    assert conversation is not None, "or the policy had refused"
    return conversation


async def conversation_seen_by(
    tx: Transaction, *, reader: UUID, id: UUID, member_limit: int
) -> Conversation:
    """Returns the conversation as `reader`, who is a member, sees it."""
    conversation = await queries.conversation_by_id(
        tx, reader=reader, id=id, member_limit=member_limit
    )
    assert conversation is not None, "the reader is a member"
    return conversation


async def list_conversations(tx: Transaction, *, reader: UserId, filter: ConversationFilter) -> str:
    """Returns a page of Conversation as JSON, last active first. Raises InvalidCursor."""
    scope = f"conversations:{reader}:{filter.unread}:{filter.muted}"
    active_before, id_below = END_OF_TIME, LAST_ID
    if filter.cursor is not None:
        active_before, id_below = decode_cursor(scope, filter.cursor, datetime, UUID)
    rows = await queries.list_conversations(
        tx,
        reader=reader,
        below=(active_before, id_below),
        limit=filter.limit + 1,
        member_limit=MEMBERS_IN_LISTS,
        unread=filter.unread,
        muted=filter.muted,
    )
    return page_json(
        rows, limit=filter.limit, scope=scope, position=lambda row: (row.active_at, row.id)
    )


async def change_conversation(
    tx: Transaction, *, caller: Caller, id: UUID, change: ConversationChange
) -> Conversation:
    """Changes the settings of a group. Raises ConversationNotFound, NotAllowed."""
    membership = await select_conversation_for_update(tx, id=id, caller=caller)
    name = change.name if "name" in change.model_fields_set else membership.name
    history = change.history or membership.history
    previews = membership.link_previews if change.link_previews is None else change.link_previews
    changed = ChangedConversation(id=id, name=name, history=history, link_previews=previews)
    if (name, history, previews) != (
        membership.name,
        membership.history,
        membership.link_previews,
    ):
        members = await queries.change_conversation(tx, changed)
        await record_event(
            tx,
            stream=conversation_stream(id),
            type="conversation.updated",
            data={"conversation": changed.model_dump(mode="json")},
            audience=members,
            now=clock.now(),
        )
    return await conversation_seen_by(tx, reader=caller.id, id=id, member_limit=MEMBERS_AT_MOST)


async def start_conversation(
    tx: Transaction, *, creator: UserId, draft: ConversationDraft
) -> StartedConversation:
    """Starts a group, or a direct conversation unless it exists. Raises
    UnknownMembers, InvalidMembers, Blocked, NotReachable, NonceConflict.
    """
    users = await _invitees(tx, creator=creator, draft=draft)
    request = draft.model_dump(mode="json", exclude={"nonce"})
    request_hash = nonces.request_hash("start_conversation", request)
    if any(user.is_blocked or not user.is_reachable for user in users):
        return await _started_before(
            tx, users, creator=creator, draft=draft, request_hash=request_hash
        )
    conversation = _new_conversation(draft, creator=creator, users=users, now=clock.now())
    members = [user.id for user in users]
    try:
        rows = await queries.insert_conversation(
            tx,
            conversation=conversation,
            members=members,
            nonce=draft.nonce,
            request_hash=request_hash,
        )
    except AlreadyExists:
        return await _replay_start(tx, creator=creator, draft=draft, request_hash=request_hash)
    if not rows:
        existing = await _existing_direct(tx, creator=creator, members=members)
        assert existing is not None, "nothing deletes a direct conversation"
        return existing
    for row in rows:
        announce(tx, _joined_event(row, conversation=conversation), audience=[row.user_id])
    return StartedConversation(conversation, existed=False)


async def _invitees(
    tx: Transaction, *, creator: UserId, draft: ConversationDraft
) -> list[InviteeRow]:
    """Returns the members of the new conversation, ordered by id. Raises UnknownMembers,
    InvalidMembers.
    """
    to_group = draft.kind is not ConversationKind.DIRECT
    users = await queries.invitees(
        tx, usernames=draft.members, caller_id=creator, to_group=to_group
    )
    found = {name for user in users for name in user.names or ()}
    missing = {name.lower() for name in draft.members} - found
    if missing:
        raise UnknownMembers(f"These users do not exist: {', '.join(sorted(missing))}")
    if draft.kind is ConversationKind.DIRECT and (len(users) > 2 or not draft.members):
        raise InvalidMembers("A direct conversation has exactly one other member, or the caller")
    if len(users) > MEMBERS_AT_MOST:
        raise InvalidMembers(f"A group has at most {MEMBERS_AT_MOST} members")
    return sorted(users, key=lambda user: user.id)


async def _started_before(
    tx: Transaction,
    users: Iterable[InviteeRow],
    *,
    creator: UserId,
    draft: ConversationDraft,
    request_hash: bytes,
) -> StartedConversation:
    """Returns a conversation that was started when it could be. Raises Blocked, NotReachable,
    NonceConflict.
    """
    if draft.kind is ConversationKind.DIRECT:
        members = [user.id for user in users]
        existing = await _existing_direct(tx, creator=creator, members=members)
        if existing is not None:
            return existing
    elif draft.nonce and await nonces.first_result(tx, user_id=creator, nonce=draft.nonce):
        return await _replay_start(tx, creator=creator, draft=draft, request_hash=request_hash)
    raise Blocked if any(user.is_blocked for user in users) else NotReachable


async def _existing_direct(
    tx: Transaction, *, creator: UserId, members: Sequence[UUID]
) -> StartedConversation | None:
    id = await queries.find_direct_conversation(tx, members=members)
    if id is None:
        return None
    conversation = await conversation_seen_by(
        tx, reader=creator, id=id, member_limit=MEMBERS_AT_MOST
    )
    return StartedConversation(conversation, existed=True)


async def _replay_start(
    tx: Transaction, *, creator: UserId, draft: ConversationDraft, request_hash: bytes
) -> StartedConversation:
    """Returns what the first request with this nonce started. Raises NonceConflict."""
    assert draft.nonce is not None, "only a nonce can exist already"
    first = await nonces.first_result(tx, user_id=creator, nonce=draft.nonce)
    assert first is not None, "the transaction that used the nonce has committed"
    payload = nonces.replay(first, request_hash=request_hash)["conversation"]
    return StartedConversation(Conversation.model_validate(payload), existed=True)


def _new_conversation(
    draft: ConversationDraft, *, creator: UserId, users: Sequence[InviteeRow], now: datetime
) -> Conversation:
    """The conversation as its creator sees it."""
    is_group = draft.kind is ConversationKind.GROUP
    creator_role = ConversationRole.OWNER if is_group else ConversationRole.MEMBER
    members = [
        ConversationMember(
            id=user.id,
            username=user.username,
            display_name=user.display_name,
            avatar=user.avatar,
            role=creator_role if user.id == creator else ConversationRole.MEMBER,
        )
        for user in users[:MEMBERS_IN_LISTS]
    ]
    return Conversation(
        id=ids.uuid7(now),
        kind=draft.kind,
        name=draft.name,
        history=draft.history,
        created_by=creator,
        created_at=now,
        active_at=now,
        member_count=len(users),
        members=members,
        last_message=None,
        head=0,
        role=creator_role,
        last_read_seq=0,
        unread_count=0,
    )


def _joined_event(row: JoinedRow, *, conversation: Conversation) -> Event:
    """The event that the statement has logged: its `role` is that of the member it goes to."""
    if row.user_id != conversation.created_by:
        conversation = conversation.model_copy(update={"role": ConversationRole.MEMBER})
    payload = {"conversation": conversation.model_dump(mode="json")}
    stream, now = user_stream(row.user_id), conversation.created_at
    return Event(stream, row.seq, "conversation.joined", payload, now)
