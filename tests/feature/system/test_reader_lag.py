from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from tests.feature.world import World

AURORA = """
    CREATE FUNCTION aurora_replica_status() RETURNS TABLE (
        server_id text, session_id text, replica_lag_in_msec double precision,
        last_update_timestamp timestamptz
    ) LANGUAGE sql AS $$ VALUES {} $$
"""
"""The columns that are used, of https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/
aurora_replica_status.html
"""

WRITER = "('writer', 'MASTER_SESSION_ID', NULL::double precision, now())"


@pytest.fixture
def database(world: World) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    with psycopg.connect(world.endpoints.admin_conninfo) as connection:
        yield connection
        connection.rollback()


def lag(database: psycopg.Connection[tuple[object, ...]], *rows: str) -> float | None:
    if rows:
        database.execute(AURORA.format(", ".join(rows)).encode())
    ((found,),) = database.execute("SELECT reader_lag_ms()").fetchall()
    assert found is None or isinstance(found, float)
    return found


def test_the_primary_is_not_behind(database: psycopg.Connection[tuple[object, ...]]) -> None:
    assert lag(database) == 0


def test_the_slowest_of_auroras_readers_counts(
    database: psycopg.Connection[tuple[object, ...]],
) -> None:
    """The one that is asked has no time. The lag of another is as old as its last message."""
    asked = "('asked', 'a', 30, NULL)"
    other = "('other', 'b', 20, clock_timestamp() - interval '0.5 s')"

    found = lag(database, WRITER, asked, other)

    assert found is not None
    assert 520 <= found < 5000


def test_a_reader_that_has_gone_does_not_count(
    database: psycopg.Connection[tuple[object, ...]],
) -> None:
    gone = "('gone', 'b', 20, clock_timestamp() - interval '2 min')"

    assert lag(database, WRITER, "('asked', 'a', 30, NULL)", gone) == 30


def test_without_a_reader_that_tells_the_lag_is_unknown(
    database: psycopg.Connection[tuple[object, ...]],
) -> None:
    assert lag(database, WRITER) is None
