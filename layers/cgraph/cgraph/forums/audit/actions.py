"""What moderators did, in a log that is only added to and shows when it was changed."""

from datetime import datetime
from typing import Any
from uuid import UUID

from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.core.pagination import decode_cursor, encode_cursor, items_page_json
from cgraph.forums.access import access_forum
from cgraph.forums.audit import queries
from cgraph.forums.audit.models import Subject


async def record(
    tx: Transaction,
    *,
    forum_id: UUID,
    actor: UUID | None,
    action: str,
    target: Subject | None,
    detail: dict[str, Any] | None = None,
    now: datetime,
) -> None:
    """In the transaction that does it, under the lock of the forum's stream. `action`: a verb and a
    noun, `remove_post`; `detail` is JSON-ready.
    """
    await queries.append(
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
    place = await access_forum(tx, slug=slug, caller=caller)
    scope = f"audit:{place.id}"
    below = 2**62 if cursor is None else _number(scope, cursor)
    items = await queries.entries(tx, forum_id=place.id, below=below, limit=limit + 1)
    more = encode_cursor(scope, items[limit - 1].number) if len(items) > limit else None
    return items_page_json([item.shown for item in items[:limit]], next=more)


def _number(scope: str, cursor: str) -> int:
    (number,) = decode_cursor(scope, cursor, int)
    return int(number)
