"""Each list of forums, members and audit entries reads an index, however long it is."""

from __future__ import annotations

from typing import LiteralString, cast
from uuid import UUID

import psycopg
import pytest
from psycopg import Connection

from cgraph.core.database import Transaction
from cgraph.core.pagination import END_OF_TIME, FIRST_ID, LAST_ID
from cgraph.forums.audit import queries as audit_queries
from cgraph.forums.members import queries as member_queries
from tests.feature.auto_explain import explain_nested
from tests.feature.explain import ExplainingTransaction
from tests.feature.forum import Forum, new_forum
from tests.feature.world import World

ROWS = 4000
LIST_FORUMS: LiteralString = "SELECT count(*) FROM list_forums(%s, %s, %s, %s, %s, '', %s, 21)"


FORUM_LISTS: tuple[tuple[str | None, bool, bool, str], ...] = (
    (None, False, False, "Index Scan using forums_by_activity"),
    (None, False, True, "Index Scan using forums_by_name"),
    ("word77", False, False, "Bitmap Index Scan on forums_by_words"),
    (None, True, False, "forum_members_by_user"),
)
"""Search text, only the reader's own, by name; what their plans have."""


def insert_forums(connection: Connection) -> UUID:
    """Thousands of forums. Returns the id of a user who is a member of 10 of them."""
    rows = connection.execute(
        "INSERT INTO users (id, username, email, password_hash, display_name, created_at)"
        " SELECT gen_random_uuid(), 'plans-' || n, 'plans-' || n, '', '', now()"
        " FROM generate_series(1, 2) AS n RETURNING id"
    ).fetchall()
    (owner_id,), (user_id,) = rows
    connection.execute(
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
    connection.execute("SELECT gin_clean_pending_list('forums_by_words')")
    connection.execute("ANALYZE forums, forum_members")
    assert isinstance(user_id, UUID)
    return user_id


def test_each_list_of_forums_reads_an_index(world: World) -> None:
    """In a transaction that is rolled back, since other tests page through all forums."""
    with psycopg.connect(world.endpoints.admin_conninfo) as connection:
        user_id = insert_forums(connection)
        for text, mine, by_name, index in FORUM_LISTS:
            first_id = FIRST_ID if by_name else LAST_ID
            values = (user_id, text, mine, by_name, END_OF_TIME, first_id)
            plans = explain_nested(connection, LIST_FORUMS, values)
            (listing,) = (plan for plan in plans if "LIMIT at_most" in plan)
            assert index in listing, listing
            assert "Seq Scan" not in listing, listing
        connection.rollback()


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
    tx = ExplainingTransaction(world)
    await member_queries.list_forum_members(
        cast(Transaction, tx),
        forum_id=UUID(crowded.id),
        moderating=moderating,
        after=FIRST_ID,
        limit=21,
    )
    (plan,) = tx.plans
    lines = plan.splitlines()
    (scan,) = (number for number, line in enumerate(lines) if f"Index Scan using {index}" in line)
    assert "Limit" in lines[scan - 1], plan
    assert "Scan on forum_members" not in plan, plan


async def test_a_list_of_audit_entries_is_one_scan_of_an_index(
    world: World, crowded: Forum
) -> None:
    tx = ExplainingTransaction(world)
    await audit_queries.list_entries(
        cast(Transaction, tx), forum_id=UUID(crowded.id), below=2**62, limit=21
    )
    (plan,) = tx.plans
    limit, scan = plan.split("\n  ->  ")
    assert limit.startswith("Limit")
    assert scan.startswith("Index Scan Backward using audit_log_pkey on audit_log")
