"""Documents and the changes of them, in tests: what a follower of the log would read."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, LiteralString
from uuid import UUID

import psycopg

from cgraph.core import loop
from cgraph.core.database import Transaction
from cgraph.events.consumers import consume_batch
from cgraph.search.consumer import CONSUMER
from cgraph.search.documents import BATCH, read_documents
from cgraph.search.engine import Document, DocumentKey, DocumentType
from cgraph.search.postgres.writing import write_documents
from tests.feature.world import World

Index = dict[tuple[str, UUID], tuple[Any, ...]]
"""Documents without what says when they were written."""

INDEXED: LiteralString = """
    SELECT type, id, created_at, seq, score, is_public, is_answered, is_accepted, place_id,
           seen_by, author_id, post_id, tags, features, words::text
    FROM search_documents WHERE deleted_at IS NULL
      AND (%(places)s::uuid[] IS NULL OR place_id = ANY (%(places)s) OR id = ANY (%(places)s))
    """
KEYS: LiteralString = """
    SELECT type, id
    FROM (SELECT 'message' AS type, id, conversation_id AS place_id FROM messages
          UNION ALL SELECT 'post', id, forum_id FROM posts
          UNION ALL SELECT 'comment', c.id, p.forum_id
                    FROM comments c JOIN posts p ON p.id = c.post_id
          UNION ALL SELECT 'forum', id, id FROM forums
          UNION ALL SELECT 'user', id, id FROM users) AS each
    WHERE %(places)s::uuid[] IS NULL OR place_id = ANY (%(places)s)
    """


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
    while not (progress := loop.run(consume_batch(CONSUMER, shard=0))).caught_up:
        total += progress.events
    return total


async def index(world: World) -> None:
    """What has happened so far is then in the index, scores too."""
    await world.sql("SELECT log_changed_scores(100000)")
    await world.run(follow)


async def indexed(conninfo: str, places: Sequence[UUID] | None = None) -> Index:
    """`places`: conversations, forums and users; None for all."""
    async with await psycopg.AsyncConnection.connect(conninfo) as connection:
        return await _indexed(connection, places)


async def rebuilt(conninfo: str, places: Sequence[UUID] | None = None) -> Index:
    """The index as it would be if it were made of the tables now."""
    async with await psycopg.AsyncConnection.connect(conninfo) as connection:
        tx = Transaction(connection)
        rows = await (await connection.execute(KEYS, {"places": _list(places)})).fetchall()
        keys = [DocumentKey(type, id) for type, id in rows]
        await connection.execute("DELETE FROM search_documents")
        for start in range(0, len(keys), BATCH):
            read = await read_documents(tx, keys[start : start + BATCH])
            await write_documents(tx, documents=read.documents, deleted=(), version=read.version)
        found = await _indexed(connection, places)
        await connection.rollback()
        return found


async def _indexed(
    connection: psycopg.AsyncConnection[Any], places: Sequence[UUID] | None
) -> Index:
    rows = await (await connection.execute(INDEXED, {"places": _list(places)})).fetchall()
    return {(row[0], row[1]): row[2:] for row in rows}


def _list(places: Sequence[UUID] | None) -> list[UUID] | None:
    return None if places is None else list(places)


def differences(one: Index, other: Index) -> dict[tuple[str, UUID], tuple[Any, Any]]:
    return {
        key: (one.get(key), other.get(key))
        for key in one.keys() | other.keys()
        if one.get(key) != other.get(key)
    }
