"""A running system whose functions read at a streaming replica of Postgres."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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


@dataclass(frozen=True, slots=True)
class Watch:
    """Connections to both servers: a new one for each question takes longer than the question."""

    primary: psycopg.Connection[Any]
    replica: psycopg.Connection[Any]

    def statements(self) -> tuple[int, int]:
        """Those of the functions at the primary and at the replica, since the start."""
        both = (self.primary, self.replica)
        first, second = (each.execute(STATEMENTS.encode()).fetchall()[0][0] for each in both)
        return int(first), int(second)

    def await_replay(self) -> None:
        """Returns when the replica has all that the primary has committed so far."""
        ((position,),) = self.primary.execute("SELECT pg_current_wal_lsn()::text").fetchall()
        self.replica.execute("SET statement_timeout = '20s'")
        wait = """
            DO $$ BEGIN
                WHILE pg_last_wal_replay_lsn() < '{}' LOOP PERFORM pg_sleep(0.01); END LOOP;
            END $$
        """
        while True:
            try:
                self.replica.execute(wait.format(position).encode())
                return
            except psycopg.errors.SerializationFailure:
                continue  # replay has cancelled the very statement that waits for it


@contextmanager
def watching(system: LocalSystem) -> Iterator[Watch]:
    with (
        psycopg.connect(system.endpoints.admin_conninfo, autocommit=True) as primary,
        psycopg.connect(system.endpoints.replica_conninfo, autocommit=True) as replica,
    ):
        yield Watch(primary, replica)


def statements(system: LocalSystem) -> tuple[int, int]:
    with watching(system) as watch:
        return watch.statements()


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
    with watching(system) as watch:
        watch.await_replay()
