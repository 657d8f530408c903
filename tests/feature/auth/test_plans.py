"""The list of sessions reads an index and no session of another user."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid4

from cgraph.accounts.auth.sessions import queries
from cgraph.core.pagination import LAST_ID
from tests.feature.plans import assert_index_scans, plan_nodes, scanned_indexes
from tests.feature.world import Person, World

LIMIT = 21
SESSIONS = 6000


async def test_a_page_of_sessions_is_a_scan_of_an_index(
    world: World, ada: Person, grace: Person
) -> None:
    """Ada has every hundredth session, and half of hers have ended."""
    await world.sql(
        """
        INSERT INTO sessions (id, user_id, device, created_at, last_used_at, expires_at,
                              access_hash, access_expires_at, ended_at)
        SELECT gen_random_uuid(), CASE WHEN n %% 100 = 0 THEN %s ELSE %s END::uuid, 'filler',
               now(), now(), now() + interval '1 day', sha256(n::text::bytea), now(),
               CASE WHEN n %% 200 = 0 THEN now() END
        FROM generate_series(1, %s) AS n
        """,
        ada.id,
        grace.id,
        SESSIONS,
    )
    await world.sql("ANALYZE sessions")
    nodes = await plan_nodes(
        world,
        lambda tx: queries.list_sessions(
            tx,
            user_id=UUID(ada.id),
            current=uuid4(),
            below=LAST_ID,
            limit=LIMIT,
            now=datetime.now(UTC),
        ),
    )

    assert scanned_indexes(nodes) == {"sessions_of_user"}
    assert_index_scans(nodes, tables={"sessions"}, rows=SESSIONS // 200 + 1)
