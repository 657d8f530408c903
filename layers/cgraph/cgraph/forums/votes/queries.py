"""Votes in Postgres: set_vote() of infra/schema/forums/votes.sql."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from cgraph.core.database import Transaction
from cgraph.core.policies import Policy
from cgraph.forums.votes.models import Cast, Lookers, Score, Value


async def cast_vote(
    tx: Transaction,
    *,
    target: UUID,
    on_comment: bool,
    voter: UUID,
    policy: Policy,
    value: Value,
    now: datetime,
) -> Cast:
    """One round trip. If `score_changed`, a crash before `flush` can lose the vote."""
    cast = await tx.fetch_one(
        Cast,
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
    assert cast is not None, "the function always answers one row"
    return cast


async def flush(tx: Transaction) -> None:
    """What was committed is on the disk: a statement later than it was, so that nobody waits for
    the disk with the row of a post that all vote for.
    """
    await tx.execute("SELECT wait_until_durable()", {})


async def scores_of(tx: Transaction, *, ids: Collection[UUID]) -> list[Score]:
    """Of posts and comments."""
    return await tx.fetch(
        Score,
        """
        SELECT post_id AS id, score FROM post_counts WHERE post_id = ANY (%(ids)s)
        UNION ALL
        SELECT id, score FROM comments WHERE id = ANY (%(ids)s)
        """,
        {"ids": list(ids)},
    )


async def lookers(tx: Transaction, *, stream_id: UUID, people: Collection[UUID]) -> Lookers | None:
    """At a forum or a post; None where there is no such stream."""
    return await tx.fetch_one(
        Lookers,
        """
        SELECT CASE WHEN f.visibility = 'private' THEN ARRAY (
            SELECT person FROM unnest(%(people)s::uuid[]) AS person
            WHERE forum_role(f.id, person) IS NOT NULL) END AS people
        FROM forums f
        WHERE f.id = coalesce((SELECT forum_id FROM posts WHERE id = %(stream_id)s), %(stream_id)s)
        """,
        {"stream_id": stream_id, "people": list(people)},
    )
