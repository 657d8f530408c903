"""Queries of accounts and sessions."""

from datetime import datetime, timedelta
from uuid import UUID

from cgraph.accounts.auth.models import (
    AccountRow,
    EndedSessions,
    PasswordRow,
    Registration,
    RotationRow,
    SessionRow,
    TokenUseRow,
)
from cgraph.accounts.people.models import Me
from cgraph.core.database import Transaction
from cgraph.core.tokens import Token

ACCESS_TOKEN_LIFETIME = timedelta(hours=1)
SESSION_LIFETIME = timedelta(days=60)
REFRESH_GRACE = timedelta(seconds=30)
"""How long a client whose reply was lost may repeat a refresh; it gets the same pair. As long lives
the access token that the refresh has replaced.
"""


async def insert_account(
    tx: Transaction,
    *,
    id: UUID,
    registration: Registration,
    password_hash: str,
    now: datetime,
    tokens: tuple[Token, Token],
    device: str,
) -> Me | None:
    """Inserts the account, its stream and its first session. Raises AlreadyExists
    (`users_email_key`, `users_username_key`).
    """
    return await tx.fetch_one(
        Me,
        """
        WITH account AS (
            INSERT INTO users (id, username, email, password_hash, display_name, created_at)
            VALUES (%(id)s, %(username)s, %(email)s, %(password_hash)s, %(username)s, %(now)s)
            RETURNING id, username, email, display_name, bio, created_at, totp_active AS totp
        ), stream AS (
            INSERT INTO streams (id, kind) SELECT id, 'user' FROM account
        ), session AS (
            INSERT INTO sessions (id, user_id, device, created_at, last_used_at, expires_at,
                                  access_hash, access_expires_at)
            SELECT %(session_id)s, id, %(device)s, %(now)s, %(now)s, %(now)s + %(session_life)s,
                   %(access)s, %(now)s + %(access_life)s
            FROM account
            RETURNING id
        ), refresh AS (
            INSERT INTO refresh_tokens (hash, session_id, created_at)
            SELECT %(refresh)s, id, %(now)s FROM session
        )
        SELECT * FROM account
        """,
        {
            "id": id,
            "username": registration.username,
            "email": registration.email,
            "password_hash": password_hash,
            **_session_values(now=now, tokens=tokens, device=device),
        },
    )


async def account_by_login(tx: Transaction, *, login: str) -> AccountRow | None:
    return await tx.fetch_one(
        AccountRow,
        """
        SELECT id, username, email, display_name, bio, created_at, totp_active AS totp,
               password_hash
        FROM users
        WHERE lower(username) = lower(%(login)s) OR lower(email) = lower(%(login)s)
        LIMIT 1
        """,
        {"login": login},
    )


async def insert_session(
    tx: Transaction,
    *,
    user_id: UUID,
    verified_hash: str,
    now: datetime,
    tokens: tuple[Token, Token],
    device: str,
) -> bool:
    """Returns False if the password has changed since it was verified (see `change_password`)."""
    inserted = await tx.execute(
        """
        WITH session AS (
            INSERT INTO sessions (id, user_id, device, created_at, last_used_at, expires_at,
                                  access_hash, access_expires_at)
            SELECT %(session_id)s, id, %(device)s, %(now)s, %(now)s,
                   %(now)s + %(session_life)s, %(access)s, %(now)s + %(access_life)s
            FROM users
            WHERE id = %(user_id)s AND password_hash = %(verified_hash)s
            FOR SHARE
            RETURNING id
        )
        INSERT INTO refresh_tokens (hash, session_id, created_at)
        SELECT %(refresh)s, id, %(now)s FROM session
        """,
        {
            "user_id": user_id,
            "verified_hash": verified_hash,
            **_session_values(now=now, tokens=tokens, device=device),
        },
    )
    return inserted > 0


async def rotate_refresh_token(
    tx: Transaction, *, token: Token, now: datetime, successors: tuple[Token, Token], sealed: bytes
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
            **_session_values(now=now, tokens=successors, device=""),
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


async def password_of(tx: Transaction, *, user_id: UUID) -> PasswordRow | None:
    return await tx.fetch_one(
        PasswordRow,
        "SELECT password_hash, username, email FROM users WHERE id = %(user_id)s",
        {"user_id": user_id},
    )


async def change_password(
    tx: Transaction,
    *,
    user_id: UUID,
    verified_hash: str,
    new_hash: str,
    kept: UUID,
    now: datetime,
) -> EndedSessions | None:
    """Changes the password and ends all sessions but `kept`. Returns None if the password has
    changed since it was verified.
    """
    return await tx.fetch_one(
        EndedSessions,
        """
        SELECT *
        FROM change_password(%(user_id)s, %(verified_hash)s, %(new_hash)s, %(kept)s, %(now)s)
        """,
        {
            "user_id": user_id,
            "verified_hash": verified_hash,
            "new_hash": new_hash,
            "kept": kept,
            "now": now,
        },
    )


def _session_values(
    *, now: datetime, tokens: tuple[Token, Token], device: str
) -> dict[str, object]:
    access, refresh = tokens
    return {
        "now": now,
        "session_id": access.session_id,
        "access": access.hash,
        "refresh": refresh.hash,
        "access_life": ACCESS_TOKEN_LIFETIME,
        "session_life": SESSION_LIFETIME,
        "device": device,
    }
