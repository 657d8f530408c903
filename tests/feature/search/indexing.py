"""Documents and the changes of them, in tests: what a follower of the log would read."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import psycopg

from cgraph.core.database import Transaction
from cgraph.search.documents import read_documents
from cgraph.search.engine import Document, DocumentKey, DocumentType
from tests.feature.world import World


@asynccontextmanager
async def transaction(world: World) -> AsyncIterator[Transaction]:
    """As the superuser."""
    async with await psycopg.AsyncConnection.connect(
        world.endpoints.admin_conninfo, prepare_threshold=None
    ) as connection:
        yield Transaction(connection)


async def documents_of(world: World, type: DocumentType, *ids: object) -> dict[UUID, Document]:
    keys = [DocumentKey(type, UUID(str(id))) for id in ids]
    async with transaction(world) as tx:
        return {each.key.id: each for each in (await read_documents(tx, keys)).documents}


async def document_of(world: World, type: DocumentType, id: object) -> Document | None:
    return (await documents_of(world, type, id)).get(UUID(str(id)))
