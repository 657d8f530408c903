"""Creates what the migrations need: the database, the role of the functions and the role of
operators. Safe to run again.

On AWS the owner, who signs in with IAM, creates all; the role of the functions reads and writes
rows, and creates nothing.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cgraph.core import iam
from cgraph.core.log import logger
from cgraph.core.migrations import LEDGER, Migrated, migrate
from cgraph.core.settings import Settings

if TYPE_CHECKING:
    from psycopg import Connection

WAIT_SECONDS = 600

ROLE_SETTINGS = {
    "statement_timeout": "10s",
    "lock_timeout": "3s",
    "idle_in_transaction_session_timeout": "30s",
    "timezone": "UTC",
}
"""Set on the role, since the proxy refuses `options` and a SET would pin its session."""

OPERATOR_SETTINGS = {**ROLE_SETTINGS, "statement_timeout": "4min"}
"""An operator's question may read a whole table; InspectDatabase ends after five minutes."""

WATCHING = ("pg_monitor", "pg_signal_backend")
"""What an operator needs to see what waits for what, and to end it."""

READABLE = """
    SELECT c.relname, bool_or(marked.secret),
           array_agg(a.attname::text) FILTER (WHERE NOT marked.secret)
    FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    CROSS JOIN LATERAL (
        SELECT col_description(c.oid, a.attnum) IS NOT DISTINCT FROM 'secret' AS secret
    ) AS marked
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')
    GROUP BY c.relname
"""
"""Each table and view: whether a column of it is marked as secret, and the others."""


def bootstrap(here: Settings, *, migrations: Path, schema: Path) -> Migrated:
    """Raises MigrationChanged, psycopg.Error, OSError."""
    from psycopg.conninfo import make_conninfo

    with _connect_as_owner(here, database="postgres") as connection:
        _create_role(connection, role=here.database_user, settings=ROLE_SETTINGS)
        _create_role(connection, role=here.database_operator, settings=OPERATOR_SETTINGS)
        _grant_watching(connection, role=here.database_operator)
        _create_database(connection, name=here.database_name)
    with _connect_as_owner(here, database=here.database_name) as connection:
        _grant_read_write(connection, role=here.database_user)
    conninfo = make_conninfo(**_parameters(here, database=here.database_name))
    migrated = migrate(conninfo, migrations=migrations, schema=schema)
    with _connect_as_owner(here, database=here.database_name) as connection:
        _protect_ledger(connection, role=here.database_user)
        _grant_read(connection, role=here.database_operator)
    return migrated


def _create_role(connection: "Connection[Any]", *, role: str, settings: Mapping[str, str]) -> None:
    from psycopg import sql

    name = sql.Identifier(role)
    known = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles")}
    if role not in known:
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(name))
    if "rds_iam" in known:
        connection.execute(sql.SQL("GRANT rds_iam TO {}").format(name))
    for setting, value in settings.items():
        command = sql.SQL("ALTER ROLE {} SET {} = {}")
        connection.execute(command.format(name, sql.Identifier(setting), sql.Literal(value)))


def _create_database(connection: "Connection[Any]", *, name: str) -> None:
    from psycopg import sql

    found = connection.execute("SELECT FROM pg_database WHERE datname = %s", (name,))
    if found.rowcount == 0:
        connection.execute(
            sql.SQL(
                "CREATE DATABASE {} TEMPLATE template0 ENCODING UTF8 "
                "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'"
            ).format(sql.Identifier(name))
        )


def _grant_read_write(connection: "Connection[Any]", *, role: str) -> None:
    from psycopg import sql

    connection.execute(
        sql.SQL(
            "ALTER DEFAULT PRIVILEGES IN SCHEMA public "
            "GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {}"
        ).format(sql.Identifier(role))
    )


def _grant_read(connection: "Connection[Any]", *, role: str) -> None:
    """After the migrations: of all that there is now, without the columns that are marked as
    secret.
    """
    from psycopg import sql

    name = sql.Identifier(role)
    with connection.transaction():
        # also takes back what was granted by column
        revoked = sql.SQL("REVOKE SELECT ON ALL TABLES IN SCHEMA public FROM {}")
        connection.execute(revoked.format(name))
        for table, has_secrets, columns in connection.execute(READABLE):
            listed = sql.SQL(", ").join(map(sql.Identifier, columns or ()))
            what = sql.SQL("SELECT ({})").format(listed) if has_secrets else sql.SQL("SELECT")
            statement = sql.SQL("GRANT {} ON {} TO {}")
            connection.execute(statement.format(what, sql.Identifier(table), name))


def _grant_watching(connection: "Connection[Any]", *, role: str) -> None:
    """Where the owner may: on RDS it is a member of `rds_superuser`, which administers both."""
    from psycopg import sql

    for name in WATCHING:
        may = connection.execute(
            "SELECT pg_has_role(current_user, %s, 'MEMBER WITH ADMIN OPTION')", (name,)
        ).fetchone()
        if may == (True,):
            grant = sql.SQL("GRANT {} TO {}").format(sql.Identifier(name), sql.Identifier(role))
            connection.execute(grant)


def _protect_ledger(connection: "Connection[Any]", *, role: str) -> None:
    """Only the migrator may write to its tables: it drops the functions that they name."""
    from psycopg import sql

    tables = sql.SQL(", ").join(map(sql.Identifier, LEDGER))
    connection.execute(sql.SQL("REVOKE ALL ON {} FROM {}").format(tables, sql.Identifier(role)))


@contextmanager
def _connect_as_owner(here: Settings, *, database: str) -> Iterator["Connection[Any]"]:
    with _connect_when_ready(here, database=database) as connection:
        connection.autocommit = True
        yield connection


def _connect_when_ready(here: Settings, *, database: str) -> "Connection[Any]":
    """A new proxy takes minutes before it takes connections. Raises psycopg.Error."""
    import psycopg

    until = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            parameters = _parameters(here, database=database)
            return psycopg.connect(**parameters, prepare_threshold=None)
        except psycopg.OperationalError as error:
            if time.monotonic() > until:
                raise
            logger.warning("database_not_ready", extra={"reason": str(error).strip()})
            time.sleep(10)


def _parameters(here: Settings, *, database: str) -> dict[str, Any]:
    parameters: dict[str, Any] = {
        "host": here.database_host,
        "port": here.database_port,
        "dbname": database,
        "user": here.database_owner,
        "connect_timeout": 10,
    }
    if here.database_auth == "iam":
        parameters |= iam.database_credentials(
            host=here.database_host, port=here.database_port, user=here.database_owner
        )
    return parameters
