"""The lists of messages read an index, however many messages a conversation has."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from cgraph.chat.messages.history import queries
from cgraph.chat.messages.pins import queries as pins
from cgraph.chat.messages.reactions import queries as reactions
from cgraph.chat.messages.versions import queries as versions
from cgraph.core.database import Transaction
from cgraph.core.pagination import FIRST_ID
from tests.feature.conversation import Conversation, start_direct
from tests.feature.plans import assert_index_scans, plan_nodes, scanned_indexes
from tests.feature.world import Person, World

LIMIT = 21
MESSAGES = 5000


@pytest.fixture(scope="module")
async def ada(world: World) -> Person:
    return await world.new_person("ada")


@pytest.fixture(scope="module")
async def filled(world: World, ada: Person) -> Conversation:
    """A conversation with many messages, a few of them pinned. The tests that change it for the
    others stand at the end.
    """
    direct = await start_direct(ada, await world.new_person("grace"))
    await world.sql(
        """
        INSERT INTO messages (id, conversation_id, seq, ordinal, author_id, content, created_at)
        SELECT overlay(uuid7_floor(now())::text placing left(md5(n::text), 12) from 25)::uuid,
               %s, n, n, %s, 'filler', now()
        FROM generate_series(1, %s) AS n
        """,
        direct.id,
        ada.id,
        MESSAGES,
    )
    await world.sql("SELECT record_message_months(%s, 0)", direct.id)
    await world.sql(
        "UPDATE messages SET pinned_at = now() WHERE conversation_id = %s AND seq %% 500 = 0",
        direct.id,
    )
    await world.sql("ANALYZE messages, message_months, message_pins")
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
            around=None,
            limit=LIMIT - 1,
        ),
    )

    assert any("conversation_id_seq" in index for index in scanned_indexes(nodes))
    assert_index_scans(nodes, tables=await partitions(filled), rows=LIMIT)


async def test_a_page_around_a_number_is_scans_of_an_index(
    world: World, ada: Person, filled: Conversation
) -> None:
    nodes = await plan_nodes(
        world,
        lambda tx: queries.list_messages(
            tx,
            reader=UUID(ada.id),
            conversation_id=UUID(filled.id),
            before=None,
            after=None,
            around=MESSAGES // 2,
            limit=LIMIT - 1,
        ),
    )

    assert any("conversation_id_seq" in index for index in scanned_indexes(nodes))
    assert_index_scans(nodes, tables=await partitions(filled), rows=LIMIT)


async def test_who_reacted_and_versions_are_scans_of_indexes(
    world: World, ada: Person, filled: Conversation
) -> None:
    id = uuid4()
    await world.sql(
        """
        WITH version AS (
            INSERT INTO message_versions (message_id, version, content, edited_at)
            SELECT %s, n, 'filler', now() FROM generate_series(1, 3000) AS n
        )
        INSERT INTO reactions (message_id, user_id, emoji, created_at)
        SELECT %s, %s, 'e' || n, now() FROM generate_series(1, 3000) AS n
        """,
        id,
        id,
        ada.id,
    )
    await world.sql("ANALYZE message_versions, reactions, users")
    beginning = datetime(2000, 1, 1, tzinfo=UTC), FIRST_ID
    nodes = [
        *await plan_nodes(
            world,
            lambda tx: reactions.list_reactions(
                tx, id=id, emoji="e7", after=beginning, limit=LIMIT
            ),
        ),
        *await plan_nodes(
            world,
            lambda tx: versions.list_message_versions(tx, id=id, below=99, limit=LIMIT),
        ),
    ]

    assert {"reactions_by_emoji", "message_versions_pkey"} <= scanned_indexes(nodes)
    assert_index_scans(nodes, tables={"reactions", "message_versions"}, rows=LIMIT)


async def test_the_pins_of_a_conversation_are_scans_of_indexes(
    world: World, ada: Person, filled: Conversation
) -> None:
    nodes = await plan_nodes(
        world,
        lambda tx: pins.list_pins(tx, reader=UUID(ada.id), conversation_id=UUID(filled.id)),
    )

    assert_index_scans(nodes, tables=await partitions(filled), rows=1)


async def test_the_history_of_a_new_member_ends_where_it_begins(
    world: World, ada: Person, filled: Conversation
) -> None:
    """The scan does not go on through older messages, which the member does not see."""
    await world.sql(
        "UPDATE conversation_members SET history_after = %s WHERE user_id = %s",
        MESSAGES - 3,
        ada.id,
    )
    nodes = await plan_nodes(
        world,
        lambda tx: queries.list_messages(
            tx,
            reader=UUID(ada.id),
            conversation_id=UUID(filled.id),
            before=None,
            after=None,
            around=None,
            limit=LIMIT,
        ),
    )

    tables = await partitions(filled)
    assert_index_scans(nodes, tables=tables, rows=3)
    scans = [node for node in nodes if node.get("Relation Name") in tables]
    assert all(scan.get("Rows Removed by Filter", 0) == 0 for scan in scans)


async def test_a_page_of_replies_is_a_scan_of_an_index(
    world: World, ada: Person, filled: Conversation
) -> None:
    ((parent,),) = await world.sql(
        "SELECT id FROM messages WHERE conversation_id = %s AND seq = 1", filled.id
    )
    await world.sql(
        "UPDATE messages SET reply_to = %s WHERE conversation_id = %s AND seq %% 2 = 0",
        parent,
        filled.id,
    )
    await world.sql("ANALYZE messages")
    nodes = await plan_nodes(
        world,
        lambda tx: queries.list_replies(
            tx,
            reader=UUID(ada.id),
            id=parent,
            conversation_id=UUID(filled.id),
            after=9,
            limit=LIMIT,
        ),
    )

    assert any("reply_to_seq" in index for index in scanned_indexes(nodes))
    scans = [node for node in nodes if "reply_to_seq" in node.get("Index Name", "")]
    assert all(scan["Actual Rows"] <= LIMIT for scan in scans)


async def test_the_last_message_is_found_by_an_index_however_many_were_deleted_after_it(
    world: World, ada: Person, filled: Conversation
) -> None:
    ((last,),) = await world.sql(
        "SELECT id FROM messages WHERE conversation_id = %s AND seq = %s", filled.id, MESSAGES
    )
    await world.sql(
        "UPDATE messages SET deleted_at = now() WHERE conversation_id = %s AND seq > 5", filled.id
    )
    await world.sql("ANALYZE messages")

    async def uncount(tx: Transaction) -> None:
        is_last = {"message": last, "id": filled.id}
        await tx.execute(
            "UPDATE conversations SET last_message_id = %(message)s WHERE id = %(id)s", is_last
        )
        await tx.execute("SELECT uncount_message(%(message)s)", is_last)

    nodes = await plan_nodes(world, uncount)

    scans = [node for node in nodes if "conversation_id_ordinal" in node.get("Index Name", "")]
    assert scans and all(scan["Actual Rows"] <= 1 for scan in scans)


async def partitions(conversation: Conversation) -> set[str]:
    """Those that have its messages: an empty one may be read whole."""
    rows = await conversation.world.sql(
        "SELECT DISTINCT tableoid::regclass::text FROM messages WHERE conversation_id = %s",
        conversation.id,
    )
    return {name for (name,) in rows}
