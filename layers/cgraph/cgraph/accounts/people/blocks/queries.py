"""Blocks between people in Postgres."""

from datetime import UTC, datetime
from uuid import UUID

from cgraph.accounts.people.blocks.models import BlockedUser, BlockRow
from cgraph.core.database import Transaction
from cgraph.core.encoding import encode_json
from cgraph.core.pagination import Position

NEWEST: Position = (datetime(9999, 1, 1, tzinfo=UTC), UUID(int=2**128 - 1))


async def insert_block(
    tx: Transaction, *, user_id: UUID, blocked_id: UUID, data: dict[str, object], now: datetime
) -> BlockRow:
    """The block and its event, where they are new."""
    row = await tx.fetch_one(
        BlockRow,
        """
        WITH known AS (
            SELECT id FROM users WHERE id = %(blocked_id)s
        ), block AS (
            INSERT INTO blocks (user_id, blocked_id, created_at)
            SELECT %(user_id)s, id, %(now)s FROM known
            ON CONFLICT DO NOTHING
            RETURNING user_id
        ), stream_head AS (
            UPDATE streams SET head = head + 1 FROM block WHERE id = block.user_id
            RETURNING id, head
        ), event AS (
            INSERT INTO events (stream_id, seq, type, payload, created_at)
            SELECT id, head, 'block.added', %(data)s::jsonb, %(now)s FROM stream_head
        )
        SELECT EXISTS (SELECT FROM known) AS is_known, (SELECT head FROM stream_head) AS seq
        """,
        {"user_id": user_id, "blocked_id": blocked_id, "data": encode_json(data), "now": now},
    )
    assert row is not None, "the statement always answers one row"
    return row


async def delete_block(
    tx: Transaction, *, user_id: UUID, blocked_id: UUID, data: dict[str, object], now: datetime
) -> BlockRow:
    row = await tx.fetch_one(
        BlockRow,
        """
        WITH block AS (
            DELETE FROM blocks WHERE user_id = %(user_id)s AND blocked_id = %(blocked_id)s
            RETURNING user_id
        ), stream_head AS (
            UPDATE streams SET head = head + 1 FROM block WHERE id = block.user_id
            RETURNING id, head
        ), event AS (
            INSERT INTO events (stream_id, seq, type, payload, created_at)
            SELECT id, head, 'block.removed', %(data)s::jsonb, %(now)s FROM stream_head
        )
        SELECT EXISTS (SELECT FROM users WHERE id = %(blocked_id)s) AS is_known,
               (SELECT head FROM stream_head) AS seq
        """,
        {"user_id": user_id, "blocked_id": blocked_id, "data": encode_json(data), "now": now},
    )
    assert row is not None, "the statement always answers one row"
    return row


async def blocked_users(
    tx: Transaction, *, user_id: UUID, below: Position, limit: int
) -> list[BlockedUser]:
    """Newest first."""
    return await tx.fetch(
        BlockedUser,
        """
        SELECT u.id, u.username, u.display_name, u.bio, u.created_at, b.created_at AS blocked_at
        FROM blocks b JOIN users u ON u.id = b.blocked_id
        WHERE b.user_id = %(user_id)s AND (b.created_at, b.blocked_id) < (%(at)s, %(id)s)
        ORDER BY b.created_at DESC, b.blocked_id DESC
        LIMIT %(limit)s
        """,
        {"user_id": user_id, "at": below[0], "id": below[1], "limit": limit},
    )
