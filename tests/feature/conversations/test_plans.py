"""The list of conversations reads indexes, however many conversations a user has."""

from __future__ import annotations

from uuid import UUID

from cgraph.chat.conversations import queries
from cgraph.core.pagination import END_OF_TIME, LAST_ID
from tests.feature.plans import assert_index_scans, plan_nodes, scanned_indexes
from tests.feature.world import Person, World

LIMIT = 21
MEMBERS = 8


async def test_a_page_of_conversations_is_scans_of_indexes(
    world: World, ada: Person, grace: Person
) -> None:
    await world.sql(
        """
        WITH conversation AS (
            INSERT INTO conversations (id, kind, created_by, created_at, active_at, member_count)
            SELECT gen_random_uuid(), 'group', %s, now(), now() - n * interval '1 minute', 2
            FROM generate_series(1, 3000) AS n
            RETURNING id, active_at
        ), stream AS (
            INSERT INTO streams (id, kind) SELECT id, 'conv' FROM conversation
        )
        INSERT INTO conversation_members (conversation_id, user_id, role, joined_at, large,
                                          active_at)
        SELECT id, member, 'member', now(), false, active_at
        FROM conversation, unnest(ARRAY[%s, %s]::uuid[]) AS member
        """,
        ada.id,
        ada.id,
        grace.id,
    )
    await world.sql("ANALYZE conversations, conversation_members, streams")
    nodes = await plan_nodes(
        world,
        lambda tx: queries.list_conversations(
            tx,
            reader=UUID(ada.id),
            below=(END_OF_TIME, LAST_ID),
            limit=LIMIT,
            member_limit=MEMBERS,
        ),
    )

    assert "conversation_members_by_activity" in scanned_indexes(nodes)
    tables = {"conversations", "conversation_members", "streams"}
    assert_index_scans(nodes, tables=tables, rows=LIMIT)
