"""Finding who is mentioned reads the index of names, however many users there are."""

from __future__ import annotations

from typing import LiteralString

import psycopg
import pytest

from cgraph.core.database import Transaction
from tests.feature.conversation import Conversation
from tests.feature.forum import new_forum
from tests.feature.plans import assert_index_scans, plan_nodes_in
from tests.feature.world import Person, World

USERS = 20_000
NAMES = ["nobody.", "everyone", "person-7..."]


@pytest.mark.parametrize("function", ["mentioned_members", "mentioned_readers"])
async def test_mentioned_names_are_looked_up_in_an_index(
    world: World, ada: Person, group: Conversation, function: LiteralString
) -> None:
    place = group.id if function == "mentioned_members" else (await new_forum(ada)).id
    connection = await psycopg.AsyncConnection.connect(
        world.endpoints.admin_conninfo, prepare_threshold=None
    )

    async def find(tx: Transaction) -> None:
        values = {"place": place, "author": ada.id, "names": NAMES}
        query: LiteralString = f"SELECT {function}(%(place)s, %(author)s, %(names)s)"
        await tx.execute(query, values)

    async with connection:
        await connection.execute(
            """
            INSERT INTO users (id, username, email, display_name, password_hash, created_at)
            SELECT gen_random_uuid(), 'filler-' || n, n || '@filler.example', 'F', '', now()
            FROM generate_series(1, %s) AS n
            """,
            (USERS,),
        )
        await connection.execute("ANALYZE users")
        nodes = await plan_nodes_in(connection, find)
        await connection.rollback()

    assert any(node.get("Index Name") == "users_username_key" for node in nodes)
    assert_index_scans(nodes, tables={"users"}, rows=20)
