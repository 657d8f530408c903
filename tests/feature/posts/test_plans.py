"""Each list is one scan of an index, which gives the order too."""

from __future__ import annotations

from uuid import UUID

import pytest

from cgraph.core.pagination import LAST_ID
from cgraph.forums.posts.feeds.actions import HIGHEST_RANK
from cgraph.forums.posts.feeds.models import FeedPosition
from cgraph.forums.posts.feeds.queries import list_posts
from cgraph.forums.posts.models import MAX_VERSION
from cgraph.forums.posts.versions import queries
from tests.feature.forum import Forum, new_forum
from tests.feature.plans import assert_index_scans, plan_nodes, scanned_indexes
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


@pytest.mark.parametrize(("sort", "index"), INDICES.items())
async def test_a_list_of_posts_is_one_scan_of_an_index(
    world: World, crowded: Forum, sort: str, index: str
) -> None:
    position = FeedPosition(sort=sort, tag="t1", started_at=None, rank=HIGHEST_RANK, id=LAST_ID)
    nodes = await plan_nodes(
        world,
        lambda tx: list_posts(
            tx, slug=crowded.slug, reader=UUID(crowded.owner.id), position=position, limit=20
        ),
    )
    assert index in scanned_indexes(nodes)
    for node in nodes:
        if node.get("Relation Name") in ("posts", "post_ranks", "post_counts", "post_tags"):
            assert node["Node Type"] in ("Index Scan", "Index Only Scan"), node
            assert node["Actual Rows"] <= 21, node
    assert "Sort" not in {node["Node Type"] for node in nodes}


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
    nodes = await plan_nodes(
        world,
        lambda tx: queries.list_versions(
            tx, id=UUID(post["id"]), moderates=False, below=MAX_VERSION, limit=21
        ),
    )
    assert_index_scans(nodes, tables={"post_versions"}, rows=21)
    assert scanned_indexes(nodes) == {"post_versions_pkey"}
