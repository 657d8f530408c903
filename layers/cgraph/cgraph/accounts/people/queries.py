"""Queries of users and their profiles."""

from datetime import datetime
from uuid import UUID

from cgraph.accounts.people.models import ChangedProfileRow, ProfileChange, ProfileRow, User
from cgraph.core.database import Transaction


async def profile_of(tx: Transaction, *, id: UUID) -> ProfileRow | None:
    return await tx.fetch_one(
        ProfileRow,
        """
        SELECT json_build_object(
                'id', id, 'username', username, 'display_name', display_name, 'bio', bio,
                'avatar', avatar, 'created_at', rfc3339(created_at), 'karma', coalesce(karma, 0),
                'email', email, 'email_verified', email_verified_at IS NOT NULL,
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
        SELECT id, username, display_name, bio, avatar, created_at, coalesce(karma, 0) AS karma
        FROM users LEFT JOIN user_karma ON user_id = id
        WHERE lower(username) = lower(%(username)s)
        """,
        {"username": username},
    )


async def user_by_id(tx: Transaction, *, id: UUID) -> User | None:
    return await tx.fetch_one(
        User,
        """
        SELECT id, username, display_name, bio, avatar, created_at, coalesce(karma, 0) AS karma
        FROM users LEFT JOIN user_karma ON user_id = id
        WHERE id = %(id)s
        """,
        {"id": id},
    )


async def change_profile(
    tx: Transaction, *, id: UUID, change: ProfileChange, now: datetime
) -> ChangedProfileRow:
    """Also logs `user.updated` in the user's stream."""
    row = await tx.fetch_one(
        ChangedProfileRow,
        """
        WITH taken AS (
            SELECT * FROM take_picture(%(id)s, %(avatar)s, 'avatar')
        ), changed AS (
            UPDATE users
            SET display_name = coalesce(%(display_name)s, display_name),
                bio = coalesce(%(bio)s, bio),
                avatar = CASE WHEN %(changes_avatar)s THEN taken.picture ELSE avatar END
            FROM taken
            WHERE id = %(id)s AND taken.refusal IS NULL
            RETURNING users.*, users AS account
        )
        SELECT taken.refusal, CASE WHEN changed.id IS NOT NULL THEN json_build_object(
                'id', id, 'username', username, 'email', email,
                'email_verified', email_verified_at IS NOT NULL, 'display_name', display_name,
                'bio', bio, 'avatar', avatar, 'created_at', created_at, 'totp', totp_active,
                'seq', append_profile_event(account, %(now)s)
            ) END AS profile
        FROM taken LEFT JOIN changed ON true
        """,
        {
            "id": id,
            "display_name": change.display_name,
            "bio": change.bio,
            "avatar": change.avatar,
            "changes_avatar": "avatar" in change.model_fields_set,
            "now": now,
        },
    )
    assert row is not None, "the statement returns one row"
    return row
