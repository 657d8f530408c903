"""People in Postgres."""

from datetime import datetime
from uuid import UUID

from cgraph.accounts.people.models import ChangedProfile, Me, ProfileChange, User
from cgraph.core.database import Transaction


async def me(tx: Transaction, *, id: UUID) -> Me | None:
    return await tx.fetch_one(
        Me,
        """
        SELECT id, username, email, display_name, bio, created_at, totp_active AS totp,
               coalesce(karma, 0) AS karma
        FROM users LEFT JOIN user_karma ON user_id = id
        WHERE id = %(id)s
        """,
        {"id": id},
    )


async def user_by_username(tx: Transaction, *, username: str) -> User | None:
    return await tx.fetch_one(
        User,
        """
        SELECT id, username, display_name, bio, created_at, coalesce(karma, 0) AS karma
        FROM users LEFT JOIN user_karma ON user_id = id
        WHERE lower(username) = lower(%(username)s)
        """,
        {"username": username},
    )


async def change_profile(
    tx: Transaction, *, id: UUID, change: ProfileChange, now: datetime
) -> ChangedProfile | None:
    """The new profile, and the event on the person's own stream, which their devices follow."""
    return await tx.fetch_one(
        ChangedProfile,
        """
        WITH changed AS (
            UPDATE users
            SET display_name = coalesce(%(display_name)s, display_name),
                bio = coalesce(%(bio)s, bio)
            WHERE id = %(id)s
            RETURNING users.*, users AS account
        )
        SELECT id, username, email, display_name, bio, created_at, totp_active AS totp,
               append_profile_event(account, %(now)s) AS seq
        FROM changed
        """,
        {"id": id, "display_name": change.display_name, "bio": change.bio, "now": now},
    )
