"""Queries of addresses that are to be verified."""

from uuid import UUID

from cgraph.accounts.one_time_tokens.tokens import OneTimeToken
from cgraph.accounts.verification.models import VerificationRow
from cgraph.core.database import Transaction


async def issue_verification(
    tx: Transaction, *, user_id: UUID, token: OneTimeToken
) -> VerificationRow | None:
    """The token replaces the one of the last mail. Returns None where the address is verified."""
    return await tx.fetch_one(
        VerificationRow,
        """
        WITH account AS (
            SELECT id, username, email, display_name AS name FROM users
            WHERE id = %(user_id)s AND email_verified_at IS NULL
        ), replaced AS (
            DELETE FROM one_time_tokens USING account
            WHERE user_id = account.id AND purpose IN ('verify_email', 'change_email')
        ), issued AS (
            INSERT INTO one_time_tokens
                (id, user_id, purpose, hash, code_hash, email, created_at, expires_at)
            SELECT %(token_id)s, id, %(purpose)s, %(hash)s, %(code_hash)s, email, %(now)s,
                   %(expires_at)s
            FROM account
        )
        SELECT username, email, name, known_as(email, id) AS known,
               is_suppressed(email) AS suppressed
        FROM account
        """,
        {"user_id": user_id, **token.values},
    )
