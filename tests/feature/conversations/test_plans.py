"""The list of conversations reads indexes, however many conversations a user has."""

from __future__ import annotations

from uuid import UUID

import pytest

from cgraph.chat.conversations import queries
from cgraph.chat.conversations.member_list import queries as member_list
from cgraph.core.pagination import END_OF_TIME, FIRST_ID, LAST_ID
from tests.feature.conversation import start_group
from tests.feature.plans import assert_index_scans, plan_nodes, scanned_indexes
from tests.feature.world import Person, World

LIMIT = 21
MEMBERS = 8


@pytest.fixture(scope="module")
async def ada(world: World) -> Person:
    return await world.new_person("ada")


@pytest.fixture(scope="module")
async def grace(world: World) -> Person:
    return await world.new_person("grace")


@pytest.fixture(scope="module")
async def filled(world: World, ada: Person, grace: Person) -> None:
    """Ada has 3,000 conversations. Of each hundred one is unread and another one muted."""
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
                                          active_at, is_unread, muted_until)
        SELECT id, member, 'member', now(), false, active_at,
               extract(minute FROM active_at) = 7 AND extract(hour FROM active_at) %% 2 = 0,
               CASE WHEN extract(minute FROM active_at) = 8 THEN 'infinity'::timestamptz END
        FROM conversation, unnest(ARRAY[%s, %s]::uuid[]) AS member
        """,
        ada.id,
        ada.id,
        grace.id,
    )
    await world.sql("ANALYZE conversations, conversation_members, streams")


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    ("unread", "muted", "index"),
    [
        (False, None, "conversation_members_by_activity"),
        (False, False, "conversation_members_by_activity"),
        (False, True, "conversation_members_muted"),
        (True, None, "conversation_members_unread"),
        (True, False, "conversation_members_unread"),
    ],
)
async def test_a_page_of_conversations_is_scans_of_indexes(
    world: World, ada: Person, unread: bool, muted: bool | None, index: str
) -> None:
    nodes = await plan_nodes(
        world,
        lambda tx: queries.list_conversations(
            tx,
            reader=UUID(ada.id),
            below=(END_OF_TIME, LAST_ID),
            limit=LIMIT,
            member_limit=MEMBERS,
            unread=unread,
            muted=muted,
        ),
    )

    assert index in scanned_indexes(nodes)
    tables = {"conversations", "conversation_members", "streams"}
    assert_index_scans(nodes, tables=tables, rows=LIMIT)


async def test_a_page_of_members_is_a_scan_of_an_index(
    world: World, ada: Person, grace: Person
) -> None:
    for _ in range(3):
        group = await start_group(ada, grace)
        await group.fill(members=1000)
    await world.sql("ANALYZE conversation_members, users")
    nodes = await plan_nodes(
        world,
        lambda tx: member_list.list_members(
            tx, conversation_id=UUID(group.id), above=FIRST_ID, limit=LIMIT
        ),
    )

    assert "conversation_members_pkey" in scanned_indexes(nodes)
    assert_index_scans(nodes, tables={"conversation_members"}, rows=LIMIT)
