"""Queries of what operators do with accounts."""

from datetime import datetime
from uuid import UUID

from cgraph.accounts.auth.sessions.models import EndedSessions
from cgraph.accounts.one_time_tokens.tokens import OneTimeToken
from cgraph.accounts.operations.models import AccountAuditEntry, AccountState, FaultRow
from cgraph.core.database import Transaction
from cgraph.core.encoding import encode_json


async def lock_account(tx: Transaction, *, login: str) -> AccountState | None:
    await tx.execute(
        "SELECT FROM users WHERE id = user_of_login(%(login)s) FOR UPDATE", {"login": login}
    )
    return await account_by_login(tx, login=login)


async def account_by_login(tx: Transaction, *, login: str) -> AccountState | None:
    return await tx.fetch_one(
        AccountState,
        """
        SELECT id, username, email, email_verified_at IS NOT NULL AS email_verified,
               approved_at IS NOT NULL AS approved, totp_active AS totp, created_at,
               (SELECT count(*) FROM sessions s
                WHERE s.user_id = users.id AND ended_at IS NULL AND expires_at > now()) AS sessions
        FROM users WHERE id = user_of_login(%(login)s)
        """,
        {"login": login},
    )


async def waiting_accounts(tx: Transaction, *, limit: int) -> list[AccountState]:
    """The oldest first."""
    return await tx.fetch(
        AccountState,
        """
        SELECT id, username, email, email_verified_at IS NOT NULL AS email_verified,
               false AS approved, totp_active AS totp, created_at, 0 AS sessions
        FROM users WHERE approved_at IS NULL ORDER BY created_at, id LIMIT %(limit)s
        """,
        {"limit": limit},
    )


async def approve(tx: Transaction, *, id: UUID, now: datetime) -> None:
    await tx.execute(
        "UPDATE users SET approved_at = coalesce(approved_at, %(now)s) WHERE id = %(id)s",
        {"id": id, "now": now},
    )


async def set_email(tx: Transaction, *, id: UUID, email: str, now: datetime) -> None:
    """Also ends the links and codes that were sent for the account. Raises AlreadyExists
    (`users_email_key`).
    """
    await tx.execute(
        "UPDATE users SET email = %(email)s, email_verified_at = %(now)s WHERE id = %(id)s",
        {"id": id, "email": email, "now": now},
    )
    await tx.execute("DELETE FROM one_time_tokens WHERE user_id = %(id)s", {"id": id})


async def issue_reset(
    tx: Transaction, *, id: UUID, token: OneTimeToken, locked_hash: str, now: datetime
) -> EndedSessions | None:
    """The password is that of nobody until the token was used."""
    await tx.execute(
        "UPDATE users SET password_hash = %(locked_hash)s WHERE id = %(id)s",
        {"id": id, "locked_hash": locked_hash},
    )
    await tx.execute(
        """
        INSERT INTO one_time_tokens (id, user_id, purpose, hash, email, created_at, expires_at)
        SELECT %(token_id)s, id, %(purpose)s, %(hash)s, email, %(now)s, %(expires_at)s
        FROM users WHERE id = %(id)s
        """,
        {"id": id, **token.values},
    )
    return await end_sessions(tx, id=id, now=now)


async def end_sessions(tx: Transaction, *, id: UUID, now: datetime) -> EndedSessions | None:
    return await tx.fetch_one(
        EndedSessions, "SELECT * FROM end_sessions(%(id)s, NULL, %(now)s)", {"id": id, "now": now}
    )


async def remove_credentials(tx: Transaction, *, id: UUID) -> None:
    await tx.execute("SELECT remove_credentials(%(id)s, '-infinity')", {"id": id})


async def insert_invitation(
    tx: Transaction, *, id: UUID, hash: bytes, note: str, now: datetime, expires_at: datetime
) -> None:
    await tx.execute(
        """
        INSERT INTO invitations (id, hash, note, created_at, expires_at)
        VALUES (%(id)s, %(hash)s, %(note)s, %(now)s, %(expires_at)s)
        """,
        {"id": id, "hash": hash, "note": note, "now": now, "expires_at": expires_at},
    )


async def log_profile(tx: Transaction, *, id: UUID, now: datetime) -> None:
    """Logs `user.updated`, which the user's devices get when they sync."""
    await tx.execute("SELECT log_profile(%(id)s, %(now)s)", {"id": id, "now": now})


async def record(
    tx: Transaction, *, actor: str, action: str, user_id: UUID | None, reason: str, now: datetime
) -> None:
    """Appends an entry to the audit log."""
    await tx.execute(
        """
        SELECT append_account_audit_entry(%(actor)s, %(action)s, %(user_id)s, %(detail)s::jsonb,
                                          %(now)s)
        """,
        {
            "actor": actor,
            "action": action,
            "user_id": user_id,
            "detail": encode_json({"reason": reason}),
            "now": now,
        },
    )


async def entries(tx: Transaction, *, limit: int) -> list[AccountAuditEntry]:
    return await tx.fetch(
        AccountAuditEntry,
        """
        SELECT number, actor, action, user_id, detail, created_at FROM account_audit_log
        ORDER BY number DESC LIMIT %(limit)s
        """,
        {"limit": limit},
    )


async def first_fault(tx: Transaction) -> int | None:
    row = await tx.fetch_one(FaultRow, "SELECT account_audit_fault() AS number", {})
    assert row is not None, "the statement always returns one row"
    return row.number
