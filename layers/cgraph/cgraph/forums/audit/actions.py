"""The audit log of a forum: what moderators did. It is append-only, and hashes show any change."""

from datetime import datetime
from typing import Any
from uuid import UUID

from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.core.pagination import decode_cursor, page_json
from cgraph.forums.access import access_forum
from cgraph.forums.audit import queries
from cgraph.forums.audit.models import EntityRef

ABOVE_ALL_NUMBERS = 2**62


async def record(
    tx: Transaction,
    *,
    forum_id: UUID,
    actor: UUID | None,
    action: str,
    target: EntityRef | None,
    detail: dict[str, Any] | None = None,
    now: datetime,
) -> None:
    """Appends an entry in the transaction of the action, under the lock of the forum's stream.

    `actor`: None for a filter. `action`: verb and noun, `remove_post`. `detail`: JSON-ready.
    """
    await queries.append_entry(
        tx,
        forum_id=forum_id,
        actor=actor,
        action=action,
        target=target,
        detail=detail or {},
        now=now,
    )


async def list_audit(
    tx: Transaction, *, caller: Caller, slug: str, cursor: str | None, limit: int
) -> str:
    """A page of AuditEntry, as JSON. Raises ForumNotFound, NotAllowed, InvalidCursor."""
    forum = await access_forum(tx, slug=slug, caller=caller)
    scope = f"audit:{forum.id}"
    (below,) = (ABOVE_ALL_NUMBERS,) if cursor is None else decode_cursor(scope, cursor, int)
    rows = await queries.list_entries(tx, forum_id=forum.id, below=below, limit=limit + 1)
    return page_json(rows, limit=limit, scope=scope, position=lambda row: (row.number,))
