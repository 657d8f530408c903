"""The messages of a conversation, by their numbers: its history, and the replies to a message."""

from uuid import UUID

from cgraph.chat.access import access_conversation
from cgraph.chat.messages.actions import access_message
from cgraph.chat.messages.history import queries
from cgraph.chat.messages.models import ListMessagesQuery, Message, MessageRow
from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.core.errors import InvalidCursor
from cgraph.core.pagination import decode_cursor, page_json


async def list_messages(
    tx: Transaction, *, caller: Caller, conversation_id: UUID, query: ListMessagesQuery
) -> str:
    """Returns a page of Message as JSON: newest first, or with `after` oldest first. A cursor goes
    on in the direction of the page that it belongs to. Raises ConversationNotFound, InvalidCursor.
    """
    await access_conversation(tx, id=conversation_id, caller=caller)
    scope = f"history:{conversation_id}"
    before, after = query.before, query.after
    if query.cursor is not None:
        before, after = _bounds(scope, query.cursor)
    elif query.around is not None:
        return await _page_around(tx, caller=caller, conversation_id=conversation_id, query=query)
    rows = await queries.list_messages(
        tx,
        reader=caller.id,
        conversation_id=conversation_id,
        before=before,
        after=after,
        limit=query.limit + 1,
    )
    direction = "before" if after is None else "after"
    return page_json(
        rows, limit=query.limit, scope=scope, position=lambda row: (direction, row.seq)
    )


async def messages_before(
    tx: Transaction, *, caller: Caller, conversation_id: UUID, before: int, limit: int
) -> list[Message]:
    """Returns the last messages with a `seq` below `before`, newest first. Raises
    ConversationNotFound.
    """
    await access_conversation(tx, id=conversation_id, caller=caller)
    rows = await queries.list_messages(
        tx,
        reader=caller.id,
        conversation_id=conversation_id,
        before=before,
        after=None,
        limit=limit,
    )
    return [Message.model_validate_json(row.json) for row in rows]


async def list_replies(
    tx: Transaction, *, caller: Caller, id: UUID, cursor: str | None, limit: int
) -> str:
    """Returns a page of Message as JSON, oldest first. Raises MessageNotFound, InvalidCursor."""
    await access_message(tx, id=id, caller=caller)
    scope = f"replies:{id}"
    (after,) = (0,) if cursor is None else decode_cursor(scope, cursor, int)
    rows = await queries.list_replies(tx, reader=caller.id, id=id, after=after, limit=limit + 1)
    return page_json(rows, limit=limit, scope=scope, position=lambda row: (row.seq,))


async def _page_around(
    tx: Transaction, *, caller: Caller, conversation_id: UUID, query: ListMessagesQuery
) -> str:
    """Half of the page is newer than `around`. Where there are fewer newer messages, the page has
    more older ones.
    """
    assert query.around is not None, "or it is another page"
    rows: list[MessageRow] = await queries.messages_around(
        tx,
        reader=caller.id,
        conversation_id=conversation_id,
        around=query.around,
        newer=query.limit // 2,
        older=query.limit + 1,
    )
    scope = f"history:{conversation_id}"
    return page_json(
        rows[: query.limit + 1],
        limit=query.limit,
        scope=scope,
        position=lambda row: ("before", row.seq),
    )


def _bounds(scope: str, cursor: str) -> tuple[int | None, int | None]:
    """(`before`, `after`), one of which is None. Raises InvalidCursor."""
    direction, seq = decode_cursor(scope, cursor, str, int)
    if direction not in ("before", "after"):
        raise InvalidCursor
    return (seq, None) if direction == "before" else (None, seq)
