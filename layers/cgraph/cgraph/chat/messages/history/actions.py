"""The messages of a conversation, by their numbers: its history, and the replies to a message."""

import json
from uuid import UUID

from cgraph.chat.errors import ConversationNotFound
from cgraph.chat.messages.actions import access_message
from cgraph.chat.messages.history import queries
from cgraph.chat.messages.history.queries import MessagePageRow
from cgraph.chat.messages.models import ListMessagesQuery, Message
from cgraph.core import policies
from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.core.errors import InvalidCursor
from cgraph.core.pagination import Page, decode_cursor, encode_cursor, page_json
from cgraph.core.policies import AccessContext
from cgraph.media.urls import fill


async def list_messages(
    tx: Transaction, *, caller: Caller, conversation_id: UUID, query: ListMessagesQuery
) -> str:
    """Returns a page of Message as JSON: newest first, or with `after` oldest first. A cursor goes
    on in the direction of the page that it belongs to. Raises ConversationNotFound, InvalidCursor.
    """
    scope = f"history:{conversation_id}"
    before, after, around = query.before, query.after, query.around
    if query.cursor is not None:
        before, after = _bounds(scope, query.cursor)
    elif around is not None:
        after = None
    page = await queries.list_messages(
        tx,
        reader=caller.id,
        conversation_id=conversation_id,
        before=before,
        after=after,
        around=None if query.cursor else around,
        limit=query.limit,
    )
    _require(page, caller=caller)
    direction = "before" if after is None else "after"
    following = None
    if page.next_seq is not None:
        following = encode_cursor(scope, direction, page.next_seq)
    return fill(_page_json(page, following=following))


async def messages_before(
    tx: Transaction, *, caller: Caller, conversation_id: UUID, before: int, limit: int
) -> list[Message]:
    """Returns the last messages with a `seq` below `before`, newest first. Raises
    ConversationNotFound.
    """
    page = await queries.list_messages(
        tx,
        reader=caller.id,
        conversation_id=conversation_id,
        before=before,
        after=None,
        around=None,
        limit=limit,
    )
    _require(page, caller=caller)
    return Page[Message].model_validate_json(_page_json(page, following=None)).items


async def list_replies(
    tx: Transaction, *, caller: Caller, id: UUID, cursor: str | None, limit: int
) -> str:
    """Returns a page of Message as JSON, oldest first. Raises MessageNotFound, InvalidCursor."""
    message = (await access_message(tx, id=id, caller=caller)).message
    scope = f"replies:{id}"
    after, at_most = message.seq, min(limit + 1, message.reply_count)
    if cursor is not None:
        (after,), at_most = decode_cursor(scope, cursor, int), limit + 1
    rows = await queries.list_replies(
        tx,
        reader=caller.id,
        id=id,
        conversation_id=message.conversation_id,
        after=after,
        limit=at_most,
    )
    return fill(page_json(rows, limit=limit, scope=scope, position=lambda row: (row.seq,)))


def _require(page: MessagePageRow, *, caller: Caller) -> None:
    """Raises ConversationNotFound, NotAllowed."""
    context = AccessContext(page.role, is_direct=bool(page.is_direct)) if page.role else None
    policies.require(caller.policy, context, not_found=ConversationNotFound)


def _page_json(page: MessagePageRow, *, following: str | None) -> str:
    return f'{{"items":[{page.items or ""}],"next":{json.dumps(following)}}}'


def _bounds(scope: str, cursor: str) -> tuple[int | None, int | None]:
    """(`before`, `after`), one of which is None. Raises InvalidCursor."""
    direction, seq = decode_cursor(scope, cursor, str, int)
    if direction not in ("before", "after"):
        raise InvalidCursor
    return (seq, None) if direction == "before" else (None, seq)
