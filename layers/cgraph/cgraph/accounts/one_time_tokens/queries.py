"""Queries of one-time tokens of all purposes."""

from datetime import datetime

from cgraph.accounts.one_time_tokens.models import TokenRow
from cgraph.accounts.one_time_tokens.tokens import hash_token
from cgraph.core.database import Transaction


async def delete_expired(tx: Transaction, *, now: datetime, limit: int) -> int:
    """Returns how many there were."""
    return await tx.execute(
        """
        DELETE FROM one_time_tokens WHERE id IN (
            SELECT id FROM one_time_tokens WHERE expires_at <= %(now)s
            ORDER BY expires_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
        )
        """,
        {"now": now, "limit": limit},
    )


async def token_by_text(tx: Transaction, *, text: str, now: datetime) -> TokenRow | None:
    return await tx.fetch_one(
        TokenRow,
        """
        SELECT t.user_id, t.purpose, u.username, t.email
        FROM one_time_tokens t JOIN users u ON u.id = t.user_id
        WHERE t.hash = %(hash)s AND t.expires_at > %(now)s
        """,
        {"hash": hash_token(text), "now": now},
    )
