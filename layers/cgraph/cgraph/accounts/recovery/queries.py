"""Queries of accounts whose password is lost."""

from datetime import datetime

from cgraph.accounts.one_time_tokens.tokens import OneTimeToken, hash_token
from cgraph.accounts.recovery.models import ResetPasswordRow, ResetRow
from cgraph.core.database import Transaction


async def issue_reset(tx: Transaction, *, login: str, token: OneTimeToken) -> ResetRow | None:
    """Returns None for a login of no account, for which a token is stored too, so that the two
    requests take as long. Its user is nobody.
    """
    return await tx.fetch_one(
        ResetRow,
        """
        WITH account AS (
            SELECT u.id, u.username, u.email, u.display_name AS name
            FROM (SELECT user_of_login(%(login)s) AS id) named LEFT JOIN users u USING (id)
        ), issued AS (
            INSERT INTO one_time_tokens (id, user_id, purpose, hash, email, created_at, expires_at)
            SELECT %(token_id)s, id, %(purpose)s, %(hash)s, coalesce(email, ''), %(now)s,
                   %(expires_at)s
            FROM account
        )
        SELECT username, email, name, is_suppressed(email) AS suppressed
        FROM account WHERE id IS NOT NULL
        """,
        {"login": login, **token.values},
    )


async def reset_password(
    tx: Transaction, *, text: str, new_hash: str, now: datetime
) -> ResetPasswordRow | None:
    """Returns None where the token is not good any more."""
    return await tx.fetch_one(
        ResetPasswordRow,
        "SELECT * FROM reset_password(%(hash)s, %(new_hash)s, %(now)s)",
        {"hash": hash_token(text), "new_hash": new_hash, "now": now},
    )
