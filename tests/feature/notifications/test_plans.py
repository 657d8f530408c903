"""The lists of notifications and follows read indexes, however many there are."""

from __future__ import annotations

from uuid import UUID

import pytest

from cgraph.core.pagination import FIRST_ID
from cgraph.notifications.following import queries as following
from cgraph.notifications.inbox import queries
from tests.feature.plans import assert_index_scans, plan_nodes, scanned_indexes
from tests.feature.world import Person, World

LIMIT = 21


@pytest.fixture
async def many(world: World, ada: Person) -> Person:
    """Ada, with 3,000 notifications, half of them read, and as many follows."""
    await world.sql(
        """
        INSERT INTO notifications (user_id, id, kind, group_key, actors, actor_count, event_count,
                                   seq, level, created_at, updated_at, read_at)
        SELECT %s, gen_random_uuid(), CASE n %% 3 WHEN 0 THEN 'mention' ELSE 'warning' END, n::text,
               '{}', 0, 1, n, 1, now(), now(), CASE n %% 2 WHEN 0 THEN now() END
        FROM generate_series(1, 3000) AS n
        """,
        ada.id,
    )
    await world.sql(
        """
        INSERT INTO notification_sources (user_id, source_id, notification_id, created_at)
        SELECT user_id, gen_random_uuid(), id, now() FROM notifications WHERE user_id = %s
        """,
        ada.id,
    )
    await world.sql(
        """
        INSERT INTO follows (user_id, kind, target_id, level, since)
        SELECT %s, 'user', u.id, 'everything', now() FROM users u LIMIT 3000
        """,
        ada.id,
    )
    await world.sql("ANALYZE notifications, notification_sources, follows")
    return ada


@pytest.mark.parametrize(
    ("unread", "mentions", "index"),
    [
        (False, False, "notifications_by_seq"),
        (True, False, "notifications_unread"),
        (False, True, "notifications_mentions"),
    ],
)
async def test_a_page_of_notifications_is_a_scan_of_an_index(
    world: World, many: Person, unread: bool, mentions: bool, index: str
) -> None:
    nodes = await plan_nodes(
        world,
        lambda tx: queries.list_notifications(
            tx,
            reader=UUID(many.id),
            only_unread=unread,
            only_mentions=mentions,
            below=2**63 - 1,
            limit=LIMIT,
        ),
    )
    assert index in scanned_indexes(nodes)
    assert_index_scans(nodes, tables={"notifications", "notification_sources"}, rows=LIMIT)


async def test_a_page_of_follows_is_a_scan_of_an_index(world: World, many: Person) -> None:
    nodes = await plan_nodes(
        world,
        lambda tx: following.list_follows(
            tx, user_id=UUID(many.id), kind=None, after=("", FIRST_ID, ""), limit=LIMIT
        ),
    )
    assert_index_scans(nodes, tables={"follows"}, rows=LIMIT)
