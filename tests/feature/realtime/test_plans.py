"""What is asked for each frame and each catch-up is found by indexes, however much there is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from cgraph.core.database import Transaction
from cgraph.realtime import queries
from cgraph.sync import queries as sync_queries
from tests.feature.plans import plan_nodes
from tests.feature.world import Person, World

BY_INDEX = {"Index Scan", "Index Only Scan", "Bitmap Heap Scan"}


async def scans_of(
    world: World, ask: Callable[[Transaction], Awaitable[object]]
) -> list[dict[str, Any]]:
    """The scans of tables. Small ones are read whole unless that is forbidden."""

    async def ask_without_seqscan(tx: Transaction) -> None:
        await tx.execute("SET enable_seqscan = off", {})
        await ask(tx)

    nodes = await plan_nodes(world, ask_without_seqscan)
    return [node for node in nodes if "Relation Name" in node]


@pytest.mark.parametrize("question", ["heads_of", "access_to_subscribe", "count_readers"])
async def test_realtime_queries_use_indexes(world: World, question: str) -> None:
    some = [uuid4() for _ in range(2000)]
    asked: dict[str, Callable[[Transaction], Awaitable[Any]]] = {
        "heads_of": lambda tx: queries.heads_of(tx, reader=uuid4(), streams=some),
        "access_to_subscribe": lambda tx: queries.access_to_subscribe(
            tx, reader=uuid4(), ids=some[:50]
        ),
        "count_readers": lambda tx: queries.count_readers(tx, conversation_id=uuid4(), seq=1),
    }
    scans = await scans_of(world, asked[question])

    assert scans
    assert {scan["Node Type"] for scan in scans} <= BY_INDEX, scans


async def test_the_greeting_uses_indexes(world: World, ada: Person, grace: Person) -> None:
    await ada.converse(grace)
    ((session,),) = await world.sql("SELECT id FROM sessions WHERE user_id = %s", ada.id)

    async def greet(tx: Transaction) -> None:
        row = await sync_queries.greeting(tx, session_id=session, reader=UUID(ada.id), limit=400)
        assert row is not None
        assert sorted(row.kinds) == ["conv", "user"]

    scans = await scans_of(world, greet)
    assert {scan["Relation Name"] for scan in scans} >= {
        "sessions", "users", "streams", "conversation_members",
    }  # fmt: skip
    assert {scan["Node Type"] for scan in scans} <= BY_INDEX, scans
