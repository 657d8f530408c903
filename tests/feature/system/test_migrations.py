"""The migrator, each time on a database of its own."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from cgraph.core.migrations import MigrationChanged, migrate
from tests.feature.conftest import MIGRATIONS
from tests.feature.world import World


@pytest.fixture
async def conninfo(world: World) -> str:
    """Of an empty database."""
    name = f"migrated_{uuid4().hex[:8]}"
    await world.sql(sql.SQL("CREATE DATABASE {} OWNER cgraph").format(sql.Identifier(name)))
    return psycopg.conninfo.make_conninfo(world.endpoints.conninfo, dbname=name)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the migrations, to be changed."""
    return Path(shutil.copytree(MIGRATIONS, tmp_path / "migrations"))


def ask(conninfo: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(conninfo) as connection:
        return connection.execute(query.encode()).fetchall()


def names() -> list[str]:
    return sorted(path.stem for path in MIGRATIONS.glob("*.sql"))


async def test_each_file_once(conninfo: str) -> None:
    assert await asyncio.to_thread(migrate, conninfo, MIGRATIONS) == names()
    assert await asyncio.to_thread(migrate, conninfo, MIGRATIONS) == []


async def test_from_several_places_at_once(conninfo: str) -> None:
    applied = await asyncio.gather(
        *(asyncio.to_thread(migrate, conninfo, MIGRATIONS) for _ in range(4))
    )

    assert sorted(name for each in applied for name in each) == names()
    assert ask(conninfo, "SELECT name FROM migrations ORDER BY 1") == [(name,) for name in names()]


async def test_a_later_file_is_applied_alone(conninfo: str, folder: Path) -> None:
    migrate(conninfo, folder)
    (folder / "9000_later.sql").write_text("CREATE TABLE later (id int);")

    assert migrate(conninfo, folder) == ["9000_later"]
    assert ask(conninfo, "SELECT count(*) FROM later") == [(0,)]


async def test_a_file_that_was_changed_since_is_refused(conninfo: str, folder: Path) -> None:
    migrate(conninfo, folder)
    first = folder / f"{names()[0]}.sql"
    first.write_text(first.read_text() + "\n")

    with pytest.raises(MigrationChanged, match=first.name):
        migrate(conninfo, folder)


async def test_a_file_that_fails_leaves_nothing(conninfo: str, folder: Path) -> None:
    (folder / "9000_bad.sql").write_text("CREATE TABLE half (id int); SELECT 1 / 0;")
    with pytest.raises(psycopg.errors.DivisionByZero):
        migrate(conninfo, folder)

    assert ask(conninfo, "SELECT to_regclass('half'), to_regclass('messages')::text") == [
        (None, "messages")
    ]
    (folder / "9000_bad.sql").write_text("CREATE TABLE whole (id int);")
    assert migrate(conninfo, folder) == ["9000_bad"]
