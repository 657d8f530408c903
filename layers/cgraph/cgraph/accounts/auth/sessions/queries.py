"""Queries of sessions: how they go on and end."""

from datetime import datetime
from uuid import UUID

from cgraph.accounts.auth.sessions.models import (
    ConfirmationRow,
    EndedSessions,
    RotationRow,
    SessionRow,
    TokenUseRow,
)
from cgraph.accounts.auth.sessions.tokens import REFRESH_GRACE, Tokens, session_values
from cgraph.core.database import Transaction
from cgraph.core.tokens import Token


async def rotate_refresh_token(
    tx: Transaction, *, token: Token, now: datetime, successors: Tokens, sealed: bytes
) -> RotationRow | None:
    """Uses the refresh token unless it was used before: of several requests at once, the row's lock
    lets one through. Returns None if the token is unknown.
    """
    return await tx.fetch_one(
        RotationRow,
        """
        WITH token AS (
            SELECT r.hash, r.used_at, r.sealed, s.id AS session_id, s.access_hash,
                   s.previous_access_hash,
                   least(s.access_expires_at, %(now)s + %(grace)s) AS previous_access_until,
                   s.ended_at IS NULL AND s.expires_at > %(now)s AS live
            FROM refresh_tokens r JOIN sessions s ON s.id = r.session_id
            WHERE r.hash = %(hash)s
        ), spent AS (
            UPDATE refresh_tokens r SET used_at = %(now)s, sealed = %(sealed)s
            FROM token
            WHERE r.hash = token.hash AND token.live AND r.used_at IS NULL
            RETURNING r.session_id
        ), session AS (
            UPDATE sessions
            SET previous_access_hash = token.access_hash,
                previous_access_until = token.previous_access_until,
                access_hash = %(access)s, access_expires_at = %(now)s + %(access_life)s,
                last_used_at = %(now)s, expires_at = %(now)s + %(session_life)s
            FROM spent JOIN token USING (session_id)
            WHERE sessions.id = spent.session_id
        ), successor AS (
            INSERT INTO refresh_tokens (hash, session_id, created_at)
            SELECT %(refresh)s, session_id, %(now)s FROM spent
        )
        SELECT EXISTS (SELECT FROM spent) AS rotated, live, used_at, sealed,
               access_hash AS old_access_hash, previous_access_hash AS ended_access_hash,
               (extract(epoch FROM previous_access_until - %(now)s) * 1000)::bigint AS grace_ms
        FROM token
        """,
        {
            "hash": token.hash,
            "sealed": sealed,
            "grace": REFRESH_GRACE,
            **session_values(now=now, tokens=successors, device=""),
        },
    )


async def was_refresh_token_used(tx: Transaction, *, token: Token) -> bool:
    row = await tx.fetch_one(
        TokenUseRow,
        "SELECT used_at IS NOT NULL AS used FROM refresh_tokens WHERE hash = %(hash)s",
        {"hash": token.hash},
    )
    return row is None or row.used


async def list_sessions(
    tx: Transaction, *, user_id: UUID, current: UUID, below: UUID, limit: int, now: datetime
) -> list[SessionRow]:
    """Returns the live sessions whose id is below `below`, newest first: an id begins with its
    time. `current`: the session to mark as current.
    """
    return await tx.fetch(
        SessionRow,
        """
        SELECT id, json_build_object(
                'id', id, 'device', device, 'created_at', rfc3339(created_at),
                'last_used_at', rfc3339(last_used_at), 'current', id = %(current)s
            )::text AS json
        FROM sessions
        WHERE user_id = %(user_id)s AND ended_at IS NULL AND expires_at > %(now)s
          AND id < %(below)s
        ORDER BY id DESC
        LIMIT %(limit)s
        """,
        {"user_id": user_id, "current": current, "below": below, "limit": limit, "now": now},
    )


async def end_session(
    tx: Transaction, *, user_id: UUID, session_id: UUID, now: datetime
) -> EndedSessions | None:
    """Returns None if the user has no such session, or it has ended or expired already."""
    return await tx.fetch_one(
        EndedSessions,
        """
        UPDATE sessions SET ended_at = %(now)s
        WHERE id = %(session_id)s AND user_id = %(user_id)s
          AND ended_at IS NULL AND expires_at > %(now)s
        RETURNING ARRAY[id] AS session_ids,
                  array_remove(ARRAY[access_hash, previous_access_hash], NULL) AS access_hashes
        """,
        {"user_id": user_id, "session_id": session_id, "now": now},
    )


async def end_sessions(
    tx: Transaction, *, user_id: UUID, kept: UUID | None, now: datetime
) -> EndedSessions | None:
    """Ends all sessions of the user but `kept`."""
    return await tx.fetch_one(
        EndedSessions,
        "SELECT * FROM end_sessions(%(user_id)s, %(kept)s, %(now)s)",
        {"user_id": user_id, "kept": kept, "now": now},
    )


async def confirmation_of(
    tx: Transaction, *, user_id: UUID, session_id: UUID
) -> ConfirmationRow | None:
    return await tx.fetch_one(
        ConfirmationRow,
        """
        SELECT greatest(created_at, confirmed_at) AS confirmed_at
        FROM sessions
        WHERE id = %(id)s AND user_id = %(user_id)s AND ended_at IS NULL
        """,
        {"id": session_id, "user_id": user_id},
    )


async def mark_confirmed(
    tx: Transaction, *, user_id: UUID, session_id: UUID, now: datetime
) -> None:
    await tx.execute(
        "UPDATE sessions SET confirmed_at = %(now)s WHERE id = %(id)s AND user_id = %(user_id)s",
        {"now": now, "id": session_id, "user_id": user_id},
    )
