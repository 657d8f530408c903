"""Queries of addresses: how they are verified, changed and brought back."""

from datetime import datetime
from uuid import UUID

from cgraph.accounts.addresses.models import (
    ChangeRow,
    Restoration,
    UsedTokenRow,
)
from cgraph.accounts.one_time_tokens.tokens import CODE_TRIES, OneTimeToken, hash_token
from cgraph.core.database import Transaction


async def issue_change(
    tx: Transaction, *, user_id: UUID, email: str, token: OneTimeToken
) -> ChangeRow | None:
    """The token replaces the one of the last mail. Returns None where the account has verified this
    address.
    """
    return await tx.fetch_one(
        ChangeRow,
        """
        WITH account AS (
            SELECT id, username, email AS old_email, display_name AS name,
                   email_verified_at IS NOT NULL AS was_verified
            FROM users
            WHERE id = %(user_id)s
              AND (email_verified_at IS NULL OR lower(email) <> lower(%(email)s))
        ), replaced AS (
            DELETE FROM one_time_tokens USING account
            WHERE user_id = account.id AND purpose IN ('verify_email', 'change_email')
        ), issued AS (
            INSERT INTO one_time_tokens
                (id, user_id, purpose, hash, code_hash, email, created_at, expires_at)
            SELECT %(token_id)s, id, %(purpose)s, %(hash)s, %(code_hash)s, %(email)s, %(now)s,
                   %(expires_at)s
            FROM account
        )
        SELECT username, %(email)s AS email, name, known_as(%(email)s, id) AS known,
               is_suppressed(%(email)s) AS suppressed, old_email, was_verified
        FROM account
        """,
        {"user_id": user_id, "email": email, **token.values},
    )


async def verify_email(
    tx: Transaction, *, user_id: UUID, code: str, restoration: Restoration, now: datetime
) -> UsedTokenRow | None:
    """Returns None where the code is wrong, or may not be tried any more."""
    return await tx.fetch_one(
        UsedTokenRow,
        """
        SELECT * FROM verify_email(%(user_id)s, %(code)s, %(most_tries)s, %(restore_id)s,
                                   %(restore_hash)s, %(restore_until)s, %(now)s)
        """,
        {
            "user_id": user_id,
            "code": code,
            "most_tries": CODE_TRIES,
            "restore_id": restoration.id,
            "restore_hash": restoration.hash,
            "restore_until": restoration.until,
            "now": now,
        },
    )


async def confirm_email(
    tx: Transaction, *, text: str, restoration: Restoration, now: datetime
) -> UsedTokenRow | None:
    """Returns None where the token is not good for an address any more."""
    return await tx.fetch_one(
        UsedTokenRow,
        """
        SELECT * FROM confirm_email(%(hash)s, %(restore_id)s, %(restore_hash)s, %(restore_until)s,
                                    %(locked_hash)s, %(now)s)
        """,
        {
            "hash": hash_token(text),
            "restore_id": restoration.id,
            "restore_hash": restoration.hash,
            "restore_until": restoration.until,
            "locked_hash": restoration.locked_hash,
            "now": now,
        },
    )
