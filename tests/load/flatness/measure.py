"""Times the queries of each series."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from tests.load.crowd import insert_users
from tests.load.figures import median
from tests.load.flatness.database import (
    TimedTransaction,
    connected,
    cpu_seconds,
    running_postgres,
)
from tests.load.flatness.queries import Query
from tests.load.flatness.series import PEOPLE, SERIES, Queries, Series, prepared
from tests.load.rows import Connection, bulk_connection
from tests.load.session import Session
from tests.load.sizes import Sizes

WARM_UP_CALLS = 6
"""The sixth call of a function's statement gets the plan that stays."""
SETTLE_SECONDS = 0.002
"""Until Postgres has counted the CPU time of the last statement."""


@dataclass(frozen=True, slots=True)
class Time:
    """Of one call, medians: `cpu_ms` in Postgres, None where the system does not tell it; `ms`
    until the answer is there.
    """

    size: int
    cpu_ms: float | None
    ms: float


@dataclass(frozen=True, slots=True)
class Curve:
    """`full_page`: the size from which a page is full."""

    series: str
    query: str
    full_page: int
    times: list[Time]


async def flatness(session: Session) -> list[Curve]:
    """In a Postgres of its own."""
    sizes = session.sizes
    async with running_postgres(session.folder / "flatness") as endpoints:
        number = max(PEOPLE, *sizes.flat_members)
        people = [user.id for user in insert_users(endpoints.conninfo, number)]
        with bulk_connection(endpoints.admin_conninfo) as rows:
            curves: list[Curve] = []
            for series in SERIES:
                session.progress.print(f"{series.name}: {_text(series.sizes(sizes))}")
                async with connected(endpoints) as connection:
                    curves += await _measure(series, connection, rows, people, sizes)
    return curves


async def _measure(
    series: Series,
    connection: AsyncConnection[Any],
    rows: Connection,
    people: Sequence[UUID],
    sizes: Sizes,
) -> list[Curve]:
    times: defaultdict[str, list[Time]] = defaultdict(list)
    async for ready in prepared(series, rows, people, sizes):
        for name in ready[0].queries:
            times[name] += await _in_turns(connection, ready, name, sizes)
    return [Curve(series.name, name, series.full_page, each) for name, each in times.items()]


async def _in_turns(
    connection: AsyncConnection[Any], ready: Sequence[Queries], name: str, sizes: Sizes
) -> list[Time]:
    """The sizes in turns, so that other load on the machine affects them alike."""
    results: Mapping[int, list[tuple[float | None, float]]] = {each.size: [] for each in ready}
    for each in ready:
        await _call(connection, each.queries[name], calls=WARM_UP_CALLS)
    for turn in range(sizes.flat_rounds):
        for each in ready if turn % 2 == 0 else reversed(ready):
            results[each.size].append(
                await _call(connection, each.queries[name], calls=sizes.calls)
            )
    return [
        Time(size, _median_cpu([cpu for cpu, _ in some]), median(took for _, took in some))
        for size, some in results.items()
    ]


def _median_cpu(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None


async def _call(
    connection: AsyncConnection[Any], query: Query, *, calls: int
) -> tuple[float | None, float]:
    """Returns the milliseconds of CPU time in Postgres, and of the statements, of one call."""
    before, seconds = cpu_seconds(connection), 0.0
    for _ in range(calls):
        unit = TimedTransaction(connection)
        await query(unit)
        seconds += unit.seconds
    await asyncio.sleep(SETTLE_SECONDS)
    after = cpu_seconds(connection)
    cpu = None if before is None or after is None else 1000 * (after - before) / calls
    return cpu, 1000 * seconds / calls


def _text(sizes: Sequence[int]) -> str:
    return ", ".join(f"{size:,}" for size in sizes)
