"""Queries of second factors: columns of the user's row, and one row for each backup code."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from cgraph.accounts.auth.second_factor.models import SecretRow, UsernameRow
from cgraph.accounts.people.models import LoggedProfileRow
from cgraph.core.database import Transaction


async def set_pending_secret(
    tx: Transaction, *, user_id: UUID, secret: bytes
) -> UsernameRow | None:
    """Replaces a secret that waits to be confirmed. Returns None if a secret is active."""
    return await tx.fetch_one(
        UsernameRow,
        """
        UPDATE users SET totp_secret = %(secret)s, totp_step = 0
        WHERE id = %(user_id)s AND NOT totp_active
        RETURNING username
        """,
        {"user_id": user_id, "secret": secret},
    )


async def secret_of(tx: Transaction, *, user_id: UUID) -> SecretRow | None:
    return await tx.fetch_one(
        SecretRow,
        """
        SELECT totp_secret AS value, totp_active AS active
        FROM users
        WHERE id = %(user_id)s AND totp_secret IS NOT NULL
        """,
        {"user_id": user_id},
    )


async def activate_secret(
    tx: Transaction,
    *,
    user_id: UUID,
    secret: bytes,
    step: int,
    backup_hashes: Sequence[bytes],
    now: datetime,
) -> LoggedProfileRow | None:
    """Activates the secret, marks the code of `step` as used and stores the backup codes. Returns
    None if the secret is no longer the one that waits to be confirmed.
    """
    return await tx.fetch_one(
        LoggedProfileRow,
        """
        WITH changed AS (
            UPDATE users SET totp_active = true, totp_step = %(step)s, totp_since = %(now)s
            WHERE id = %(user_id)s AND totp_secret = %(secret)s AND NOT totp_active
            RETURNING users.id, users AS account
        ), codes AS (
            INSERT INTO backup_codes (user_id, hash)
            SELECT id, unnest(%(backup_hashes)s::bytea[]) FROM changed
        )
        SELECT me_json(account) || jsonb_build_object('seq', append_profile_event(account, %(now)s))
                   AS profile
        FROM changed
        """,
        {
            "user_id": user_id,
            "secret": secret,
            "step": step,
            "backup_hashes": list(backup_hashes),
            "now": now,
        },
    )


async def use_time_step(tx: Transaction, *, user_id: UUID, secret: bytes, step: int) -> bool:
    """Returns False if the code of this step, or of a later one, was used before: of two requests
    at once, the row's lock lets one through.
    """
    updated = await tx.execute(
        """
        UPDATE users SET totp_step = %(step)s
        WHERE id = %(user_id)s AND totp_active AND totp_secret = %(secret)s
          AND totp_step < %(step)s
        """,
        {"user_id": user_id, "secret": secret, "step": step},
    )
    return updated > 0


async def use_backup_code(tx: Transaction, *, user_id: UUID, hash: bytes) -> bool:
    """Deletes the code. Returns False if the user has no such code, or has used it."""
    deleted = await tx.execute(
        "DELETE FROM backup_codes WHERE user_id = %(user_id)s AND hash = %(hash)s",
        {"user_id": user_id, "hash": hash},
    )
    return deleted > 0


async def replace_backup_codes(tx: Transaction, *, user_id: UUID, hashes: Sequence[bytes]) -> bool:
    """The row's lock lets requests at once replace them one after another. Returns False if no
    secret is active.
    """
    locked = await tx.execute(
        "SELECT FROM users WHERE id = %(user_id)s AND totp_active FOR NO KEY UPDATE",
        {"user_id": user_id},
    )
    await tx.execute(
        "DELETE FROM backup_codes WHERE user_id = %(user_id)s AND %(locked)s",
        {"user_id": user_id, "locked": locked > 0},
    )
    await tx.execute(
        """
        INSERT INTO backup_codes (user_id, hash)
        SELECT %(user_id)s, unnest(%(hashes)s::bytea[]) WHERE %(locked)s
        """,
        {"user_id": user_id, "hashes": list(hashes), "locked": locked > 0},
    )
    return locked > 0


async def delete_secret(
    tx: Transaction, *, user_id: UUID, now: datetime
) -> LoggedProfileRow | None:
    """Deletes the backup codes too. Returns None if no secret is active."""
    return await tx.fetch_one(
        LoggedProfileRow,
        """
        WITH changed AS (
            UPDATE users
            SET totp_secret = NULL, totp_active = false, totp_step = 0, totp_since = NULL
            WHERE id = %(user_id)s AND totp_active
            RETURNING users.id, users AS account
        ), codes AS (
            DELETE FROM backup_codes USING changed WHERE backup_codes.user_id = changed.id
        )
        SELECT me_json(account) || jsonb_build_object('seq', append_profile_event(account, %(now)s))
                   AS profile
        FROM changed
        """,
        {"user_id": user_id, "now": now},
    )
