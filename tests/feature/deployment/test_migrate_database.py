"""The migrator as on AWS: an owner, and a role of the functions that makes nothing."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from cgraph.core.bootstrap import ROLE_SETTINGS, WATCHING, bootstrap
from cgraph.core.custom_resource import custom_resource_handler
from cgraph.core.migrations import LEDGER, Migrated
from cgraph.core.settings import Settings
from tests.feature.conftest import MIGRATIONS, SCHEMA
from tests.feature.world import World


def run_bootstrap(here: Settings, *, layers: Path | None = None) -> Migrated:
    """`layers`: the folder that both are unpacked in, instead of this checkout's two."""
    return bootstrap(here, migrations=layers or MIGRATIONS, schema=layers or SCHEMA)


@contextmanager
def new_database(world: World) -> Iterator[Settings]:
    """The settings of one that nothing has created yet. The local Postgres asks for the password of
    its home, where RDS Proxy takes a token.
    """
    credentials = world.endpoints.credentials
    unique = uuid4().hex[:8]
    owner, role, database = f"owner_{unique}", f"role_{unique}", f"founded_{unique}"
    with (
        pytest.MonkeyPatch.context() as patch,
        psycopg.connect(world.endpoints.admin_conninfo, autocommit=True) as admin,
    ):
        patch.setenv("PGPASSFILE", str(credentials.passfile))
        made = sql.SQL("CREATE ROLE {} LOGIN CREATEROLE CREATEDB PASSWORD {}")
        admin.execute(made.format(sql.Identifier(owner), credentials.password))
        yield Settings(
            stage="test",
            database_host="127.0.0.1",
            database_port=world.endpoints.postgres_port,
            database_reader_host="127.0.0.1",
            database_reader_port=world.endpoints.postgres_port,
            database_name=database,
            database_user=role,
            database_owner=owner,
            database_operator=f"operator_{unique}",
            database_auth="none",
            cache_host="",
            cache_port=0,
            cache_name="",
            cache_user="",
            cache_auth="none",
            socket_url="",
            push_queue_url="",
            flush_queue_url="",
            socket_queue_url="",
            socket_life_seconds=7200,
            heartbeat_seconds=30,
        )
        dropped = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
        admin.execute(dropped.format(sql.Identifier(database)))


@pytest.fixture
def here(world: World) -> Iterator[Settings]:
    with new_database(world) as here:
        yield here


@pytest.fixture(scope="module")
def founded(world: World) -> Iterator[Settings]:
    """For tests that only look at what the migrator has made."""
    with new_database(world) as here:
        run_bootstrap(here)
        yield here


def as_role(here: Settings) -> psycopg.Connection[Any]:
    with connect(here, user=here.database_owner) as owner:
        password = Path(os.environ["PGPASSFILE"]).read_text().strip().rpartition(":")[2]
        given = sql.SQL("ALTER ROLE {} PASSWORD {}")
        owner.execute(given.format(sql.Identifier(here.database_user), password))
    return connect(here, user=here.database_user)


def connect(here: Settings, *, user: str) -> psycopg.Connection[Any]:
    return psycopg.connect(
        host=here.database_host,
        port=here.database_port,
        dbname=here.database_name,
        user=user,
        autocommit=True,
    )


def test_from_nothing_and_again(here: Settings) -> None:
    assert "0001_events" in run_bootstrap(here).migrations
    assert run_bootstrap(here) == Migrated([], [])
    with as_role(here) as connection:
        ((encoding, collation),) = connection.execute(
            "SELECT pg_encoding_to_char(encoding), datlocale FROM pg_database "
            "WHERE datname = current_database()"
        )
        assert (encoding, collation) == ("UTF8", "C.UTF-8")
        for setting in ROLE_SETTINGS:
            found = connection.execute("SELECT current_setting(%s)", (setting,)).fetchone()
            assert found == (ROLE_SETTINGS[setting],)


