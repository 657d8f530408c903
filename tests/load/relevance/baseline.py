"""What Postgres finds without a search engine of ours: `ts_rank` over all texts."""

from __future__ import annotations

from typing import Any, LiteralString
from uuid import UUID

from psycopg import AsyncConnection

from tests.load.relevance.collection import JudgedCollection

_TABLE: LiteralString = """
    CREATE TEMP TABLE baseline_texts (id uuid PRIMARY KEY, words tsvector NOT NULL)
"""

_INSERT: LiteralString = """
    INSERT INTO baseline_texts VALUES (%s, to_tsvector('english', %s || ' ' || %s))
"""

_RANK: LiteralString = """
    SELECT id
    FROM baseline_texts,
         LATERAL (SELECT replace(plainto_tsquery('english', %(text)s)::text, '&', '|')::tsquery
                         AS any_word) AS query
    WHERE words @@ any_word
    ORDER BY ts_rank(words, any_word) DESC, id
    LIMIT %(limit)s
"""


class Baseline:
    """Any word of the query may match: of a question, no text has all of them."""

    name = "ts_rank"

    def __init__(self, connection: AsyncConnection[Any]) -> None:
        self._connection = connection

    async def index(self, collection: JudgedCollection) -> None:
        await self._connection.execute(_TABLE)
        async with self._connection.cursor() as cursor:
            await cursor.executemany(
                _INSERT, [(text.id, text.title, text.body) for text in collection.texts]
            )

    async def find(self, text: str, *, limit: int) -> list[UUID]:
        cursor = await self._connection.execute(_RANK, {"text": text, "limit": limit})
        return [row[0] for row in await cursor.fetchall()]
