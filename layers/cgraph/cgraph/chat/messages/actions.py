"""Messages: sent once, numbered in their conversation's stream, read by that number; edited and
deleted where they stand.
"""

from datetime import datetime
from uuid import UUID

from cgraph.accounts.errors import Blocked
from cgraph.chat.access import access_conversation
from cgraph.chat.errors import (
    ConversationNotFound,
    MessageDeleted,
    MessageNotFound,
    ReplyTargetNotFound,
)
from cgraph.chat.messages import queries
from cgraph.chat.messages.models import (
    Changed,
    Message,
    MessageAccess,
    MessageDraft,
    MessageEdit,
    Placement,
    Sent,
)
from cgraph.chat.messages.rules import names_in, require_delete_window, require_edit_window
from cgraph.core import clock, ids, policies
from cgraph.core.caller import Caller
from cgraph.core.database import AlreadyExists, Transaction
from cgraph.core.errors import InvalidCursor, StaleVersion
from cgraph.core.ids import UserId
from cgraph.core.pagination import Page, decode_cursor, encode_cursor
from cgraph.core.policies import AccessContext
from cgraph.events import nonces
from cgraph.events.models import Event
from cgraph.events.streams import conversation_stream
from cgraph.realtime.announcements import announce, record_event


async def send_message(tx: Transaction, *, caller: Caller, draft: MessageDraft) -> Sent:
    """Raises ConversationNotFound (also to strangers), Blocked, UnknownReply, NonceConflict."""
    now = clock.now()
    asked = nonces.request_hash("send", draft.model_dump(mode="json", exclude={"nonce"}))
    try:
        placement = await queries.send_message(
            tx,
            id=ids.uuid7(now),
            author=caller.id,
            policy=caller.policy,
            draft=draft,
            names=names_in(draft.content),
            body_hash=asked,
            now=now,
        )
    except AlreadyExists:
        return await _sent_meanwhile(tx, author=caller.id, draft=draft, asked=asked)
    if placement.payload is None:
        return _not_written(placement, caller=caller, asked=asked)
    message = Message.model_validate(placement.payload["message"])
    stream = conversation_stream(message.conversation_id)
    event = Event(stream, message.seq, "message.created", placement.payload, now)
    announce(tx, event, audience=placement.audience or [])
    return Sent(message, replayed=False)


async def access_message(tx: Transaction, *, id: UUID, caller: Caller) -> MessageAccess:
    """Raises MessageNotFound, also to those who are not in its conversation; NotAllowed."""
    found = await queries.message_of(tx, id=id, reader=caller.id)
    policies.require(caller.policy, _standing(found, caller=caller), not_found=MessageNotFound)
    assert found is not None, "or the policy had refused"
    return found


async def select_message_for_update(tx: Transaction, *, id: UUID, caller: Caller) -> MessageAccess:
    """As it is now, and stays until the commit: its stream is locked before it is looked at.
    Raises MessageNotFound, NotAllowed.
    """
    if not await queries.lock_stream_of(tx, id=id, reader=caller.id):
        raise MessageNotFound  # even if they come in just now: nothing has been locked
    return await access_message(tx, id=id, caller=caller)


async def show_message(tx: Transaction, *, caller: Caller, id: UUID) -> Message:
    """Raises MessageNotFound."""
    return (await access_message(tx, id=id, caller=caller)).message


async def edit_message(tx: Transaction, *, caller: Caller, id: UUID, edit: MessageEdit) -> Sent:
    """Raises MessageNotFound, NotAllowed, MessageDeleted, StaleVersion, EditWindowOver, Blocked."""
    found = await select_message_for_update(tx, id=id, caller=caller)
    message, now = found.message, clock.now()
    if message.deleted_at is not None:
        raise MessageDeleted
    if (message.version, message.content) == (edit.version + 1, edit.content):
        return Sent(message, replayed=True)
    if message.version != edit.version:
        raise StaleVersion(f"The message is at version {message.version}")
    require_edit_window(message, now=now)
    if found.is_blocked:
        raise Blocked
    changed = await queries.edit(
        tx, id=id, content=edit.content, names=names_in(edit.content), now=now
    )
    await record_change(tx, changed, type="message.updated", now=now)
    return Sent(as_read(changed, before=message), replayed=False)


