"""Second factors in Postgres: columns of the person's row, and a row for each backup code."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from cgraph.accounts.auth.second_factor.models import Owner, Secret
from cgraph.accounts.people.models import ChangedProfile
from cgraph.core.database import Transaction


async def set_pending(tx: Transaction, *, user_id: UUID, secret: bytes) -> Owner | None:
    """Takes the place of one that waits; None where one is active."""
    return await tx.fetch_one(
        Owner,
        """
        UPDATE users SET totp_secret = %(secret)s, totp_step = 0
        WHERE id = %(user_id)s AND NOT totp_active
        RETURNING username
        """,
        {"user_id": user_id, "secret": secret},
    )


async def secret_of(tx: Transaction, *, user_id: UUID) -> Secret | None:
    return await tx.fetch_one(
        Secret,
        """
        SELECT totp_secret AS value, totp_active AS active
        FROM users
        WHERE id = %(user_id)s AND totp_secret IS NOT NULL
        """,
        {"user_id": user_id},
    )


async def activate(
    tx: Transaction,
    *,
    user_id: UUID,
    secret: bytes,
    step: int,
    backup_hashes: Sequence[bytes],
    now: datetime,
) -> ChangedProfile | None:
    """The step's code is spent with it. None where the secret is not the one that waits any
    more.
    """
    return await tx.fetch_one(
        ChangedProfile,
        """
        WITH changed AS (
            UPDATE users SET totp_active = true, totp_step = %(step)s
            WHERE id = %(user_id)s AND totp_secret = %(secret)s AND NOT totp_active
            RETURNING users.*, users AS account
        ), codes AS (
            INSERT INTO backup_codes (user_id, hash)
            SELECT id, unnest(%(backup_hashes)s::bytea[]) FROM changed
        )
        SELECT id, username, email, display_name, bio, created_at, totp_active AS totp,
               append_profile_event(account, %(now)s) AS seq
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


async def spend_step(tx: Transaction, *, user_id: UUID, secret: bytes, step: int) -> bool:
    """False where the code of this step, or of a later one, was taken before: of two requests at
    once the row's lock lets one through.
    """
    spent = await tx.execute(
        """
        UPDATE users SET totp_step = %(step)s
        WHERE id = %(user_id)s AND totp_active AND totp_secret = %(secret)s
          AND totp_step < %(step)s
        """,
        {"user_id": user_id, "secret": secret, "step": step},
    )
    return spent > 0


async def spend_backup_code(tx: Transaction, *, user_id: UUID, hash: bytes) -> bool:
    """False where there is none such, or not any more."""
    spent = await tx.execute(
        "DELETE FROM backup_codes WHERE user_id = %(user_id)s AND hash = %(hash)s",
        {"user_id": user_id, "hash": hash},
    )
    return spent > 0


async def remove(tx: Transaction, *, user_id: UUID, now: datetime) -> ChangedProfile | None:
    """With its backup codes. None where none is active."""
    return await tx.fetch_one(
        ChangedProfile,
        """
        WITH changed AS (
            UPDATE users SET totp_secret = NULL, totp_active = false, totp_step = 0
            WHERE id = %(user_id)s AND totp_active
            RETURNING users.*, users AS account
        ), codes AS (
            DELETE FROM backup_codes USING changed WHERE backup_codes.user_id = changed.id
        )
        SELECT id, username, email, display_name, bio, created_at, totp_active AS totp,
               append_profile_event(account, %(now)s) AS seq
        FROM changed
        """,
        {"user_id": user_id, "now": now},
    )
