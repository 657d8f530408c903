"""Queries of mutes."""

from datetime import datetime
from uuid import UUID

from cgraph.chat.conversations.mutes.models import MuteStateRow
from cgraph.core.database import Transaction
from cgraph.core.encoding import encode_json
from cgraph.core.policies import Policy


async def set_mute(
    tx: Transaction,
    *,
    conversation_id: UUID,
    user_id: UUID,
    until: str | None,
    policy: Policy,
    payload: dict[str, object],
    now: datetime,
) -> MuteStateRow | None:
    """Mutes or unmutes the conversation for the user, and logs `conversation.muted` if anything
    changes. Returns None if the user is not a member.

    `until`: a timestamp of Postgres, `infinity` included; None for not muted.
    """
    return await tx.fetch_one(
        MuteStateRow,
        """
        WITH mine AS (
            SELECT role FROM conversation_members
            WHERE conversation_id = %(conversation_id)s AND user_id = %(user_id)s
        ), moved AS (
            UPDATE conversation_members SET muted_until = %(until)s::timestamptz
            WHERE conversation_id = %(conversation_id)s AND user_id = %(user_id)s
              AND role = ANY(%(roles)s)
              AND muted_until IS DISTINCT FROM %(until)s::timestamptz
            RETURNING user_id
        ), stream_head AS (
            UPDATE streams SET head = head + 1 FROM moved WHERE id = moved.user_id
            RETURNING id, head
        ), event AS (
            INSERT INTO events (stream_id, seq, type, payload, created_at)
            SELECT id, head, 'conversation.muted', %(payload)s::jsonb, %(now)s FROM stream_head
        )
        SELECT mine.role, stream_head.head AS seq FROM mine LEFT JOIN stream_head ON true
        """,
        {
            "conversation_id": conversation_id,
            "user_id": user_id,
            "until": until,
            "roles": sorted(policy.roles),
            "payload": encode_json(payload),
            "now": now,
        },
    )
