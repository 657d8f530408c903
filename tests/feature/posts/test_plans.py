"""Each list of posts is one scan of an index, which gives the order too."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import psycopg
import pytest

from tests.feature.posts.board import Board, board
from tests.feature.world import Person, World

POSTS = 4000
HIGHEST, LAST_ID = 2.0**31 - 1, UUID(int=2**128 - 1)
INDICES = {
    "new": "posts_by_forum",
    "tag": "post_tags_pkey",
    "hot": "post_ranks_hot",
    "rising": "post_ranks_rising",
    "controversial": "post_ranks_controversial",
    "top all": "post_ranks_top",
    "top day": "post_ranks_top_day",
    "top week": "post_ranks_top_week",
    "top month": "post_ranks_top_month",
}


@pytest.fixture(scope="module")
async def crowded(world: World) -> Board:
    """Two forums of some thousand posts, a quarter of them of today; the statistics are fresh."""
    ada = await world.new_person("ada")
    places = [await board(ada), await board(ada)]
    for place in places:
        await fill(place, ada)
    await world.sql("ANALYZE posts, post_ranks, post_tags, post_counts, users")
    return places[0]


async def fill(place: Board, author: Person) -> None:
    await place.world.sql(
        """
        WITH born AS (
            SELECT n, now() - power(n / %s::float, 3) * interval '60 days' AS at
            FROM generate_series(1, %s) AS n
        ), post AS (
            INSERT INTO posts (id, forum_id, author_id, kind, title, tags, created_at)
            SELECT overlay(uuid7_floor(at)::text placing
                           left(md5(random()::text || n), 12) from 25)::uuid,
                   %s, %s, 'text', n::text, ARRAY['t' || n %% 5], at
            FROM born RETURNING id, forum_id, created_at, length(title) AS ups
        ), counts AS (
            INSERT INTO post_counts (post_id, ups, downs, score)
            SELECT id, ups, 1, ups - 1 FROM post
        )
        INSERT INTO post_ranks (post_id, forum_id, created_at, score, hot, rising, controversial,
                                day, week, month)
        SELECT id, forum_id, created_at, ups - 1, hot_rank(ups - 1, created_at),
               CASE WHEN age < '2 days' THEN rising_rank(ups - 1, created_at) END,
               controversial_rank(ups, 1), age < '1 day', age < '7 days', age < '30 days'
        FROM post, LATERAL (SELECT now() - created_at AS age) AS its
        """,
        *(POSTS, POSTS, place.forum.id, author.id),
    )


def plans(world: World, place: Board, *, order: str) -> list[Any]:
    """Of all that Postgres runs inside the statement that the function sends."""
    notices: list[str] = []
    with psycopg.connect(world.endpoints.admin_conninfo, autocommit=True) as connection:
        connection.add_notice_handler(lambda notice: notices.append(notice.message_primary or ""))
        for setting in (
            "LOAD 'auto_explain'",
            "SET auto_explain.log_min_duration = 0",
            "SET auto_explain.log_nested_statements = on",
            "SET auto_explain.log_format = json",
            "SET auto_explain.log_level = notice",
        ):
            connection.execute(setting)
        connection.execute(
            "SELECT * FROM list_posts(%s, %s, %s, 't1', %s, %s, 20, NULL)",
            (place.forum.slug, UUID(int=0), order, HIGHEST, LAST_ID),
        )
    found = [notice[notice.index("{") :] for notice in notices if "plan:" in notice]
    return [json.loads(text) for text in found]


def nodes(plan: Any) -> Iterator[Any]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)


@pytest.mark.parametrize(("order", "index"), INDICES.items())
async def test_a_list_is_one_scan_of_an_index(
    world: World, crowded: Board, order: str, index: str
) -> None:
    ran = plans(world, crowded, order=order)
    (listing,) = (each for each in ran if f'"{index}"' in json.dumps(each["Plan"]))
    limit, scan = nodes(listing["Plan"])
    assert limit["Node Type"] == "Limit"
    assert scan["Node Type"] in ("Index Scan", "Index Only Scan")
    assert scan["Index Name"] == index

    tables = {"posts", "post_ranks", "post_counts", "post_tags"}
    for node in (node for each in ran for node in nodes(each["Plan"])):
        assert not (node["Node Type"] == "Seq Scan" and node["Relation Name"] in tables), node
