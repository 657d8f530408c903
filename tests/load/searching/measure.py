"""Times searches in tables of different sizes, each in a database of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from psycopg import AsyncConnection, connect
from psycopg.sql import SQL, Identifier
from psycopg.types.json import set_json_loads
from pydantic_core import from_json

from cgraph.core.database import Transaction
from cgraph_local.services import Endpoints
from tests.load.figures import quantiles
from tests.load.flatness.database import cpu_seconds, running_postgres
from tests.load.rows import bulk_connection
from tests.load.searching.queries import Search, series
from tests.load.searching.rows import write_search_documents
from tests.load.session import Session

WARM_UP_CALLS = 2
SETTLE_SECONDS = 0.002
GOAL = 1.3


@dataclass(frozen=True, slots=True)
class SearchTime:
    """Milliseconds of CPU time in Postgres of one search, at the smaller and at the larger size."""

    series: str
    query: str
    sizes: tuple[int, int]
    medians: tuple[float, float]
    p95: tuple[float, float]

    @property
    def ratio(self) -> float:
        return self.p95[1] / max(0.001, self.p95[0])


async def search_flatness(session: Session) -> list[SearchTime]:
    sizes = session.sizes
    async with running_postgres(session.folder / "searching") as endpoints:
        for size in sizes.flat_documents:
            session.progress.print(f"{size:,} documents")
            await asyncio.to_thread(_fill, endpoints, size)
        async with _connections(endpoints, sizes.flat_documents) as connections:
            return [
                await _measure(connections, name, query, searches, calls=sizes.searches)
                for name, queries in series().items()
                for query, searches in queries.items()
            ]


def lines(times: Sequence[SearchTime]) -> Iterator[str]:
    small, large = times[0].sizes
    yield "CPU ms in Postgres of one search: median and 95th percentile; the ratio of the latter"
    yield f"{'':<52}{small:>19,}{large:>19,}     ratio"
    for time in times:
        pairs = zip(time.medians, time.p95, strict=True)
        figures = "".join(f"{median:>10.2f}{p95:>9.2f}" for median, p95 in pairs)
        goal = "✓" if time.ratio <= GOAL else "✗"
        yield f"  {time.series}: {time.query}".ljust(52) + f"{figures}   {time.ratio:.2f} × {goal}"


def _fill(endpoints: Endpoints, size: int) -> None:
    """A database with the schema and so many documents."""
    server = endpoints.admin_conninfo.replace("dbname=cgraph", "dbname=postgres")
    with connect(server, autocommit=True) as connection:
        connection.execute(
            SQL("CREATE DATABASE {} TEMPLATE cgraph OWNER cgraph").format(Identifier(_name(size)))
        )
    with bulk_connection(_at(endpoints.admin_conninfo, size)) as rows:
        write_search_documents(rows, documents=size)


@asynccontextmanager
async def _connections(
    endpoints: Endpoints, sizes: Sequence[int]
) -> AsyncIterator[dict[int, AsyncConnection[Any]]]:
    async with AsyncExitStack() as stack:
        connections = {}
        for size in sizes:
            connection = await AsyncConnection.connect(
                _at(endpoints.conninfo, size), autocommit=True, prepare_threshold=None
            )
            connections[size] = await stack.enter_async_context(connection)
            set_json_loads(from_json, connection)
        yield connections


async def _measure(
    connections: dict[int, AsyncConnection[Any]],
    name: str,
    query: str,
    searches: Sequence[Search],
    *,
    calls: int,
) -> SearchTime:
    """The sizes in turns, so that other load on the machine affects them alike."""
    times: dict[int, list[float]] = {size: [] for size in connections}
    for number in range(WARM_UP_CALLS + calls):
        for size, connection in connections.items():
            before = cpu_seconds(connection)
            await searches[number % len(searches)](Transaction(connection))
            await asyncio.sleep(SETTLE_SECONDS)
            after = cpu_seconds(connection)
            if number >= WARM_UP_CALLS and before is not None and after is not None:
                times[size].append(1000 * (after - before))
    small, large = (quantiles(times[size]) for size in sorted(times))
    return SearchTime(
        name, query, (min(times), max(times)), (small.p50, large.p50), (small.p95, large.p95)
    )


def _name(size: int) -> str:
    return f"documents_{size}"


def _at(conninfo: str, size: int) -> str:
    return conninfo.replace("dbname=cgraph", f"dbname={_name(size)}")
