"""A running system whose functions read at a streaming replica of Postgres."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg

from cgraph.core.recent_changes import key_of
from cgraph_local.core.home import CHECKOUT
from tests.person import Person
from tests.prepared_home import start_prepared
from tests.system import LocalSystem

STATEMENTS = """
    SELECT coalesce(sum(calls), 0)::bigint FROM pg_stat_statements
    WHERE userid = 'cgraph'::regrole AND query NOT LIKE '%reader_lag_ms%'
"""


def start_replicated(folder: Path, *, checkout: Path = CHECKOUT) -> LocalSystem:
    return start_prepared(folder, checkout=checkout, CGRAPH_RATE_LIMITS="off", CGRAPH_REPLICA="1")


def statements(system: LocalSystem) -> tuple[int, int]:
    """Those of the functions at the primary and at the replica, since the start."""
    counts = []
    for conninfo in (system.endpoints.admin_conninfo, system.endpoints.replica_conninfo):
        with psycopg.connect(conninfo, autocommit=True) as connection:
            ((number,),) = connection.execute(STATEMENTS.encode()).fetchall()
            counts.append(int(number))
    return counts[0], counts[1]


def forget_changes(system: LocalSystem, *people: Person) -> None:
    """As if it had been long ago that they have written or heard of anything."""
    with system.valkey() as valkey:
        for person in people:
            valkey.delete(key_of(person.id))


@contextmanager
def replay_paused(system: LocalSystem) -> Iterator[None]:
    """The replica answers, but has nothing that is committed inside the block."""
    with psycopg.connect(system.endpoints.replica_conninfo, autocommit=True) as replica:
        replica.execute("SELECT pg_wal_replay_pause()")
        try:
            yield
        finally:
            with suppress(psycopg.errors.SerializationFailure):
                # Replay that goes on may cancel the very statement that let it.
                replica.execute("SELECT pg_wal_replay_resume()")


def await_replay(system: LocalSystem) -> None:
    """Returns when the replica has all that the primary has committed so far."""
    with (
        psycopg.connect(system.endpoints.admin_conninfo, autocommit=True) as primary,
        psycopg.connect(system.endpoints.replica_conninfo, autocommit=True) as replica,
    ):
        ((position,),) = primary.execute("SELECT pg_current_wal_lsn()::text").fetchall()
        replica.execute("SET statement_timeout = '20s'")
        wait = """
            DO $$ BEGIN
                WHILE pg_last_wal_replay_lsn() < '{}' LOOP PERFORM pg_sleep(0.01); END LOOP;
            END $$
        """
        replica.execute(wait.format(position).encode())
