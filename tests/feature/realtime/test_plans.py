"""What is asked for each frame and each catch-up is found by indexes, however much there is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, LiteralString, cast
from uuid import UUID, uuid4

import psycopg
import pytest

from cgraph.core.database import Transaction
from cgraph.realtime import queries
from cgraph.sync import queries as sync_queries
from tests.feature.plans import assert_index_scans, plan_nodes
from tests.feature.world import Person, World


class Explaining:
    """Answers nothing and keeps the plan. Small tables are read whole unless that is forbidden."""

    def __init__(self, world: World) -> None:
        self.plan = ""
        self._conninfo = world.endpoints.admin_conninfo

    async def fetch(
        self, row: type[Any], query: LiteralString, values: Mapping[str, Any]
    ) -> list[Any]:
        connection = await psycopg.AsyncConnection.connect(self._conninfo)
        async with connection:
            await connection.execute("SET LOCAL enable_seqscan = off")
            cursor = await connection.execute("EXPLAIN " + query, values)
            self.plan = "\n".join(line for (line,) in await cursor.fetchall())
        return []

    async def fetch_one(self, *arguments: Any) -> None:
        await self.fetch(*arguments)


@pytest.mark.parametrize("question", ["heads_of", "access_to_subscribe", "count_readers"])
async def test_realtime_queries_use_indexes(world: World, question: str) -> None:
    explaining = Explaining(world)
    tx, some = cast(Transaction, explaining), [uuid4() for _ in range(2000)]
    asked: dict[str, Callable[[], Awaitable[Any]]] = {
        "heads_of": lambda: queries.heads_of(tx, reader=uuid4(), streams=some),
        "access_to_subscribe": lambda: queries.access_to_subscribe(
            tx, reader=uuid4(), ids=some[:50]
        ),
        "count_readers": lambda: queries.count_readers(tx, conversation_id=uuid4(), seq=1),
    }
    await asked[question]()

    assert "Index" in explaining.plan
    assert "Seq Scan" not in explaining.plan, explaining.plan


async def test_the_greeting_uses_indexes(world: World, ada: Person, grace: Person) -> None:
    await ada.converse(grace)
    ((session,),) = await world.sql("SELECT id FROM sessions WHERE user_id = %s", ada.id)

    async def greet(tx: Transaction) -> None:
        await tx.execute("SET enable_seqscan = off", {})  # small tables are read whole
        row = await sync_queries.greeting(tx, session_id=session, reader=UUID(ada.id), limit=400)
        assert row is not None
        assert sorted(row.kinds) == ["conv", "user"]

    nodes = [node for node in await plan_nodes(world, greet) if node.get("Actual Rows")]
    tables = {"sessions", "users", "streams", "conversation_members"}
    assert_index_scans(nodes, tables=tables, rows=2)
