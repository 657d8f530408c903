"""Postgres as a search target."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from psycopg import AsyncConnection
from psycopg.types.json import set_json_loads
from pydantic_core import from_json

from cgraph.core.database import Transaction
from cgraph.search.engine import Document, DocumentKey
from cgraph.search.postgres.engine import PostgresEngine
from cgraph.search.postgres.writing import write_documents


class PostgresTarget:
    """Beside what else is in the table."""

    name = "postgres"

    def __init__(self, connection: AsyncConnection[Any]) -> None:
        self.connection = connection
        self.tx = Transaction(connection)
        self.engine = PostgresEngine(self.tx)

    async def write(self, documents: Sequence[Document]) -> None:
        await write_documents(self.tx, documents=documents, deleted=(), version=0)

    async def delete(self, keys: Sequence[DocumentKey], *, version: int) -> None:
        await write_documents(self.tx, documents=(), deleted=keys, version=version)


@asynccontextmanager
async def postgres_target(conninfo: str) -> AsyncIterator[PostgresTarget]:
    """Connected as the functions are: without prepared statements."""
    async with await AsyncConnection.connect(
        conninfo, autocommit=True, prepare_threshold=None
    ) as connection:
        set_json_loads(from_json, connection)
        yield PostgresTarget(connection)
