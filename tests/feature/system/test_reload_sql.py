"""What the running local cloud does when a file of SQL changes."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

import pytest
from psycopg import sql

from cgraph_local import migrations
from cgraph_local.home import Home
from cgraph_local.services import Endpoints
from tests.feature.conftest import MIGRATIONS, SCHEMA
from tests.feature.world import World


@dataclass(frozen=True, slots=True)
class Checkout:
    """Copies of both folders, applied to a database of their own."""

    home: Home
    endpoints: Endpoints
    migrations: Path
    schema: Path

    def reload(self) -> list[str]:
        return migrations.reload_home(self.home, endpoints=self.endpoints)


@pytest.fixture
async def checkout(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    name = f"reloaded_{uuid4().hex[:8]}"
    await world.sql(sql.SQL("CREATE DATABASE {} OWNER cgraph").format(sql.Identifier(name)))
    checkout = Checkout(
        Home(tmp_path / "home"),
        replace(world.endpoints, database=name),
        shutil.copytree(MIGRATIONS, tmp_path / "migrations"),
        shutil.copytree(SCHEMA, tmp_path / "schema"),
    )
    monkeypatch.setattr(migrations, "MIGRATIONS", checkout.migrations)
    monkeypatch.setattr(migrations, "SCHEMA", checkout.schema)
    migrations.migrate_home(checkout.home, endpoints=checkout.endpoints)
    return checkout


def test_what_changed_is_applied_and_named(checkout: Checkout) -> None:
    (checkout.migrations / "9000_later.sql").write_text("CREATE TABLE later (id int);")
    votes = checkout.schema / "forums" / "votes.sql"
    votes.write_text(votes.read_text() + "-- changed\n")

    assert checkout.reload() == [
        "migrated: 9000_later",
        "schema replaced, because of forums/votes.sql",
    ]
    assert checkout.reload() == []


def test_a_changed_applied_migration_is_refused_with_what_to_do(checkout: Checkout) -> None:
    first = checkout.migrations / "0001_events.sql"
    text = first.read_text()
    first.write_text(text + "-- changed\n")

    (line,) = checkout.reload()
    assert line == (
        "SQL changed, but the database stays as it was: 0001_events.sql was changed after it was "
        "applied: restore the file and write the change as a new migration, or start again with "
        f"`rm -r {checkout.home.path}`, which deletes all data of this local cloud."
    )
    first.write_text(text)
    assert checkout.reload() == []


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("core.sql", "CREATE OR REPLACE nonsense;", r"in infra/schema/core\.sql: syntax error"),
        ("new.sql", "", r"infra/schema/order\.txt does not list new\.sql: add it"),
        ("order.txt", "gone.sql", r".*No such file or directory: '.*/schema/gone\.sql'"),
    ],
)
def test_a_file_that_is_wrong_is_named(checkout: Checkout, name: str, text: str, said: str) -> None:
    with (checkout.schema / name).open("a") as file:
        file.write(text)

    (line,) = checkout.reload()
    assert re.match(f"SQL changed, but the database stays as it was: {said}", line), line
