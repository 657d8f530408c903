"""The session that an access token belongs to, as Postgres knows it."""

from dataclasses import dataclass

from cgraph.core.database import Transaction
from cgraph.core.tokens import Token


@dataclass(frozen=True, slots=True)
class StoredSession:
    """`live`: the session has neither ended nor expired. `fresh`: its access token has not expired.
    `current`: the token in question is its access token.
    """

    live: bool
    fresh: bool
    current: bool


async def session_of(tx: Transaction, *, token: Token) -> StoredSession | None:
    """The session that an access token names, even if the token is no longer its current one."""
    return await tx.fetch_one(
        StoredSession,
        """
        SELECT ended_at IS NULL AND expires_at > now() AS live,
               access_expires_at > now() AS fresh, access_hash = %(hash)s AS current
        FROM sessions
        WHERE id = %(session_id)s AND user_id = %(user_id)s
        """,
        {"session_id": token.session_id, "user_id": token.user_id, "hash": token.hash},
    )
