"""Queries of blocks between users."""

from datetime import datetime
from uuid import UUID

from cgraph.accounts.people.blocks.models import BlockedUserRow, BlockRow
from cgraph.core.database import Transaction
from cgraph.core.encoding import encode_json


async def insert_block(
    tx: Transaction, *, user_id: UUID, blocked_id: UUID, payload: dict[str, object], now: datetime
) -> BlockRow:
    """Inserts the block and its event, unless the block exists."""
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
            SELECT id, head, 'block.added', %(payload)s::jsonb, %(now)s FROM stream_head
        )
        SELECT EXISTS (SELECT FROM known) AS is_known, (SELECT head FROM stream_head) AS seq
        """,
        {"user_id": user_id, "blocked_id": blocked_id, "payload": encode_json(payload), "now": now},
    )
    assert row is not None, "the statement always returns one row"
    return row


async def delete_block(
    tx: Transaction, *, user_id: UUID, blocked_id: UUID, payload: dict[str, object], now: datetime
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
            SELECT id, head, 'block.removed', %(payload)s::jsonb, %(now)s FROM stream_head
        )
        SELECT EXISTS (SELECT FROM users WHERE id = %(blocked_id)s) AS is_known,
               (SELECT head FROM stream_head) AS seq
        """,
        {"user_id": user_id, "blocked_id": blocked_id, "payload": encode_json(payload), "now": now},
    )
    assert row is not None, "the statement always returns one row"
    return row


async def list_blocks(
    tx: Transaction, *, user_id: UUID, below: tuple[datetime, UUID], limit: int
) -> list[BlockedUserRow]:
    """Returns the users that `user_id` has blocked, last blocked first, from below (time of the
    block, id of the blocked user).
    """
    blocked_before, id_below = below
    return await tx.fetch(
        BlockedUserRow,
        """
        SELECT b.created_at AS blocked_at, u.id, json_build_object(
                'id', u.id, 'username', u.username, 'display_name', u.display_name,
                'bio', u.bio, 'avatar', u.avatar, 'status', status_json(u.status),
                'created_at', rfc3339(u.created_at)
            )::text AS json
        FROM blocks b JOIN users u ON u.id = b.blocked_id
        WHERE b.user_id = %(user_id)s
          AND (b.created_at, b.blocked_id) < (%(blocked_before)s, %(id_below)s)
        ORDER BY b.created_at DESC, b.blocked_id DESC
        LIMIT %(limit)s
        """,
        {
            "user_id": user_id,
            "blocked_before": blocked_before,
            "id_below": id_below,
            "limit": limit,
        },
    )
