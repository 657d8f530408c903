"""The list of invitations, and those that operators read, are scans of an index."""

from __future__ import annotations

from uuid import UUID

from cgraph.accounts.invitations import queries
from cgraph.accounts.operations import queries as operations
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


async def test_the_accounts_that_wait_are_a_scan_of_an_index(world: World) -> None:
    await world.sql(
        """
        INSERT INTO users (id, username, email, password_hash, display_name, created_at,
                           approved_at)
        SELECT gen_random_uuid(), 'filler-' || md5(n::text), md5(n::text) || '@example.org',
               '-', '-', now(), CASE WHEN n %% 100 > 0 THEN now() END
        FROM generate_series(1, %s) AS n
        """,
        INVITATIONS,
    )
    await world.sql("ANALYZE users")
    nodes = await plan_nodes(world, lambda tx: operations.waiting_accounts(tx, limit=LIMIT))
    assert scanned_indexes(nodes) == {"users_waiting"}
    assert_index_scans(nodes, tables={"users"}, rows=LIMIT + 1)


async def test_the_last_entries_of_the_audit_log_are_a_scan_of_its_key(world: World) -> None:
    await world.sql(
        """
        SELECT append_account_audit_entry('olga', 'approve', NULL, '{}', now())
        FROM generate_series(1, 500)
        """
    )
    await world.sql("ANALYZE account_audit_log")
    nodes = await plan_nodes(world, lambda tx: operations.entries(tx, limit=LIMIT))
    assert scanned_indexes(nodes) == {"account_audit_log_pkey"}
    assert_index_scans(nodes, tables={"account_audit_log"}, rows=LIMIT + 1)