def test_the_functions_role_reads_and_writes_and_makes_nothing(here: Settings) -> None:
    run_bootstrap(here)
    with as_role(here) as connection:
        stream = (uuid4(), "user")
        connection.execute("INSERT INTO streams (id, kind) VALUES (%s, %s)", stream)
        connection.execute("SELECT make_partitions(now() + interval '9 months')")
        for forbidden in (
            "CREATE TABLE mine (id int)",
            "DROP TABLE nonces",
            "ALTER TABLE users ADD COLUMN extra text",
            "TRUNCATE events",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(forbidden)


def test_the_operators_role_reads_every_table_and_writes_none(founded: Settings) -> None:
    with connect(founded, user=founded.database_owner) as owner:
        (rights,) = owner.execute(
            """
            SELECT array_agg(DISTINCT allowed ORDER BY allowed)
            FROM pg_class,
                 unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) AS allowed
            WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
              AND has_table_privilege(%s, pg_class.oid, allowed)
            """,
            (founded.database_operator,),
        ).fetchone() or ([],)
        unreadable = owner.execute(
            """
            SELECT relname FROM pg_class
            WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
              AND NOT has_table_privilege(%s, oid, 'SELECT')
            """,
            (founded.database_operator,),
        ).fetchall()
        creates = owner.execute(
            "SELECT has_schema_privilege(%s, 'public', 'CREATE')", (founded.database_operator,)
        ).fetchone()
    assert (rights, unreadable, creates) == (["SELECT"], [], (False,))


def test_the_operators_role_sees_what_runs_where_the_owner_may_give_that(
    here: Settings, world: World
) -> None:
    """On RDS the owner administers these roles; here the administrator has to let it."""
    with psycopg.connect(world.endpoints.admin_conninfo, autocommit=True) as admin:
        for name in WATCHING:
            given = sql.SQL("GRANT {} TO {} WITH ADMIN OPTION")
            admin.execute(given.format(sql.Identifier(name), sql.Identifier(here.database_owner)))
        run_bootstrap(here)
        for name in WATCHING:
            found = admin.execute(
                "SELECT pg_has_role(%s, %s, 'MEMBER')", (here.database_operator, name)
            ).fetchone()
            assert found == (True,), name


def test_the_functions_role_only_adds_to_the_audit_log(founded: Settings) -> None:
    privileges = "SELECT has_table_privilege(%s, %s)"
    with as_role(founded) as connection:
        may = {
            (table, what): connection.execute(privileges, [table, what]).fetchone() == (True,)
            for table in ("audit_log", "audit_heads")
            for what in ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE")
        }
    assert [each for each, allowed in may.items() if allowed] == [
        ("audit_log", "SELECT"),
        ("audit_log", "INSERT"),
        ("audit_heads", "SELECT"),
        ("audit_heads", "INSERT"),
        ("audit_heads", "UPDATE"),
    ]


def test_the_functions_role_calls_every_function_and_only_one_acts_as_the_owner(
    founded: Settings,
) -> None:
    with as_role(founded) as connection:
        functions = connection.execute(
            """
            SELECT proname, has_function_privilege(oid, 'EXECUTE'), prosecdef
            FROM pg_proc WHERE pronamespace = 'public'::regnamespace
            """
        ).fetchall()
    assert all(callable for _, callable, _ in functions)
    assert [name for name, _, as_owner in functions if as_owner] == ["make_partitions"]


def test_the_functions_role_does_not_touch_the_migrators_tables(founded: Settings) -> None:
    with as_role(founded) as connection:
        for table in LEDGER:
            for privilege in ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE"):
                found = connection.execute("SELECT has_table_privilege(%s, %s)", [table, privilege])
                assert found.fetchone() == (False,), (table, privilege)


def test_both_layers_lie_in_one_folder(here: Settings, tmp_path: Path) -> None:
    """Lambda unpacks every layer into /opt."""
    for layer in (MIGRATIONS, SCHEMA):
        shutil.copytree(layer, tmp_path, dirs_exist_ok=True)
    assert run_bootstrap(here, layers=tmp_path) != Migrated([], [])
    assert run_bootstrap(here) == Migrated([], [])


@dataclass
class Answers:
    url: str
    received: list[dict[str, Any]]


@pytest.fixture
def cloudformation() -> Iterator[Answers]:
    received: list[dict[str, Any]] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            length = int(self.headers["content-length"])
            received.append(json.loads(self.rfile.read(length)))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:
            return

    with HTTPServer(("127.0.0.1", 0), Receiver) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield Answers(f"http://127.0.0.1:{server.server_port}/answer", received)
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("kind", "fails", "status"),
    [
        ("Create", False, "SUCCESS"),
        ("Update", True, "FAILED"),
        ("Delete", True, "SUCCESS"),
    ],
)
def test_cloudformation_is_told(
    cloudformation: Answers, kind: str, fails: bool, status: str
) -> None:
    def work() -> dict[str, Any]:
        if fails:
            error = RuntimeError("no such luck")
            error.add_note("in infra/migrations/0001_events.sql")
            raise error
        return {"Applied": "0001"}

    event = {
        "RequestType": kind,
        "ResponseURL": cloudformation.url,
        "StackId": "stack",
        "RequestId": "request",
        "LogicalResourceId": "Schema",
    }
    custom_resource_handler(work, id="schema")(event, None)

    (answer,) = cloudformation.received
    assert (answer["Status"], answer["PhysicalResourceId"]) == (status, "schema")
    assert (answer["StackId"], answer["RequestId"]) == ("stack", "request")
    reason = "RuntimeError: no such luck in infra/migrations/0001_events.sql"
    assert answer.get("Reason") == (reason if status == "FAILED" else None)
