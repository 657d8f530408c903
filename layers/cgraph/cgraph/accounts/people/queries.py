"""Queries of users and their profiles."""

from datetime import datetime
from uuid import UUID

from cgraph.accounts.people.models import ChangedProfileRow, ProfileChange, ProfileRow, User
from cgraph.accounts.people.rules import FORMER_NAMES_AT_MOST
from cgraph.core.database import Transaction


async def profile_of(tx: Transaction, *, id: UUID) -> ProfileRow | None:
    return await tx.fetch_one(
        ProfileRow,
        """
        SELECT (me_json(users) || jsonb_build_object('karma', coalesce(karma, 0)))::text AS json
        FROM users LEFT JOIN user_karma ON user_id = id
        WHERE id = %(id)s
        """,
        {"id": id},
    )


async def user_by_username(tx: Transaction, *, username: str) -> User | None:
    return await tx.fetch_one(
        User,
        """
        SELECT id, username, display_name, bio, avatar, status_json(status) AS status, created_at,
               coalesce(karma, 0) AS karma
        FROM users LEFT JOIN user_karma k ON k.user_id = id
        WHERE id = (SELECT n.user_id FROM users_named(ARRAY[lower(%(username)s)]) n LIMIT 1)
        """,
        {"username": username},
    )


async def user_by_id(tx: Transaction, *, id: UUID) -> User | None:
    return await tx.fetch_one(
        User,
        """
        SELECT id, username, display_name, bio, avatar, status_json(status) AS status, created_at,
               coalesce(karma, 0) AS karma
        FROM users LEFT JOIN user_karma ON user_id = id
        WHERE id = %(id)s
        """,
        {"id": id},
    )


async def change_profile(
    tx: Transaction, *, id: UUID, change: ProfileChange, now: datetime
) -> ChangedProfileRow:
    """Also logs `user.updated` in the user's stream.

    Raises AlreadyExists (`users_username_key`).
    """
    row = await tx.fetch_one(
        ChangedProfileRow,
        """
        WITH taken AS (
            SELECT coalesce(refusal, rename_refusal(%(id)s, %(username)s, %(names_at_most)s))
                       AS refusal, picture
            FROM take_picture(%(id)s, %(avatar)s, 'avatar')
        ), changed AS (
            UPDATE users
            SET username = coalesce(%(username)s, username),
                display_name = coalesce(%(display_name)s, display_name),
                bio = coalesce(%(bio)s, bio), language = coalesce(%(language)s, language),
                avatar = CASE WHEN %(changes_avatar)s THEN taken.picture ELSE avatar END,
                status = CASE WHEN %(changes_status)s THEN %(status)s::jsonb ELSE status END
            FROM taken
            WHERE id = %(id)s AND taken.refusal IS NULL
            RETURNING users.id, users AS account
        )
        SELECT taken.refusal, CASE WHEN changed.id IS NOT NULL THEN me_json(account)
                   || jsonb_build_object('seq', append_profile_event(account, %(now)s))
               END AS profile
        FROM taken LEFT JOIN changed ON true
        """,
        {
            "id": id,
            "username": change.username,
            "names_at_most": FORMER_NAMES_AT_MOST,
            "display_name": change.display_name,
            "bio": change.bio,
            "language": change.language,
            "avatar": change.avatar,
            "changes_avatar": "avatar" in change.model_fields_set,
            "status": None if change.status is None else change.status.model_dump_json(),
            "changes_status": "status" in change.model_fields_set,
            "now": now,
        },
    )
    assert row is not None, "the statement returns one row"
    return row


async def forget_usernames(tx: Transaction, *, now: datetime) -> int:
    """Deletes the former usernames that nobody keeps any more. Returns their number."""
    return await tx.execute(
        "DELETE FROM former_usernames WHERE kept_until <= %(now)s", {"now": now}
    )
