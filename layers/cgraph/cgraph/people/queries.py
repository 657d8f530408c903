"""People in Postgres."""

from datetime import datetime
from uuid import UUID

from cgraph.database import Transaction
from cgraph.people.models import ChangedProfile, Me, ProfileChange, User


async def me(tx: Transaction, *, id: UUID) -> Me | None:
    return await tx.fetch_one(
        Me,
        "SELECT id, username, email, display_name, bio, created_at FROM users WHERE id = %(id)s",
        {"id": id},
    )


async def user_by_username(tx: Transaction, *, username: str) -> User | None:
    return await tx.fetch_one(
        User,
        """
        SELECT id, username, display_name, bio, created_at FROM users
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
        WITH person AS (
            UPDATE users
            SET display_name = coalesce(%(display_name)s, display_name), bio = coalesce(%(bio)s,
                bio)
            WHERE id = %(id)s
            RETURNING id, username, email, display_name, bio, created_at
        ), place AS (
            UPDATE streams SET head = head + 1 FROM person WHERE streams.id = person.id
            RETURNING head
        ), event AS (
            INSERT INTO events (stream_id, seq, type, payload, created_at)
            SELECT id, head, 'user.updated',
                   jsonb_build_object('user', jsonb_build_object(
                       'id', id, 'username', username, 'email', email, 'display_name', display_name,
                       'bio', bio,
                       'created_at', rfc3339(created_at))),
                   %(now)s
            FROM person, place
        )
        SELECT person.*, head AS seq FROM person, place
        """,
        {"id": id, "display_name": change.display_name, "bio": change.bio, "now": now},
    )
