"""The index in Postgres, compared with what the tables say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, LiteralString
from uuid import UUID

import psycopg

from cgraph.core.database import Transaction
from cgraph.search.documents import BATCH, read_documents
from cgraph.search.engine import DocumentKey
from cgraph.search.postgres.writing import write_documents

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
