"""The earlier versions of edited messages."""

from uuid import UUID

from cgraph.chat.messages.actions import access_message
from cgraph.chat.messages.models import VERSIONS_AT_MOST
from cgraph.chat.messages.versions import queries
from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.core.pagination import decode_cursor, page_json


async def list_message_versions(
    tx: Transaction, *, caller: Caller, id: UUID, cursor: str | None, limit: int
) -> str:
    """Returns a page of MessageVersion as JSON, the last one first; empty for a deleted message,
    whose versions are deleted with it. Raises MessageNotFound, NotAllowed, InvalidCursor.
    """
    await access_message(tx, id=id, caller=caller)
    scope = f"message_versions:{id}"
    (below,) = (VERSIONS_AT_MOST,) if cursor is None else decode_cursor(scope, cursor, int)
    rows = await queries.list_message_versions(tx, id=id, below=below, limit=limit + 1)
    return page_json(rows, limit=limit, scope=scope, position=lambda row: (row.version,))
