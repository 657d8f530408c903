"""Documents and the changes of them, in tests: what a follower of the log would read."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import psycopg

from cgraph.core import loop
from cgraph.core.database import Transaction
from cgraph.events.consumers import consume_batch
from cgraph.search.consumer import CONSUMER
from cgraph.search.documents import read_documents
from cgraph.search.engine import Document, DocumentKey, DocumentType
from tests.feature.world import World


@asynccontextmanager
async def transaction(conninfo: str) -> AsyncIterator[Transaction]:
    """As the superuser; nothing of it stays."""
    async with await psycopg.AsyncConnection.connect(conninfo, prepare_threshold=None) as open:
        yield Transaction(open)
        await open.rollback()


async def documents_of(world: World, type: DocumentType, *ids: object) -> dict[UUID, Document]:
    keys = [DocumentKey(type, UUID(str(id))) for id in ids]
    async with transaction(world.endpoints.admin_conninfo) as tx:
        return {each.key.id: each for each in (await read_documents(tx, keys)).documents}


async def document_of(world: World, type: DocumentType, id: object) -> Document | None:
    return (await documents_of(world, type, id)).get(UUID(str(id)))


def follow() -> int:
    """Runs the consumer until it has caught up, in an execution environment. Returns how many
    events it has done.
    """
    total = 0
    while not (progress := loop.run(consume_batch(CONSUMER, shard=0))).caught_up or progress.waits:
        total += progress.events
        if progress.waits:  # for an autovacuum, say
            time.sleep(0.02)
    return total


async def index(world: World) -> None:
    """What has happened so far is then in the index, scores too."""
    await world.sql("SELECT log_changed_scores(100000)")
    await world.run(follow)
