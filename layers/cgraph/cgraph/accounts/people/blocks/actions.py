"""Whom a person has blocked: no direct messages between the two, no mentions, no invitations."""

from datetime import datetime
from uuid import UUID

from cgraph.accounts.errors import InvalidBlock, UserNotFound
from cgraph.accounts.people.blocks import queries
from cgraph.accounts.people.blocks.models import BlockChanged, BlockRow
from cgraph.accounts.people.models import User
from cgraph.core import clock
from cgraph.core.database import Transaction
from cgraph.core.ids import UserId
from cgraph.core.pagination import Page, decode_position, encode_position
from cgraph.events.models import Event
from cgraph.events.streams import user_stream
from cgraph.realtime.announcements import announce


async def block_user(tx: Transaction, *, blocker: UserId, user_id: UUID) -> None:
    """Raises UserNotFound, InvalidBlock."""
    if user_id == blocker:
        raise InvalidBlock
    data, now = _data(user_id), clock.now()
    row = await queries.insert_block(tx, user_id=blocker, blocked_id=user_id, data=data, now=now)
    _announce(tx, row, type="block.added", blocker=blocker, data=data, now=now)


async def unblock_user(tx: Transaction, *, blocker: UserId, user_id: UUID) -> None:
    """Raises UserNotFound."""
    data, now = _data(user_id), clock.now()
    row = await queries.delete_block(tx, user_id=blocker, blocked_id=user_id, data=data, now=now)
    _announce(tx, row, type="block.removed", blocker=blocker, data=data, now=now)


async def list_blocks(
    tx: Transaction, *, blocker: UserId, cursor: str | None, limit: int
) -> Page[User]:
    """Raises InvalidCursor."""
    scope = f"blocks:{blocker}"
    below = queries.NEWEST if cursor is None else decode_position(scope, cursor)
    found = await queries.blocked_users(tx, user_id=blocker, below=below, limit=limit + 1)
    last = found[limit - 1] if len(found) > limit else None
    return Page(
        items=[User.model_validate(user, from_attributes=True) for user in found[:limit]],
        next=encode_position(scope, (last.blocked_at, last.id)) if last else None,
    )


def _data(user_id: UUID) -> dict[str, object]:
    return BlockChanged(user_id=user_id).model_dump(mode="json")


def _announce(
    tx: Transaction,
    row: BlockRow,
    *,
    type: str,
    blocker: UserId,
    data: dict[str, object],
    now: datetime,
) -> None:
    if not row.is_known:
        raise UserNotFound
    if row.seq is not None:
        event = Event(user_stream(blocker), row.seq, type, data, now)
        announce(tx, event, audience=[blocker])
