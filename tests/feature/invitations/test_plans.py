"""The list of invitations reads an index and no invitation of another user."""

from __future__ import annotations

from uuid import UUID

from cgraph.accounts.invitations import queries
from cgraph.core.pagination import LAST_ID
from tests.feature.plans import assert_index_scans, plan_nodes, scanned_indexes
from tests.feature.world import Person, World

LIMIT, INVITATIONS = 21, 6000


async def test_a_page_of_invitations_is_a_scan_of_an_index(
    world: World, ada: Person, grace: Person
) -> None:
    """Ada has made every hundredth."""
    await world.sql(
        """
        INSERT INTO invitations (id, created_by, hash, note, created_at, expires_at)
        SELECT gen_random_uuid(), CASE WHEN n %% 100 = 0 THEN %s ELSE %s END::uuid,
               sha256(n::text::bytea), '', now(), now()
        FROM generate_series(1, %s) AS n
        """,
        ada.id,
        grace.id,
        INVITATIONS,
    )
    await world.sql("ANALYZE invitations")
    nodes = await plan_nodes(
        world,
        lambda tx: queries.list_invitations(tx, user_id=UUID(ada.id), below=LAST_ID, limit=LIMIT),
    )
    assert scanned_indexes(nodes) == {"invitations_of_user"}
    assert_index_scans(nodes, tables={"invitations"}, rows=LIMIT + 1)
