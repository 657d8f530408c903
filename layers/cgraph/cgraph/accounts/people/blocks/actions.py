"""Blocks between users.

Two users of whom one has blocked the other do not reach each other, whichever of them has blocked:
- in their direct conversation both may read, and delete their own messages; nothing else changes;
- neither mentions the other, or adds the other to a group;
- neither gets typing, presence or read receipts of the other, in groups and forums too.
What members of a group write there, all its members get.
"""

from datetime import datetime
from uuid import UUID

from cgraph.accounts.errors import InvalidBlock, UserNotFound
from cgraph.accounts.people.blocks import queries
from cgraph.accounts.people.blocks.models import BlockChanged, BlockRow
from cgraph.core import clock
from cgraph.core.database import Transaction
from cgraph.core.ids import UserId
from cgraph.core.pagination import END_OF_TIME, LAST_ID, decode_cursor, page_json
from cgraph.events.models import Event
from cgraph.events.streams import user_stream
from cgraph.media.public_urls import fill_public
from cgraph.realtime.announcements import announce
from cgraph.realtime.block_changes import BlockChange, apply_block_changes


async def block_user(tx: Transaction, *, blocker: UserId, user_id: UUID) -> None:
    """Raises UserNotFound, InvalidBlock."""
    if user_id == blocker:
        raise InvalidBlock
    payload, now = _event_payload(user_id), clock.now()
    row = await queries.insert_block(
        tx, user_id=blocker, blocked_id=user_id, payload=payload, now=now
    )
    _announce_change(tx, row, type="block.added", blocker=blocker, blocked=user_id, now=now)


async def unblock_user(tx: Transaction, *, blocker: UserId, user_id: UUID) -> None:
    """Raises UserNotFound."""
    payload, now = _event_payload(user_id), clock.now()
    row = await queries.delete_block(
        tx, user_id=blocker, blocked_id=user_id, payload=payload, now=now
    )
    _announce_change(tx, row, type="block.removed", blocker=blocker, blocked=user_id, now=now)


async def list_blocks(tx: Transaction, *, blocker: UserId, cursor: str | None, limit: int) -> str:
    """Returns a page of User as JSON, last blocked first. Raises InvalidCursor."""
    scope = f"blocks:{blocker}"
    blocked_before, id_below = (
        (END_OF_TIME, LAST_ID) if cursor is None else decode_cursor(scope, cursor, datetime, UUID)
    )
    rows = await queries.list_blocks(
        tx, user_id=blocker, below=(blocked_before, id_below), limit=limit + 1
    )
    return fill_public(
        page_json(rows, limit=limit, scope=scope, position=lambda row: (row.blocked_at, row.id))
    )


def _event_payload(user_id: UUID) -> dict[str, object]:
    return BlockChanged(user_id=user_id).model_dump(mode="json")


def _announce_change(
    tx: Transaction,
    row: BlockRow,
    *,
    type: str,
    blocker: UserId,
    blocked: UUID,
    now: datetime,
) -> None:
    """Announces the event, if anything changed. Raises UserNotFound."""
    if not row.is_known:
        raise UserNotFound
    if row.seq is not None:
        event = Event(user_stream(blocker), row.seq, type, _event_payload(blocked), now)
        announce(tx, event, audience=[blocker])
        tx.on_commit(apply_block_changes, BlockChange(blocker, blocked))
