"""Refreshing the text in events of a post or a comment reads few, however long the log is."""

from __future__ import annotations

from typing import LiteralString

import psycopg
import pytest

from cgraph.core.database import Transaction
from tests.feature.forum import new_thread
from tests.feature.plans import plan_nodes_in
from tests.feature.world import Person, World

FILLERS = 10_000
INSERT_FILLERS = """
    INSERT INTO events (stream_id, seq, type, payload, created_at)
    SELECT gen_random_uuid(), 1, kind || '.created', jsonb_build_object(
               kind, jsonb_build_object('id', gen_random_uuid(), 'title', 'x', 'body', 'x')), now()
    FROM generate_series(1, %s), unnest(ARRAY['post', 'comment']) AS kind
"""


@pytest.mark.parametrize("kind", ["post", "comment"])
async def test_the_events_with_a_text_are_found_by_its_id(
    world: World, ada: Person, kind: LiteralString
) -> None:
    thread = await new_thread(ada)
    id = (await thread.comment(ada))["id"] if kind == "comment" else thread.post

    async def refresh(tx: Transaction) -> None:
        query: LiteralString = f"SELECT refresh_{kind}_events(%(id)s)"
        await tx.execute(query, {"id": id})

    connection = await psycopg.AsyncConnection.connect(
        world.endpoints.admin_conninfo, prepare_threshold=None
    )
    async with connection:
        await connection.execute(INSERT_FILLERS, (FILLERS,))
        await connection.execute("ANALYZE events")
        nodes = await plan_nodes_in(connection, refresh)
        await connection.rollback()

    read = [
        node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
        for node in nodes
        if str(node.get("Relation Name")).startswith("events")
    ]
    assert sum(read) > 0
    assert max(read) <= 20, nodes
