"""The lists of messages read an index, however many messages a conversation has."""

from __future__ import annotations

from uuid import UUID

import pytest

from cgraph.chat.messages.history import queries
from cgraph.chat.messages.pins import queries as pins
from tests.feature.conversation import Conversation
from tests.feature.plans import assert_index_scans, plan_nodes, scanned_indexes
from tests.feature.world import Person, World

LIMIT = 21
MESSAGES = 5000


@pytest.fixture
async def filled(world: World, ada: Person, direct: Conversation) -> Conversation:
    """A conversation with many messages, a few of them pinned."""
    await world.sql(
        """
        INSERT INTO messages (id, conversation_id, seq, ordinal, author_id, content, created_at,
                              pinned_at)
        SELECT overlay(uuid7_floor(now())::text placing left(md5(n::text), 12) from 25)::uuid,
               %s, n, n, %s, 'filler', now(), CASE WHEN n %% 500 = 0 THEN now() END
        FROM generate_series(1, %s) AS n
        """,
        direct.id,
        ada.id,
        MESSAGES,
    )
    await world.sql("ANALYZE messages")
    return direct


@pytest.mark.parametrize(
    ("before", "after"), [(None, None), (MESSAGES // 2, None), (None, MESSAGES // 2)]
)
async def test_a_page_of_messages_is_a_scan_of_an_index(
    world: World, ada: Person, filled: Conversation, before: int | None, after: int | None
) -> None:
    nodes = await plan_nodes(
        world,
        lambda tx: queries.list_messages(
            tx,
            reader=UUID(ada.id),
            conversation_id=UUID(filled.id),
            before=before,
            after=after,
            limit=LIMIT,
        ),
    )

    assert any("conversation_id_seq" in index for index in scanned_indexes(nodes))
    assert_index_scans(nodes, tables=await partitions(filled), rows=LIMIT)


async def test_the_pins_of_a_conversation_are_a_scan_of_an_index(
    world: World, ada: Person, filled: Conversation
) -> None:
    nodes = await plan_nodes(
        world,
        lambda tx: pins.list_pins(tx, reader=UUID(ada.id), conversation_id=UUID(filled.id)),
    )

    assert any("conversation_id_pinned_at" in index for index in scanned_indexes(nodes))
    assert_index_scans(nodes, tables=await partitions(filled), rows=MESSAGES // 500)


async def partitions(conversation: Conversation) -> set[str]:
    """Those that have its messages: an empty one may be read whole."""
    rows = await conversation.world.sql(
        "SELECT DISTINCT tableoid::regclass::text FROM messages WHERE conversation_id = %s",
        conversation.id,
    )
    return {name for (name,) in rows}
