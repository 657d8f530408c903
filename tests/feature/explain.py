"""The plan that Postgres makes for a query of the package."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, LiteralString

import psycopg

from tests.feature.world import World


class ExplainingTransaction:
    """Passes for a Transaction: keeps the plan of each query and returns no rows."""

    def __init__(self, world: World) -> None:
        self.plans: list[str] = []
        self._conninfo = world.endpoints.admin_conninfo

    async def fetch(
        self, row: type[Any], query: LiteralString, values: Mapping[str, Any]
    ) -> list[Any]:
        async with await psycopg.AsyncConnection.connect(self._conninfo) as connection:
            cursor = await connection.execute("EXPLAIN " + query, values)
            self.plans.append("\n".join(line for (line,) in await cursor.fetchall()))
        return []

    async def fetch_one(
        self, row: type[Any], query: LiteralString, values: Mapping[str, Any]
    ) -> None:
        await self.fetch(row, query, values)
