"""Queries of accounts, and of the sessions that begin with one."""

from datetime import datetime
from uuid import UUID

from cgraph.accounts.auth.models import AccountRow, PasswordRow, Registration
from cgraph.accounts.auth.sessions.models import EndedSessions
from cgraph.accounts.auth.sessions.tokens import Tokens, session_values
from cgraph.accounts.people.models import MeRow
from cgraph.core.database import Transaction


async def insert_account(
    tx: Transaction,
    *,
    id: UUID,
    registration: Registration,
    password_hash: str,
    now: datetime,
    tokens: Tokens,
    device: str,
    invitation: bytes | None,
    approved: bool,
) -> MeRow | None:
    """Inserts the account, its stream and its first session. `invitation`: its hash; with one, the
    account is approved. Returns None where the invitation is
    not valid, which is used up otherwise. Raises AlreadyExists (`users_username_key`).
    """
    return await tx.fetch_one(
        MeRow,
        """
        WITH invitation AS (
            UPDATE invitations SET used_by = %(id)s, used_at = %(now)s
            WHERE hash = %(invitation)s AND used_at IS NULL AND expires_at > %(now)s
            RETURNING id
        ), account AS (
            INSERT INTO users (id, username, email, password_hash, display_name, created_at,
                               approved_at)
            SELECT %(id)s, %(username)s, %(email)s, %(password_hash)s, %(username)s, %(now)s,
                   CASE WHEN %(approved)s OR %(invitation)s::bytea IS NOT NULL
                        THEN %(now)s::timestamptz END
            WHERE %(invitation)s::bytea IS NULL OR EXISTS (SELECT FROM invitation)
            RETURNING id, users AS created
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
        SELECT me_json(created) AS me FROM account
        """,
        {
            "id": id,
            "username": registration.username,
            "email": registration.email,
            "password_hash": password_hash,
            "invitation": invitation,
            "approved": approved,
            **session_values(now=now, tokens=tokens, device=device),
        },
    )


async def account_by_login(tx: Transaction, *, login: str) -> AccountRow | None:
    return await tx.fetch_one(
        AccountRow,
        """
        SELECT id, me_json(users) AS me, totp_active AS totp, password_hash,
               EXISTS (SELECT FROM passkeys k WHERE k.user_id = users.id AND k.second_factor)
                   AS passkey
        FROM users
        WHERE id = user_of_login(%(login)s)
        """,
        {"login": login},
    )


async def insert_session(
    tx: Transaction,
    *,
    user_id: UUID,
    verified_hash: str | None,
    now: datetime,
    tokens: Tokens,
    device: str,
) -> bool:
    """Returns False if the password has changed since it was verified (see `change_password`).
    `verified_hash`: None where it was no password that was verified.
    """
    inserted = await tx.execute(
        """
        WITH session AS (
            INSERT INTO sessions (id, user_id, device, created_at, last_used_at, expires_at,
                                  access_hash, access_expires_at)
            SELECT %(session_id)s, id, %(device)s, %(now)s, %(now)s,
                   %(now)s + %(session_life)s, %(access)s, %(now)s + %(access_life)s
            FROM users
            WHERE id = %(user_id)s
              AND password_hash = coalesce(%(verified_hash)s, password_hash)
            FOR SHARE
            RETURNING id
        )
        INSERT INTO refresh_tokens (hash, session_id, created_at)
        SELECT %(refresh)s, id, %(now)s FROM session
        """,
        {
            "user_id": user_id,
            "verified_hash": verified_hash,
            **session_values(now=now, tokens=tokens, device=device),
        },
    )
    return inserted > 0


async def password_of(tx: Transaction, *, user_id: UUID) -> PasswordRow | None:
    return await tx.fetch_one(
        PasswordRow,
        """
        SELECT password_hash, username, email,
               EXISTS (SELECT FROM passkeys k WHERE k.user_id = users.id AND k.second_factor)
                   AS passkey
        FROM users
        WHERE id = %(user_id)s
        """,
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
