"""The list of uploads and what the sweeper reads are in indexes, however many uploads there are."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest

from cgraph.core.pagination import LAST_ID
from cgraph.media.removal import queries as removal
from cgraph.media.uploads import queries
from tests.feature.plans import assert_index_scans, plan_nodes, scanned_indexes
from tests.feature.world import Person, World

LIMIT = 21
UPLOADS = 6000


@pytest.fixture
async def many_uploads(world: World, ada: Person, grace: Person) -> None:
    """Ada has every hundredth; one of 300 is deleted, and each has become ready long ago."""
    await world.sql("SET session_replication_role = replica")
    await world.sql(
        """
        INSERT INTO uploads (id, user_id, status, filename, content_type, size, created_at,
                             ready_at, deleted_at)
        SELECT gen_random_uuid(), CASE WHEN n %% 100 = 0 THEN %s ELSE %s END::uuid, 'ready', 'x',
               'image/png', 1, now() - interval '2 days', now() - n * interval '1 minute',
               CASE WHEN n %% 300 = 1 THEN now() - interval '1 hour' END
        FROM generate_series(1, %s) AS n
        """,
        ada.id,
        grace.id,
        UPLOADS,
    )
    await world.sql("SET session_replication_role = origin")
    await world.sql("ANALYZE uploads")


async def test_a_page_of_uploads_is_a_scan_of_an_index(
    world: World, ada: Person, many_uploads: None
) -> None:
    nodes = await plan_nodes(
        world,
        lambda tx: queries.list_uploads(tx, user_id=UUID(ada.id), below=LAST_ID, limit=LIMIT),
    )

    assert scanned_indexes(nodes) == {"uploads_of_user"}
    assert_index_scans(nodes, tables={"uploads"}, rows=LIMIT)


async def test_deleted_uploads_are_found_by_an_index(world: World, many_uploads: None) -> None:
    now = datetime.now(UTC)
    nodes = await plan_nodes(world, lambda tx: removal.deleted_uploads(tx, before=now, limit=LIMIT))

    assert scanned_indexes(nodes) == {"uploads_deleted"}
    await world.sql("DELETE FROM uploads WHERE filename = 'x'")
