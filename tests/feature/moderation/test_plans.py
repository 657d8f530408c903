"""Each list of moderators walks an index in the list's order, however long the list is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from cgraph.core.database import Transaction
from cgraph.core.pagination import END_OF_TIME, FIRST_ID, LAST_ID
from cgraph.moderation.appeals import queries as appeals
from cgraph.moderation.appeals.models import AppealState
from cgraph.moderation.bans import queries as bans
from cgraph.moderation.cases import queries as cases
from cgraph.moderation.texts import queries as texts
from tests.feature.moderated_forum import start_forum
from tests.feature.plans import assert_index_scans, plan_nodes, scanned_indexes
from tests.feature.world import World

LIMIT = 21
ROWS = 4000
NOW = datetime.now(UTC)
Query = Callable[[Transaction, UUID], Awaitable[Any]]

LISTS: Mapping[str, tuple[str, str, Query]] = {
    "open cases": (
        "report_cases",
        "report_cases_by_priority",
        lambda tx, forum_id: cases.list_unresolved_cases(
            tx,
            forum_ids=[forum_id],
            claimed=False,
            after=(2**31 - 1, FIRST_ID),
            limit=LIMIT,
            now=NOW,
        ),
    ),
    "open cases after a position": (
        "report_cases",
        "report_cases_by_priority",
        lambda tx, forum_id: cases.list_unresolved_cases(
            tx, forum_ids=[forum_id], claimed=False, after=(400, FIRST_ID), limit=LIMIT, now=NOW
        ),
    ),
    "resolved cases": (
        "report_cases",
        "report_cases_by_resolution",
        lambda tx, forum_id: cases.list_resolved_cases(
            tx, forum_ids=[forum_id], below=(END_OF_TIME, LAST_ID), limit=LIMIT, now=NOW
        ),
    ),
    "appeals": (
        "appeals",
        "appeals_by_state",
        lambda tx, forum_id: appeals.list_appeals(
            tx, forum_id=forum_id, state=AppealState.OPEN, after=FIRST_ID, limit=LIMIT
        ),
    ),
    "bans": (
        "forum_bans",
        "forum_bans_by_age",
        lambda tx, forum_id: bans.list_bans(
            tx, forum_id=forum_id, below=(END_OF_TIME, LAST_ID), limit=LIMIT, now=NOW
        ),
    ),
}


@pytest.fixture(scope="module")
async def forum_id(world: World) -> UUID:
    """A forum with thousands of cases, half of them resolved, and of appeals and bans."""
    forum = await start_forum(*[await world.new_person() for _ in range(3)])
    await world.sql(
        """
        WITH person AS (
            INSERT INTO users (id, username, email, password_hash, display_name, created_at)
            SELECT gen_random_uuid(), 'b-' || n || random(), 'b-' || n || random(), '', '', now()
            FROM generate_series(1, %s) AS n RETURNING id
        )
        INSERT INTO forum_bans (forum_id, user_id, until, created_by, created_at)
        SELECT %s, id, 'infinity', %s, now() - random() * interval '1 day' FROM person
        """,
        ROWS,
        forum.id,
        forum.owner.id,
    )
    await world.sql(
        """
        INSERT INTO report_cases (id, forum_id, target_kind, target_id, priority, report_count,
                                  created_at, resolved_at)
        SELECT gen_random_uuid(), %s, 'post', gen_random_uuid(), 100 * (n %% 7 + 1), 1, now(),
               CASE WHEN n %% 2 = 0 THEN now() - n * interval '1 s' END
        FROM generate_series(1, %s) AS n
        """,
        forum.id,
        ROWS,
    )
    await world.sql(
        """
        INSERT INTO appeals (id, forum_id, subject_kind, subject_id, user_id, acted_by, content,
                             created_at)
        SELECT gen_random_uuid(), %s, 'ban', gen_random_uuid(), %s, %s, '', now()
        FROM generate_series(1, %s)
        """,
        forum.id,
        forum.member.id,
        forum.moderator.id,
        ROWS,
    )
    await world.sql("ANALYZE report_cases, appeals, forum_bans")
    return forum.id


@pytest.mark.parametrize("name", LISTS)
async def test_a_page_reads_no_more_rows_than_it_has(
    world: World, forum_id: UUID, name: str
) -> None:
    table, index, query = LISTS[name]
    nodes = await plan_nodes(world, lambda tx: query(tx, forum_id))

    assert index in scanned_indexes(nodes)
    assert_index_scans(nodes, tables={table}, rows=LIMIT)


async def test_what_one_user_wrote_is_found_by_indexes(world: World) -> None:
    """Among what many others wrote."""
    forum = await start_forum(*[await world.new_person() for _ in range(3)])
    other = await world.new_person()
    for author, count in ((other, ROWS), (forum.member, 100)):
        await world.sql(
            """
            WITH post AS (
                INSERT INTO posts (id, forum_id, author_id, kind, title, created_at, withheld)
                SELECT gen_random_uuid(), %s, %s, 'text', 't', now(), 'shadow_ban'
                FROM generate_series(1, %s) RETURNING id, author_id
            )
            INSERT INTO comments (id, post_id, parent_id, path, author_id, body, body_html,
                                  created_at, withheld)
            SELECT gen_random_uuid(), id, id, '{}', author_id, 'c', '', now(), 'shadow_ban' FROM
            post """,
            forum.id,
            author.id,
            count,
        )
    await world.sql("ANALYZE posts, comments")
    user_id = UUID(forum.member.id)
    queries: tuple[Callable[[Transaction], Awaitable[Any]], ...] = (
        lambda tx: texts.texts_to_remove(
            tx, forum_id=forum.id, user_id=user_id, since=None, limit=LIMIT
        ),
        lambda tx: texts.texts_to_restore(
            tx, forum_id=forum.id, user_id=user_id, lift_removals=True, limit=LIMIT
        ),
    )
    for query in queries:
        nodes = await plan_nodes(world, query)
        assert {"posts_by_author", "comments_by_author"} <= set(scanned_indexes(nodes))
        scanned = {node.get("Relation Name") for node in nodes if node["Node Type"] == "Seq Scan"}
        assert "comments" not in scanned
