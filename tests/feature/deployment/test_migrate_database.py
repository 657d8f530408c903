"""The migrator as on AWS: an owner, and a role of the functions that makes nothing."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from cgraph.core.bootstrap import ROLE_SETTINGS
from cgraph.core.custom_resource import custom_resource_handler
from cgraph.core.migrations import LEDGER, Migrated
from cgraph.core.settings import Settings
from tests.feature.conftest import MIGRATIONS, SCHEMA
from tests.feature.deployment.bootstrapped import as_role, run_bootstrap


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
