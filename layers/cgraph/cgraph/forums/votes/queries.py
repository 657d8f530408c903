"""Votes in Postgres, which counts them in the statement that casts them."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from cgraph.core.database import Transaction
from cgraph.core.policies import Policy
from cgraph.forums.votes.models import (
    CastVoteRow,
    ScoreRow,
    StreamReadersRow,
    UncountedVoteRow,
    VoteValue,
)


async def cast_vote(
    tx: Transaction,
    *,
    target: UUID,
    on_comment: bool,
    voter: UUID,
    policy: Policy,
    value: VoteValue,
    now: datetime,
) -> CastVoteRow:
    """Checks access, casts and counts the vote in one round trip. A vote that changed the score
    commits without waiting for the disk: `flush_wal` waits for it.
    """
    row = await tx.fetch_one(
        CastVoteRow,
        """
        SELECT * FROM set_vote(%(target)s, %(on_comment)s, %(voter)s, %(value)s, %(roles)s,
            %(now)s)
        """,
        {
            "target": target,
            "on_comment": on_comment,
            "voter": voter,
            "value": value,
            "roles": [str(role) for role in policy.roles],
            "now": now,
        },
    )
    assert row is not None, "the function always returns one row"
    return row


async def flush_wal(tx: Transaction) -> None:
    """Waits until what was committed is on disk. A statement of its own, after the commit: the row
    that all voters of a post share is free by then.
    """
    await tx.execute("SELECT wait_until_durable()", {})


async def current_scores(tx: Transaction, *, ids: Collection[UUID]) -> list[ScoreRow]:
    """Of posts and comments."""
    return await tx.fetch(
        ScoreRow,
        """
        SELECT post_id AS id, score FROM post_counts WHERE post_id = ANY (%(ids)s)
        UNION ALL
        SELECT id, score FROM comments WHERE id = ANY (%(ids)s)
        """,
        {"ids": list(ids)},
    )


async def uncounted_votes(tx: Transaction, *, ids: Collection[UUID]) -> list[UncountedVoteRow]:
    """On these posts and comments, the votes that only their voters see."""
    return await tx.fetch(
        UncountedVoteRow,
        """
        SELECT target_id, user_id, value FROM votes
        WHERE target_id = ANY (%(ids)s) AND NOT counted
        """,
        {"ids": list(ids)},
    )


async def stream_readers(
    tx: Transaction, *, stream_id: UUID, user_ids: Collection[UUID]
) -> StreamReadersRow | None:
    """Which of the users may read the stream of a forum or a post; None where there is none."""
    return await tx.fetch_one(
        StreamReadersRow,
        """
        SELECT CASE WHEN f.visibility = 'private' THEN ARRAY (
            SELECT user_id FROM unnest(%(user_ids)s::uuid[]) AS user_id
            WHERE forum_role(f.id, user_id) IS NOT NULL) END AS user_ids
        FROM forums f
        WHERE f.id = coalesce((SELECT forum_id FROM posts WHERE id = %(stream_id)s), %(stream_id)s)
        """,
        {"stream_id": stream_id, "user_ids": list(user_ids)},
    )
