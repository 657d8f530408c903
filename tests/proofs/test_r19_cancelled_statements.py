"""R19, where replay meets a statement: the reader cancels it or ends, and the primary answers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from uuid import uuid4

import psycopg
import pytest

from tests.feature.conftest import environment, processes
from tests.proofs.replicated import await_replay
from tests.system import LocalSystem

pytestmark = pytest.mark.usefixtures("only_in_full")
"""The proofs R1 and R12 in `make test` kill functions, not statements."""

WHERE = "SELECT inet_server_port() AS port FROM pg_sleep(%(seconds)s)"
SECONDS = 1.8
"""Longer than replay waits for a statement."""


@dataclass(frozen=True, slots=True)
class Where:
    port: int


def read_for(seconds: float) -> int:
    """In a process of its own: at which server, for somebody who has not written anything."""
    from cgraph.core import database, loop
    from cgraph.core.caller import Caller
    from cgraph.core.ids import SessionId, UserId
    from cgraph.core.policies import SIGNED_IN

    caller = Caller(UserId(uuid4()), SessionId(uuid4()), SIGNED_IN, lag_ms_at_most=5000)

    async def read() -> int:
        async with database.reading(caller) as tx:
            (row,) = await tx.fetch(Where, WHERE, {"seconds": seconds})
        return row.port

    return loop.run(read())


def replay_removes_rows(system: LocalSystem) -> None:
    """Which the statement could still need: it has begun before they were deleted."""
    name = f"rows_{uuid4().hex}"
    with psycopg.connect(system.endpoints.admin_conninfo, autocommit=True) as primary:
        for statement in (
            f"CREATE TABLE {name} AS SELECT generate_series(1, 1000)",
            f"DELETE FROM {name}",
            f"VACUUM {name}",
        ):
            primary.execute(statement.encode())


def backends_are_terminated(system: LocalSystem) -> None:
    """As by a failover."""
    with psycopg.connect(system.endpoints.replica_conninfo, autocommit=True) as replica:
        replica.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'cgraph'"
        )


@pytest.mark.parametrize(
    ("disturb", "reason"),
    [
        (replay_removes_rows, "canceling statement due to conflict with recovery"),
        (backends_are_terminated, "terminating connection due to administrator command"),
    ],
)
async def test_the_primary_answers_what_the_reader_began(
    replicated: LocalSystem, disturb: Callable[[LocalSystem], None], reason: str
) -> None:
    await asyncio.to_thread(await_replay, replicated)
    variables = environment(replicated.endpoints, gateway="http://127.0.0.1:1")
    with processes(1, variables) as pool:
        undisturbed = await answered_by(pool, seconds=0)
        answer = answered_by(pool, seconds=SECONDS)
        await running_at_the_replica(replicated)
        await asyncio.to_thread(disturb, replicated)
        ports = undisturbed, await answer
    endpoints = replicated.endpoints

    assert ports == (endpoints.replica_port, endpoints.postgres_port)
    assert reason in (replicated.home.logs / "replica.log").read_text()


def answered_by(pool: ProcessPoolExecutor, *, seconds: float) -> asyncio.Future[int]:
    return asyncio.wrap_future(pool.submit(read_for, seconds))


async def running_at_the_replica(system: LocalSystem) -> None:
    """Raises TimeoutError."""
    query = """
        SELECT count(*) FROM pg_stat_activity
        WHERE state = 'active' AND query LIKE '%pg_sleep($1)' AND pid <> pg_backend_pid()
    """
    with psycopg.connect(system.endpoints.replica_conninfo, autocommit=True) as replica:
        async with asyncio.timeout(20):
            while replica.execute(query.encode()).fetchall() == [(0,)]:
                await asyncio.sleep(0.05)
