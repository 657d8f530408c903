"""Each list of forums, members and audit entries reads an index, however long it is."""

from __future__ import annotations

from uuid import UUID

import pytest
from psycopg import AsyncConnection

from cgraph.core.database import Transaction
from cgraph.core.pagination import FIRST_ID
from cgraph.forums import queries as forum_queries
from cgraph.forums.audit import queries as audit_queries
from cgraph.forums.members import queries as member_queries
from cgraph.forums.members.requests import queries as request_queries
from cgraph.forums.members.requests.actions import BEGINNING_OF_TIME
from cgraph.forums.models import ForumSort
from tests.feature.forum import Forum, new_forum
from tests.feature.plans import (
    assert_index_scans,
    plan_nodes,
    plan_nodes_in,
    scanned_indexes,
)
from tests.feature.world import World

ROWS = 4000
LIMIT = 21
FORUM_LISTS: tuple[tuple[str | None, bool, ForumSort, str], ...] = (
    (None, False, ForumSort.ACTIVITY, "forums_by_activity"),
    (None, False, ForumSort.NAME, "forums_by_name"),
    ("word77", False, ForumSort.ACTIVITY, "forums_by_words"),
    (None, True, ForumSort.ACTIVITY, "forum_members_by_user"),
)
"""Search text, only the reader's own, the order; the index of their plans."""


async def insert_forums(connection: AsyncConnection) -> UUID:
    """Thousands of forums. Returns the id of a user who is a member of 10 of them."""
    users = await connection.execute(
        "INSERT INTO users (id, username, email, password_hash, display_name, created_at)"
        " SELECT gen_random_uuid(), 'plans-' || n, 'plans-' || n, '', '', now()"
        " FROM generate_series(1, 2) AS n RETURNING id"
    )
    (owner_id,), (user_id,) = await users.fetchall()
    await connection.execute(
        """
        WITH stream AS (
            INSERT INTO streams (id, kind)
            SELECT gen_random_uuid(), 'forum' FROM generate_series(1, %s) RETURNING id
        ), forum AS (
            INSERT INTO forums (id, slug, name, visibility, posting, created_by, created_at,
                                active_at)
            SELECT id, left(id::text, 30), 'word' || row_number() OVER (),
                   'public', 'everyone', %s, now(), now() - random() * interval '1 year'
            FROM stream RETURNING id
        )
        INSERT INTO forum_members (forum_id, user_id, role, joined_at)
        SELECT id, %s, 'owner', now() FROM forum
        UNION ALL
        (SELECT id, %s, 'member', now() FROM forum LIMIT 10)
        """,
        (ROWS, owner_id, owner_id, user_id),
    )
    await connection.execute("SELECT gin_clean_pending_list('forums_by_words')")
    await connection.execute("ANALYZE forums, forum_members")
    assert isinstance(user_id, UUID)
    return user_id


async def test_each_list_of_forums_reads_an_index(world: World) -> None:
    """In a transaction that is rolled back, since other tests page through all forums."""
    async with await AsyncConnection.connect(world.endpoints.admin_conninfo) as connection:
        user_id = await insert_forums(connection)
        for text, mine, sort, index in FORUM_LISTS:

            async def list_forums(
                tx: Transaction, text: str | None = text, mine: bool = mine, sort: ForumSort = sort
            ) -> object:
                return await forum_queries.list_forums(
                    tx, reader=user_id, text=text, mine=mine, sort=sort, after=None, limit=LIMIT
                )

            nodes = await plan_nodes_in(connection, list_forums)
            assert index in scanned_indexes(nodes)
            for node in nodes:
                if node.get("Relation Name") in ("forums", "forum_members"):
                    assert node["Node Type"] != "Seq Scan", node
        await connection.rollback()


@pytest.fixture(scope="module")
async def crowded(world: World) -> Forum:
    """A forum with thousands of members, of whom some moderate, and of audit entries."""
    forum = await new_forum(await world.new_person())
    await world.sql(
        """
        WITH person AS (
            INSERT INTO users (id, username, email, password_hash, display_name, created_at)
            SELECT gen_random_uuid(), 'm-' || n || random(), 'm-' || n || random(), '', '', now()
            FROM generate_series(1, %s) AS n RETURNING id
        )
        INSERT INTO forum_members (forum_id, user_id, role, joined_at)
        SELECT %s, id, CASE WHEN random() < 0.1 THEN 'moderator' ELSE 'member' END, now()
        FROM person
        """,
        *(ROWS, forum.id),
    )
    await world.sql(
        """
        INSERT INTO audit_log (forum_id, number, actor_id, action, detail, created_at, previous,
                               hash)
        SELECT %s, n, %s, 'change_forum', '{}', now(), '', '' FROM generate_series(1, %s) AS n
        """,
        *(forum.id, forum.owner.id, ROWS),
    )
    await world.sql("ANALYZE users, forum_members, audit_log")
    return forum


@pytest.mark.parametrize(
    ("moderating", "index"),
    [(False, "forum_members_pkey"), (True, "forum_members_who_moderate")],
)
async def test_a_list_of_members_is_one_scan_of_an_index(
    world: World, crowded: Forum, moderating: bool, index: str
) -> None:
    nodes = await plan_nodes(
        world,
        lambda tx: member_queries.list_forum_members(
            tx, forum_id=UUID(crowded.id), moderating=moderating, after=FIRST_ID, limit=LIMIT
        ),
    )
    run = [node for node in nodes if node["Actual Loops"]]
    assert_index_scans(run, tables={"forum_members"}, rows=LIMIT)
    assert index in scanned_indexes(run)


async def test_a_list_of_requests_is_one_scan_of_an_index(world: World, crowded: Forum) -> None:
    await world.sql(
        """
        INSERT INTO membership_requests (forum_id, user_id, message, state, created_at)
        SELECT forum_id, user_id, '', CASE WHEN random() < 0.5 THEN 'open' ELSE 'refused' END,
               now() - random() * interval '1 day'
        FROM forum_members WHERE forum_id = %s
        """,
        crowded.id,
    )
    await world.sql("ANALYZE membership_requests")
    nodes = await plan_nodes(
        world,
        lambda tx: request_queries.list_membership_requests(
            tx, forum_id=UUID(crowded.id), after=(BEGINNING_OF_TIME, FIRST_ID), limit=LIMIT
        ),
    )
    assert_index_scans(nodes, tables={"membership_requests"}, rows=LIMIT)
    assert "membership_requests_open" in scanned_indexes(nodes)


async def test_a_list_of_audit_entries_is_one_scan_of_an_index(
    world: World, crowded: Forum
) -> None:
    nodes = await plan_nodes(
        world,
        lambda tx: audit_queries.list_entries(
            tx, forum_id=UUID(crowded.id), below=2**62, limit=LIMIT
        ),
    )
    assert_index_scans(nodes, tables={"audit_log"}, rows=LIMIT)
    assert "audit_log_pkey" in scanned_indexes(nodes)
