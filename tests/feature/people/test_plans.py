"""The lists of blocked users and of contacts read indexes, however many there are."""

from __future__ import annotations

from uuid import UUID

from cgraph.accounts.people.blocks import queries
from cgraph.accounts.people.contacts import queries as contacts
from cgraph.accounts.people.contacts.models import ContactState
from cgraph.core.pagination import END_OF_TIME, LAST_ID
from tests.feature.plans import assert_index_scans, plan_nodes, scanned_indexes
from tests.feature.world import Person, World

LIMIT = 21


async def test_a_page_of_blocks_is_a_scan_of_an_index(world: World, ada: Person) -> None:
    await world.sql(
        """
        WITH person AS (
            INSERT INTO users (id, username, email, password_hash, display_name, created_at)
            SELECT gen_random_uuid(), 'b' || %s || n, 'b' || %s || n || '@example.org', '', 'x',
                   now()
            FROM generate_series(1, 3000) AS n
            RETURNING id
        )
        INSERT INTO blocks (user_id, blocked_id, created_at)
        SELECT %s, id, now() - random() * interval '90 days' FROM person
        """,
        ada.id,
        ada.id,
        ada.id,
    )
    await world.sql("ANALYZE blocks, users")
    nodes = await plan_nodes(
        world,
        lambda tx: queries.list_blocks(
            tx, user_id=UUID(ada.id), below=(END_OF_TIME, LAST_ID), limit=LIMIT
        ),
    )

    assert scanned_indexes(nodes) == {"blocks_by_age", "users_pkey"}
    assert_index_scans(nodes, tables={"blocks", "users"}, rows=LIMIT)


async def test_a_page_of_contacts_is_a_scan_of_an_index(world: World, ada: Person) -> None:
    await world.sql(
        """
        INSERT INTO contacts (user_id, other_id, state, since)
        SELECT %s, id, 'contact', now() - random() * interval '90 days' FROM users WHERE id <> %s
        """,
        ada.id,
        ada.id,
    )
    await world.sql("ANALYZE contacts, users")
    nodes = await plan_nodes(
        world,
        lambda tx: contacts.list_contacts(
            tx,
            user_id=UUID(ada.id),
            state=ContactState.CONTACT,
            below=(END_OF_TIME, LAST_ID),
            limit=LIMIT,
        ),
    )

    assert scanned_indexes(nodes) == {"contacts_by_age", "users_pkey"}
    assert_index_scans(nodes, tables={"contacts", "users"}, rows=LIMIT)
