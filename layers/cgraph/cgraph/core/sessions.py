"""The session that an access token belongs to, or the API token, as Postgres knows it."""

from dataclasses import dataclass

from cgraph.core.database import Transaction
from cgraph.core.tokens import Token


@dataclass(frozen=True, slots=True)
class StoredSession:
    """`live`: the session has neither ended nor expired. `current`: the token in question is its
    access token, or the one before it in its grace period. `usable_ms`: how long that token may
    still be used; not positive if it has expired. `verified`, `approved`: of the user. `scopes`: of
    an API token; None for a session, which may do all that its user may.
    """

    live: bool
    current: bool
    usable_ms: int
    verified: bool
    approved: bool
    scopes: list[str] | None = None


async def session_of(tx: Transaction, *, token: Token) -> StoredSession | None:
    """The session that an access token names, even if the token is no longer its current one."""
    return await tx.fetch_one(
        StoredSession,
        """
        SELECT ended_at IS NULL AND expires_at > now() AS live,
               access_hash = %(hash)s
                   OR (previous_access_hash = %(hash)s AND previous_access_until > now())
                       IS TRUE AS current,
               (extract(epoch FROM CASE access_hash WHEN %(hash)s THEN access_expires_at
                                   ELSE coalesce(previous_access_until, now()) END - now())
                * 1000)::bigint AS usable_ms,
               u.email_verified_at IS NOT NULL AS verified, u.approved_at IS NOT NULL AS approved
        FROM sessions s JOIN users u ON u.id = s.user_id
        WHERE s.id = %(session_id)s AND s.user_id = %(user_id)s
        """,
        {"session_id": token.session_id, "user_id": token.user_id, "hash": token.hash},
    )


async def use_api_token(tx: Transaction, *, token: Token) -> StoredSession | None:
    """The API token as stored, whose use is noted. For `autocommit`."""
    return await tx.fetch_one(
        StoredSession,
        "SELECT * FROM use_api_token(%(id)s, %(user_id)s, %(hash)s)",
        {"id": token.session_id, "user_id": token.user_id, "hash": token.hash},
    )
