"""The migrator, each time on a database of its own."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from cgraph.core.migrations import Migrated, MigrationChanged, migrate
from cgraph.core.schema_files import listed
from tests.feature.conftest import MIGRATIONS, SCHEMA
from tests.feature.world import World

NOTHING = Migrated([], [])
DOUBLE = "CREATE OR REPLACE FUNCTION twice({parameters}) RETURNS {type} LANGUAGE sql RETURN n * 2;"


@dataclass(frozen=True, slots=True)
class Folders:
    """Copies of both folders, to be changed, and the database that they are for."""

    conninfo: str
    migrations: Path
    schema: Path

    def migrate(self) -> Migrated:
        return migrate(self.conninfo, migrations=self.migrations, schema=self.schema)

    def ask(self, query: str) -> list[tuple[object, ...]]:
        with psycopg.connect(self.conninfo) as connection:
            return connection.execute(query.encode()).fetchall()

    def put(self, name: str, text: str) -> None:
        """A schema file after the others, or another text for it."""
        (self.schema / name).write_text(text)
        if name not in listed(self.schema):
            with (self.schema / "order.txt").open("a") as order:
                order.write(f"{name}\n")

    def take_away(self, name: str) -> None:
        (self.schema / name).unlink()
        order = self.schema / "order.txt"
        order.write_text(order.read_text().replace(f"\n{name}\n", "\n"))

    def oids(self) -> dict[object, object]:
        """Of the functions, by name and parameters."""
        there = "SELECT oid::regprocedure::text, oid FROM pg_proc"
        return dict(self.ask(f"{there} WHERE pronamespace = 'public'::regnamespace"))  # type: ignore[arg-type]


async def new_database(world: World, *, template: str) -> str:
    """The conninfo of a copy of another database."""
    name = f"migrated_{uuid4().hex[:8]}"
    command = "CREATE DATABASE {} TEMPLATE {} OWNER cgraph"
    await world.sql(sql.SQL(command).format(sql.Identifier(name), sql.Identifier(template)))
    return psycopg.conninfo.make_conninfo(world.endpoints.conninfo, dbname=name)


def copied(conninfo: str, into: Path) -> Folders:
    migrations = shutil.copytree(MIGRATIONS, into / "migrations")
    return Folders(conninfo, migrations, shutil.copytree(SCHEMA, into / "schema"))


@pytest.fixture
async def folders(world: World, tmp_path: Path) -> Folders:
    """With an empty database."""
    return copied(await new_database(world, template="template0"), tmp_path)


@pytest.fixture(scope="module")
async def template(world: World) -> str:
    """The name of a database that has been migrated."""
    conninfo = await new_database(world, template="template0")
    migrate(conninfo, migrations=MIGRATIONS, schema=SCHEMA)
    return str(psycopg.conninfo.conninfo_to_dict(conninfo)["dbname"])


@pytest.fixture
async def migrated(world: World, template: str, tmp_path: Path) -> Folders:
    return copied(await new_database(world, template=template), tmp_path)


def names() -> list[str]:
    return sorted(path.stem for path in MIGRATIONS.glob("*.sql"))


def test_each_file_is_run_once(folders: Folders) -> None:
    assert folders.migrate() == Migrated(names(), listed(SCHEMA))
    assert folders.migrate() == NOTHING


async def test_of_several_migrators_one_does_it_all(folders: Folders) -> None:
    found = await asyncio.gather(*(asyncio.to_thread(folders.migrate) for _ in range(4)))

    assert sorted(found, key=lambda each: len(each.migrations)) == [
        *[NOTHING] * 3,
        Migrated(names(), listed(SCHEMA)),
    ]
    assert folders.ask("SELECT name FROM migrations ORDER BY 1") == [(name,) for name in names()]


def test_a_later_migration_is_applied_alone(migrated: Folders) -> None:
    (migrated.migrations / "9000_later.sql").write_text("CREATE TABLE later (id int);")

    assert migrated.migrate() == Migrated(["9000_later"], [])
    assert migrated.ask("SELECT count(*) FROM later") == [(0,)]


def test_a_migration_that_was_changed_after_it_was_applied_is_refused(migrated: Folders) -> None:
    first = migrated.migrations / f"{names()[0]}.sql"
    first.write_text(first.read_text() + "\n")

    with pytest.raises(
        MigrationChanged,
        match=rf"^{first.name} was changed after it was applied: restore the file and write the "
        r"change as a new migration$",
    ):
        migrated.migrate()


def test_a_migration_that_fails_leaves_nothing(folders: Folders) -> None:
    (folders.migrations / "9000_bad.sql").write_text("CREATE TABLE half (id int); SELECT 1 / 0;")
    with pytest.raises(psycopg.errors.DivisionByZero) as raised:
        folders.migrate()

    assert raised.value.__notes__ == ["in infra/migrations/9000_bad.sql"]
    assert folders.ask("SELECT to_regclass('half'), to_regclass('messages')") == [(None, None)]
    (folders.migrations / "9000_bad.sql").write_text("CREATE TABLE whole (id int);")
    assert folders.migrate() == Migrated([*names(), "9000_bad"], listed(SCHEMA))


def test_a_schema_file_that_fails_leaves_nothing_of_the_migrations_before_it(
    migrated: Folders,
) -> None:
    (migrated.migrations / "9000_later.sql").write_text("CREATE TABLE later (id int);")
    migrated.put("bad.sql", "CREATE OR REPLACE FUNCTION bad() RETURNS int LANGUAGE sql RETURN x;")
    with pytest.raises(psycopg.errors.UndefinedColumn) as raised:
        migrated.migrate()

    assert raised.value.__notes__ == ["in infra/schema/bad.sql"]
    assert migrated.ask("SELECT to_regclass('later')") == [(None,)]


def test_a_changed_function_is_replaced_in_its_place(migrated: Folders) -> None:
    before = migrated.oids()
    votes = migrated.schema / "forums" / "votes.sql"
    votes.write_text(votes.read_text().replace("karma = k.karma + points", "karma = points"))

    assert migrated.migrate() == Migrated([], ["forums/votes.sql"])
    assert migrated.oids() == before
    ((source,),) = migrated.ask("SELECT prosrc FROM pg_proc WHERE proname = 'add_karma'")
    assert "karma = points" in str(source)


def test_a_function_that_no_file_makes_any_more_is_dropped(migrated: Folders) -> None:
    before = migrated.oids()
    migrated.put("more.sql", DOUBLE.format(parameters="n integer", type="integer"))
    migrated.migrate()
    assert migrated.ask("SELECT twice(2)") == [(4,)]

    migrated.take_away("more.sql")
    assert migrated.migrate() == Migrated([], ["more.sql"])
    assert migrated.oids() == before


def test_what_the_schema_files_did_not_make_is_left_alone(migrated: Folders) -> None:
    by_hand = "CREATE FUNCTION by_hand() RETURNS int LANGUAGE sql RETURN 1"
    with psycopg.connect(migrated.conninfo) as connection:
        connection.execute(by_hand)
    migrated.put("more.sql", DOUBLE.format(parameters="n integer", type="integer"))
    migrated.migrate()
    migrated.put("more.sql", DOUBLE.format(parameters="n integer", type="bigint"))
    migrated.migrate()

    assert migrated.ask("SELECT by_hand(), words_of('Two words')") == [(1, ["two", "words"])]


@pytest.mark.parametrize(
    ("parameters", "type", "call"),
    [
        ("n integer", "bigint", "twice(2)"),  # another return type
        ("n integer, m integer DEFAULT 0", "integer", "twice(2)"),  # ambiguous beside the old one
        ("n bigint", "bigint", "twice(2::bigint)"),
        ("m integer, n integer", "integer", "twice(0, 2)"),
    ],
)
def test_a_function_takes_another_signature(
    migrated: Folders, parameters: str, type: str, call: str
) -> None:
    """With a function and a view that use it."""
    user = "CREATE OR REPLACE FUNCTION four() RETURNS bigint LANGUAGE sql RETURN {call};\n"
    view = "CREATE OR REPLACE VIEW fours AS SELECT four() AS n, {call} AS m;\n"
    migrated.put("more.sql", DOUBLE.format(parameters="n integer", type="integer"))
    migrated.put("user.sql", (user + view).format(call="twice(2)"))
    migrated.migrate()
    migrated.put("more.sql", DOUBLE.format(parameters=parameters, type=type))
    migrated.put("user.sql", (user + view).format(call=call))

    assert migrated.migrate().schema_files[0] == "more.sql"
    assert migrated.ask("SELECT n, m FROM fours") == [(4, 4)]
    overloads = migrated.ask("SELECT count(*) FROM pg_proc WHERE proname = 'twice'")
    assert overloads == [(1,)]
    assert migrated.migrate() == NOTHING


def test_a_view_loses_a_column_and_goes(migrated: Folders) -> None:
    migrated.put("views.sql", "CREATE OR REPLACE VIEW people AS SELECT id, username FROM users;")
    migrated.migrate()
    migrated.put("views.sql", "CREATE OR REPLACE VIEW people AS SELECT username FROM users;")
    migrated.migrate()
    assert migrated.ask("SELECT * FROM people") == []

    migrated.take_away("views.sql")
    migrated.migrate()
    assert migrated.ask("SELECT to_regclass('people')") == [(None,)]


def test_a_migration_changes_a_column_that_a_view_uses(migrated: Folders) -> None:
    """Also where no schema file changed: they are run again, because the view was dropped."""
    migrated.put("views.sql", "CREATE OR REPLACE VIEW people AS SELECT bio FROM users;")
    migrated.migrate()
    change = "ALTER TABLE users ALTER COLUMN bio TYPE varchar(500);"
    (migrated.migrations / "9000_bio.sql").write_text(change)

    found = migrated.migrate()

    assert (found.migrations, len(found.schema_files)) == (["9000_bio"], len(listed(SCHEMA)) + 1)
    assert migrated.ask("SELECT bio FROM people") == []
    assert migrated.migrate() == NOTHING


def test_a_function_that_a_table_needs_is_not_dropped(migrated: Folders) -> None:
    """It belongs in the migration of the table."""
    immutable = DOUBLE.replace("LANGUAGE sql", "LANGUAGE sql IMMUTABLE")
    migrated.put("more.sql", immutable.format(parameters="n integer", type="integer"))
    migrated.migrate()
    index = "CREATE INDEX versions_doubled ON posts (twice(version));"
    (migrated.migrations / "9000_index.sql").write_text(index)
    migrated.migrate()
    migrated.take_away("more.sql")

    with pytest.raises(psycopg.errors.DependentObjectsStillExist, match="twice"):
        migrated.migrate()
    assert migrated.ask("SELECT twice(2)") == [(4,)]
