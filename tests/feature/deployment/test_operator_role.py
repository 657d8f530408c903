"""The role with which operators read: every table, and no secret."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, LiteralString

import psycopg
import pytest
from psycopg import sql

from cgraph.core.bootstrap import WATCHING
from cgraph.core.settings import Settings
from tests.feature.deployment.bootstrapped import as_role, connect, run_bootstrap
from tests.feature.world import World

SECRETS = {
    ("users", "password_hash"),
    ("users", "totp_secret"),
    ("backup_codes", "hash"),
    ("sessions", "access_hash"),
    ("sessions", "previous_access_hash"),
    ("refresh_tokens", "hash"),
    ("refresh_tokens", "sealed"),
    ("devices", "endpoint"),
    ("devices", "auth"),
    ("server_keys", "key"),
    ("api_tokens", "hash"),
    ("invitations", "hash"),
    ("one_time_tokens", "hash"),
    ("one_time_tokens", "code_hash"),
}
NO_SECRETS = {
    ("nonces", "body_hash"),  # of a request without a password
    ("audit_log", "hash"),
    ("audit_heads", "hash"),
    ("account_audit_log", "hash"),
    ("account_audit_head", "hash"),
    ("passkeys", "credential_id"),
    ("passkeys", "public_key"),
    ("conversations", "direct_key"),  # the ids of both users
    ("devices", "public_key"),
    ("notifications", "group_key"),  # the kind and the id of what they are about
    ("search_documents", "keys"),  # of ids, types and beginnings of titles
}


@pytest.fixture
def operator(founded: Settings) -> Iterator[psycopg.Connection[Any]]:
    with as_role(founded, role=founded.database_operator) as connection:
        yield connection


def test_it_reads_every_column_of_every_table_but_the_secrets(
    operator: psycopg.Connection[Any],
) -> None:
    rows = operator.execute(
        """
        SELECT c.relname, a.attname
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v')
          AND a.attnum > 0 AND NOT has_column_privilege(c.oid, a.attnum, 'SELECT')
        """
    ).fetchall()
    assert set(rows) == SECRETS


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT password_hash FROM users",
        "SELECT * FROM users",
        "SELECT row_to_json(u) FROM users u",
        "SELECT username FROM users WHERE totp_secret IS NULL",
        "SELECT encode(sealed, 'hex') FROM refresh_tokens",
        "TABLE backup_codes",
        "SELECT s.access_hash FROM sessions s JOIN users u ON u.id = s.user_id",
    ],
)
def test_a_statement_that_reads_a_secret_is_refused(
    operator: psycopg.Connection[Any], statement: LiteralString
) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        operator.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT id, username, email, totp_active FROM users",
        "SELECT count(*) FROM sessions WHERE ended_at IS NULL",
        "SELECT * FROM events",
        "SELECT ctid, xmin FROM posts",
        "SELECT name, value FROM database_report()",
        "SELECT * FROM audit_faults(NULL)",
    ],
)
def test_what_an_operator_needs_is_read(
    operator: psycopg.Connection[Any], statement: LiteralString
) -> None:
    operator.execute(statement)


def test_no_view_shows_a_secret(here: Settings) -> None:
    """A view reads with the rights of its owner."""
    run_bootstrap(here)
    with connect(here, user=here.database_owner) as owner:
        shown = owner.execute(
            """
            SELECT table_name, column_name FROM information_schema.view_column_usage
            WHERE table_schema = 'public'
            """
        ).fetchall()
    assert shown
    assert SECRETS.isdisjoint(shown)


def test_a_column_that_looks_like_a_secret_is_one_or_is_known_not_to_be(here: Settings) -> None:
    run_bootstrap(here)
    with connect(here, user=here.database_owner) as owner:
        rows = owner.execute(
            """
            SELECT table_name, column_name FROM information_schema.columns
            WHERE table_schema = 'public'
              AND column_name ~
                  '(hash|secret|password|token|sealed|ticket|key|credential|endpoint|auth$)'
            """
        ).fetchall()
    assert set(rows) == SECRETS | NO_SECRETS


def test_what_was_granted_before_is_taken_back(here: Settings) -> None:
    run_bootstrap(here)
    with connect(here, user=here.database_owner) as owner:
        name = sql.Identifier(here.database_operator)
        owner.execute(sql.SQL("GRANT SELECT ON users TO {}").format(name))
        owner.execute(sql.SQL("GRANT SELECT (hash) ON backup_codes TO {}").format(name))
    run_bootstrap(here)
    with as_role(here, role=here.database_operator) as operator:
        for statement in ("SELECT password_hash FROM users", "SELECT hash FROM backup_codes"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                operator.execute(statement)


def test_it_writes_no_table_and_creates_none(operator: psycopg.Connection[Any]) -> None:
    writable = operator.execute(
        """
        SELECT relname, allowed
        FROM pg_class, unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) AS allowed
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v')
          AND has_table_privilege(pg_class.oid, allowed)
        """
    ).fetchall()
    assert writable == []
    creates = operator.execute("SELECT has_schema_privilege('public', 'CREATE')").fetchone()
    assert creates == (False,)


def test_it_sees_what_runs_where_the_owner_may_give_that(here: Settings, world: World) -> None:
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
