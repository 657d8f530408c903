"""The list of a conversation's members, in pages."""

from uuid import UUID

from cgraph.chat.access import access_conversation
from cgraph.chat.conversations.member_list import queries
from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.core.pagination import FIRST_ID, decode_cursor, page_json
from cgraph.media.public_urls import fill_public


async def list_members(
    tx: Transaction, *, caller: Caller, conversation_id: UUID, cursor: str | None, limit: int
) -> str:
    """Returns a page of ConversationMember as JSON, in the order of their ids. Raises
    ConversationNotFound, InvalidCursor.
    """
    await access_conversation(tx, id=conversation_id, caller=caller)
    scope = f"members:{conversation_id}"
    (above,) = (FIRST_ID,) if cursor is None else decode_cursor(scope, cursor, UUID)
    rows = await queries.list_members(
        tx, conversation_id=conversation_id, above=above, limit=limit + 1
    )
    return fill_public(
        page_json(rows, limit=limit, scope=scope, position=lambda row: (row.user_id,))
    )
