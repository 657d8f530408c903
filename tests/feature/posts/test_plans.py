"""Each list is one scan of an index, which gives the order too."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, cast
from uuid import UUID

import pytest

from cgraph.core.database import Transaction
from cgraph.core.pagination import LAST_ID
from cgraph.forums.posts import queries
from cgraph.forums.posts.feeds.actions import HIGHEST_RANK
from cgraph.forums.posts.models import MAX_VERSION
from tests.feature.auto_explain import nested_plans
from tests.feature.explain import ExplainingTransaction
from tests.feature.forum import Forum, new_forum
from tests.feature.world import Person, World

POSTS = 4000
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
async def crowded(world: World) -> Forum:
    """One of two forums of some thousand posts, a quarter of them of today."""
    ada = await world.new_person("ada")
    forums = [await new_forum(ada), await new_forum(ada)]
    for forum in forums:
        await fill(forum, ada)
    await world.sql("ANALYZE posts, post_ranks, post_tags, post_counts, users")
    return forums[0]


async def fill(forum: Forum, author: Person) -> None:
    await forum.world.sql(
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
        *(POSTS, POSTS, forum.id, author.id),
    )


def plans(world: World, forum: Forum, *, order: str) -> list[Any]:
    """Of all queries inside the statement that the function sends."""
    texts = nested_plans(
        world,
        "SELECT * FROM list_posts(%s, %s, %s, 't1', %s, %s, 20, NULL)",
        *(forum.slug, UUID(int=0), order, HIGHEST_RANK, LAST_ID),
        log_format="json",
    )
    return [json.loads(text[text.index("{") :]) for text in texts]


def nodes(plan: Any) -> Iterator[Any]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)


@pytest.mark.parametrize(("order", "index"), INDICES.items())
async def test_a_list_of_posts_is_one_scan_of_an_index(
    world: World, crowded: Forum, order: str, index: str
) -> None:
    found = plans(world, crowded, order=order)
    (listing,) = (each for each in found if f'"{index}"' in json.dumps(each["Plan"]))
    limit, scan = nodes(listing["Plan"])
    assert limit["Node Type"] == "Limit"
    assert scan["Node Type"] in ("Index Scan", "Index Only Scan")
    assert scan["Index Name"] == index

    tables = {"posts", "post_ranks", "post_counts", "post_tags"}
    for node in (node for each in found for node in nodes(each["Plan"])):
        assert not (node["Node Type"] == "Seq Scan" and node["Relation Name"] in tables), node


async def test_a_list_of_versions_is_one_scan_of_an_index(world: World, crowded: Forum) -> None:
    post = await crowded.post(await world.new_person())
    await world.sql(
        """
        INSERT INTO post_versions (post_id, version, title, body, edited_by, edited_at)
        SELECT %s, n, 'A title', 'A body', %s, now() FROM generate_series(1, %s) AS n
        """,
        *(post["id"], crowded.owner.id, POSTS),
    )
    await world.sql("ANALYZE post_versions")
    tx = ExplainingTransaction(world)
    await queries.list_versions(
        cast(Transaction, tx), id=UUID(post["id"]), below=MAX_VERSION, limit=21
    )
    (plan,) = tx.plans
    limit, scan = plan.split("\n  ->  ")
    assert limit.startswith("Limit")
    assert scan.startswith("Index Scan Backward using post_versions_pkey on post_versions")
