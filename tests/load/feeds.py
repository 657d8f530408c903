"""Measures the lists of posts of a forum with few and of one with very many posts."""

from __future__ import annotations

import time
from dataclasses import dataclass
from uuid import UUID, uuid4

import psycopg

from cgraph.core import ids
from tests.load.crowd import create_users
from tests.load.figures import Quantiles, quantiles
from tests.person import Person
from tests.system import LocalSystem

AUTHORS = 100
WARM_UP = 10
QUERIES = (
    "sort=new",
    "sort=hot",
    "sort=top&time=day",
    "sort=top&time=week",
    "sort=top&time=month",
    "sort=top&time=all",
    "sort=rising",
    "sort=controversial",
)

_FORUM = """
    WITH stream AS (INSERT INTO streams (id, kind) VALUES (%(id)s, 'forum'))
    INSERT INTO forums (id, slug, name, visibility, posting, created_by, created_at, active_at)
    VALUES (%(id)s, %(slug)s, %(slug)s, 'public', 'everyone', %(owner)s, now(), now())
"""

# Posts of the last sixty days; most have few votes, some have many.
_POSTS = """
    WITH born AS (
        SELECT n, now() - n * interval '60 days' / %(posts)s AS at,
               floor(50 * power(random(), 4))::integer AS up,
               floor(20 * power(random(), 6))::integer AS down
        FROM generate_series(1, %(posts)s) AS n
    ), made AS MATERIALIZED (
        SELECT overlay(uuid7_floor(at)::text placing
                       left(md5(n || %(forum)s::text), 12) from 25)::uuid AS id,
               *, now() - at AS age
        FROM born
    ), post AS (
        INSERT INTO posts (id, forum_id, author_id, kind, title, body, body_html, created_at)
        SELECT id, %(forum)s, (%(authors)s::uuid[])[1 + n %% %(people)s], 'text', 'Post ' || n,
               repeat('What it says. ', 15), repeat('What it says. ', 15), at
        FROM made
    ), counts AS (
        INSERT INTO post_counts (post_id, ups, downs, score)
        SELECT id, up, down, up - down FROM made
    )
    INSERT INTO post_ranks (post_id, forum_id, created_at, score, hot, rising, controversial,
                            day, week, month)
    SELECT id, %(forum)s, at, up - down, hot_rank(up - down, at),
           CASE WHEN age < '2 days' THEN rising_rank(up - down, at) END,
           controversial_rank(up, down), age < '1 day', age < '7 days', age < '30 days'
    FROM made
"""


@dataclass(frozen=True, slots=True)
class Forum:
    id: UUID
    slug: str


@dataclass(frozen=True, slots=True)
class FeedTimes:
    """The times of a first page."""

    query: str
    few_ms: Quantiles
    many_ms: Quantiles


@dataclass(frozen=True, slots=True)
class Feeds:
    posts: tuple[int, int]
    fill_seconds: float
    lists: list[FeedTimes]


def new_forum(system: LocalSystem, *, posts: int) -> Forum:
    """Writes a forum with posts to Postgres and updates the statistics of the planner."""
    authors = [UUID(person.id) for person in create_users(system, AUTHORS)]
    forum = Forum(ids.uuid7(), f"bench-{uuid4().hex[:20]}")
    with psycopg.connect(system.endpoints.admin_conninfo, autocommit=True) as connection:
        # Skips the checks of foreign keys, which all rows satisfy.
        connection.execute("SET session_replication_role = replica")
        connection.execute(_FORUM, {"id": forum.id, "slug": forum.slug, "owner": authors[0]})
        connection.execute(
            _POSTS, {"posts": posts, "forum": forum.id, "authors": authors, "people": AUTHORS}
        )
        connection.execute("VACUUM (ANALYZE) posts, post_counts, post_ranks")
    return forum


async def compare(system: LocalSystem, *, posts: tuple[int, int], pages: int) -> Feeds:
    """Requests the two forums alternately, so that other load on the machine affects both alike."""
    (reader,) = create_users(system, 1)
    began = time.perf_counter()
    few, many = (new_forum(system, posts=number) for number in posts)
    took = time.perf_counter() - began
    lists = [await _times(reader, query, few=few, many=many, pages=pages) for query in QUERIES]
    return Feeds(posts, took, lists)


async def _times(reader: Person, query: str, *, few: Forum, many: Forum, pages: int) -> FeedTimes:
    times: dict[Forum, list[float]] = {few: [], many: []}
    for number in range(WARM_UP + pages):
        for forum in (few, many) if number % 2 else (many, few):
            took = await _timed(reader, f"/forums/{forum.slug}/posts?{query}")
            if number >= WARM_UP:
                times[forum].append(took)
    return FeedTimes(query, quantiles(times[few]), quantiles(times[many]))


async def _timed(reader: Person, path: str) -> float:
    """Milliseconds until the response is read."""
    began = time.perf_counter()
    response = await reader.request("GET", path)
    took = (time.perf_counter() - began) * 1000
    assert response.is_success and len(response.json()["items"]) > 0, response.text
    return took
