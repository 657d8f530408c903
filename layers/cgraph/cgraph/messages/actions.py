"""Messages: sent once, numbered in their conversation's stream, read by that number."""

from uuid import UUID

from cgraph import ids, nonces, policies
from cgraph.auth.caller import Caller
from cgraph.conversations.actions import access_conversation
from cgraph.cursors import decode_cursor, encode_cursor
from cgraph.database import AlreadyExists, Transaction
from cgraph.errors import ConversationNotFound, InvalidCursor, UnknownReply
from cgraph.fields import Page
from cgraph.ids import UserId
from cgraph.messages import queries
from cgraph.messages.models import Message, MessageDraft, Placement, Sent
from cgraph.policies import Standing
from cgraph.streams import Announcement, Event, Stream, StreamKind


async def send_message(tx: Transaction, *, caller: Caller, draft: MessageDraft) -> Sent:
    """Raises ConversationNotFound (also to strangers), UnknownReply, NonceConflict."""
    author, now = caller.id, ids.now()
    message = Message(
        id=ids.uuid7(now),
        conversation_id=draft.conversation_id,
        seq=0,
        author_id=author,
        content=draft.content,
        reply_to=draft.reply_to,
        created_at=now,
    )
    asked = nonces.body_hash("send", draft.model_dump(mode="json", exclude={"nonce"}))
    try:
        placement = await queries.insert_message(tx, message=message, draft=draft, body_hash=asked)
    except AlreadyExists:
        return await _sent_meanwhile(tx, author=author, draft=draft, asked=asked)
    if placement.seq is None:
        return _not_written(placement, caller=caller, asked=asked)
    message.seq = placement.seq
    stream = Stream(StreamKind.CONVERSATION, draft.conversation_id)
    data = {"message": message.model_dump(mode="json")}
    event = Event(stream, placement.seq, "message.created", data, now)
    tx.announce(Announcement(event, audience=[UserId(person) for person in placement.audience]))
    return Sent(message, replayed=False)


async def read_history(
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
    items = await queries.history(
        tx, conversation_id=conversation_id, before=before, after=after, limit=limit + 1
    )
    more = len(items) > limit
    items = items[:limit]
    direction = "before" if after is None else "after"
    return Page(items=items, next=encode_cursor(scope, direction, items[-1].seq) if more else None)


def _position(scope: str, cursor: str) -> tuple[int | None, int | None]:
    direction, seq = decode_cursor(scope, cursor, str, int)
    if direction not in ("before", "after"):
        raise InvalidCursor
    return (int(seq), None) if direction == "before" else (None, int(seq))


async def _sent_meanwhile(
    tx: Transaction, *, author: UserId, draft: MessageDraft, asked: bytes
) -> Sent:
    """Another request with this nonce committed while ours waited: its answer is ours."""
    assert draft.nonce is not None, "only a nonce can exist already"
    first = await nonces.first_result(tx, user_id=author, nonce=draft.nonce)
    assert first is not None, "the nonce that refused ours has committed"
    return Sent(Message.model_validate(nonces.replay(first, asked=asked)["message"]), replayed=True)


def _not_written(placement: Placement, *, caller: Caller, asked: bytes) -> Sent:
    if placement.body_hash is not None and placement.payload is not None:
        first = nonces.FirstResult(placement.body_hash, placement.payload)
        return Sent(
            Message.model_validate(nonces.replay(first, asked=asked)["message"]), replayed=True
        )
    standing = Standing(placement.role) if placement.role else None
    policies.require(caller.policy, standing, hidden=ConversationNotFound)
    raise UnknownReply
