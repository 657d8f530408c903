"""Queries of users and their profiles."""

from datetime import datetime
from uuid import UUID

from cgraph.accounts.people.models import ProfileChange, ProfileRow, UpdatedProfileRow, User
from cgraph.core.database import Transaction


async def profile_of(tx: Transaction, *, id: UUID) -> ProfileRow | None:
    return await tx.fetch_one(
        ProfileRow,
        """
        SELECT json_build_object(
                'id', id, 'username', username, 'display_name', display_name, 'bio', bio,
                'created_at', rfc3339(created_at), 'karma', coalesce(karma, 0), 'email', email,
                'totp', totp_active
            )::text AS json
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


async def user_by_id(tx: Transaction, *, id: UUID) -> User | None:
    return await tx.fetch_one(
        User,
        """
        SELECT id, username, display_name, bio, created_at, coalesce(karma, 0) AS karma
        FROM users LEFT JOIN user_karma ON user_id = id
        WHERE id = %(id)s
        """,
        {"id": id},
    )


async def change_profile(
    tx: Transaction, *, id: UUID, change: ProfileChange, now: datetime
) -> UpdatedProfileRow | None:
    """Returns the new profile, and logs `user.updated` in the user's stream."""
    return await tx.fetch_one(
        UpdatedProfileRow,
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