async def delete_message(tx: Transaction, *, caller: Caller, id: UUID) -> Message:
    """The tombstone: its place stays, its text goes, out of the log too. Raises MessageNotFound,
    NotAllowed, DeleteWindowOver.
    """
    found = await select_message_for_update(tx, id=id, caller=caller)
    now = clock.now()
    if found.message.deleted_at is not None:
        return found.message
    require_delete_window(found.message, role=found.role, now=now)
    changed = await queries.delete(tx, id=id, now=now)
    await queries.forget_text(tx, id=id)
    await record_change(tx, changed, type="message.deleted", now=now)
    return Message.model_validate(changed.message)


async def record_change(tx: Transaction, changed: Changed, *, type: str, now: datetime) -> None:
    await record_event(
        tx,
        stream=conversation_stream(UUID(changed.message["conversation_id"])),
        type=type,
        data={"message": changed.message},
        audience=changed.audience,
        now=now,
    )


def as_read(changed: Changed, *, before: Message) -> Message:
    """For the person who changed it, whose own reactions no event tells."""
    return Message.model_validate({**changed.message, "my_reactions": before.my_reactions})


async def list_messages(
    tx: Transaction,
    *,
    caller: Caller,
    conversation_id: UUID,
    before: int | None,
    after: int | None,
    cursor: str | None,
    limit: int,
) -> Page[Message]:
    """Raises ConversationNotFound, InvalidCursor. `cursor` goes on in the direction of the page
    that gave it.
    """
    await access_conversation(tx, id=conversation_id, caller=caller)
    scope = f"history:{conversation_id}"
    if cursor is not None:
        before, after = _position(scope, cursor)
    rows = await queries.history(
        tx,
        reader=caller.id,
        conversation_id=conversation_id,
        before=before,
        after=after,
        limit=limit + 1,
    )
    items = [row.message for row in rows[:limit]]
    more = len(rows) > limit
    direction = "before" if after is None else "after"
    return Page(items=items, next=encode_cursor(scope, direction, items[-1].seq) if more else None)


def _position(scope: str, cursor: str) -> tuple[int | None, int | None]:
    direction, seq = decode_cursor(scope, cursor, str, int)
    if direction not in ("before", "after"):
        raise InvalidCursor
    return (int(seq), None) if direction == "before" else (None, int(seq))


def _standing(found: MessageAccess | None, *, caller: Caller) -> AccessContext | None:
    if found is None:
        return None
    is_author = found.message.author_id == caller.id
    return AccessContext(found.role, is_author=is_author, is_direct=found.is_direct)


async def _sent_meanwhile(
    tx: Transaction, *, author: UserId, draft: MessageDraft, asked: bytes
) -> Sent:
    """Another request with this nonce committed while ours waited: its answer is ours."""
    assert draft.nonce is not None, "only a nonce can exist already"
    first = await nonces.first_result(tx, user_id=author, nonce=draft.nonce)
    assert first is not None, "the nonce that refused ours has committed"
    return Sent(
        Message.model_validate(nonces.replay(first, request_hash=asked)["message"]), replayed=True
    )


def _not_written(placement: Placement, *, caller: Caller, asked: bytes) -> Sent:
    if placement.first_hash is not None and placement.first_payload is not None:
        first = nonces.FirstResult(placement.first_hash, placement.first_payload)
        return Sent(
            Message.model_validate(nonces.replay(first, request_hash=asked)["message"]),
            replayed=True,
        )
    context = AccessContext(placement.role) if placement.role else None
    policies.require(caller.policy, context, not_found=ConversationNotFound)
    if placement.refusal == "blocked":
        raise Blocked
    raise ReplyTargetNotFound
