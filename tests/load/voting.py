"""Measures votes in Postgres: all for one post, and for many posts. Without the Lambda functions,
which would take most of the time.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

import psycopg

from tests.load.crowd import create_users
from tests.load.figures import Quantiles, quantiles
from tests.system import LocalSystem

CLIENTS = 32
AUTHORS = 20
POSTS = 200
VOTERS = 2000
ROLES = ["owner", "moderator", "member", "visitor"]


@dataclass(frozen=True, slots=True)
class VoteRate:
    """`votes_per_second`: of all clients together. `ms`: the time of one vote."""

    votes_per_second: float
    ms: Quantiles


@dataclass(frozen=True, slots=True)
class Voting:
    """`alone`: with one client only. `wrong`: the number of posts with a wrong score."""

    clients: int
    alone: VoteRate
    one_post: VoteRate
    many_posts: VoteRate
    wrong: int


async def measure_votes(system: LocalSystem, *, seconds: float) -> Voting:
    posts = _posts(system, authors=[author.id for author in create_users(system, AUTHORS)])
    voters = [uuid4() for _ in range(VOTERS)]
    alone = await _vote(system, posts[:1], voters, clients=1, seconds=seconds)
    one = await _vote(system, posts[:1], voters, clients=CLIENTS, seconds=seconds)
    many = await _vote(system, posts[1:], voters, clients=CLIENTS, seconds=seconds)
    wrong = system.count("""
        SELECT count(*)
        FROM forums f JOIN posts p ON p.forum_id = f.id JOIN post_counts c ON c.post_id = p.id
        WHERE f.slug LIKE 'votes-%'
          AND c.score <> (SELECT coalesce(sum(value), 0) FROM votes v WHERE v.target_id = c.post_id)
    """)
    return Voting(CLIENTS, alone, one, many, wrong)


def _posts(system: LocalSystem, *, authors: Sequence[str]) -> list[UUID]:
    """Every author has the same number of posts, because all votes for an author update the same
    row of karma.
    """
    forum = uuid4()
    system.query(f"""
        WITH stream AS (INSERT INTO streams (id, kind) VALUES ('{forum}', 'forum'))
        INSERT INTO forums
            (id, slug, name, visibility, posting, created_by, created_at, active_at)
        VALUES ('{forum}', 'votes-{forum.hex[:8]}', 'Votes', 'public', 'everyone', '{authors[0]}',
                now(), now())
    """)
    rows = system.query(f"""
        SELECT id, write_post(id, '{forum}', author, 'text', 'Post', '', '', NULL, '{{}}', NULL,
                              NULL, NULL, NULL, now())
        FROM (SELECT gen_random_uuid() AS id, unnest('{{{",".join(authors)}}}'::uuid[]) AS author
              FROM generate_series(1, {POSTS // len(authors)})) AS new
    """)
    return [id for id, *_ in rows]


async def _vote(
    system: LocalSystem,
    posts: Sequence[UUID],
    voters: Sequence[UUID],
    *,
    clients: int,
    seconds: float,
) -> VoteRate:
    took: list[float] = []
    begun = time.perf_counter()

    async def client(chance: random.Random) -> None:
        async with await psycopg.AsyncConnection.connect(
            system.endpoints.conninfo, autocommit=True, prepare_threshold=None
        ) as connection:
            while (started := time.perf_counter()) < begun + seconds:
                await connection.execute(
                    "SELECT * FROM set_vote(%s, false, %s, %s, %s, now())",
                    (
                        chance.choice(posts),
                        chance.choice(voters),
                        chance.choice((1, 1, -1, 0)),
                        ROLES,
                    ),
                )
                await connection.execute("SELECT wait_until_durable()")
                took.append((time.perf_counter() - started) * 1000)

    await asyncio.gather(*(client(random.Random(n)) for n in range(clients)))
    return VoteRate(len(took) / (time.perf_counter() - begun), quantiles(took))
