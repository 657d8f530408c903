"""The migrator as on AWS, and what the roles that it makes may do."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from cgraph.core.bootstrap import bootstrap
from cgraph.core.migrations import Migrated
from cgraph.core.settings import Settings
from tests.feature.conftest import MIGRATIONS, SCHEMA


def run_bootstrap(here: Settings, *, layers: Path | None = None) -> Migrated:
    """`layers`: the folder that both are unpacked in, instead of this checkout's two."""
    return bootstrap(here, migrations=layers or MIGRATIONS, schema=layers or SCHEMA)


def as_role(here: Settings, *, role: str | None = None) -> psycopg.Connection[Any]:
    """`role`: another one than that of the functions."""
    role = role or here.database_user
    with connect(here, user=here.database_owner) as owner:
        password = Path(os.environ["PGPASSFILE"]).read_text().strip().rpartition(":")[2]
        given = sql.SQL("ALTER ROLE {} PASSWORD {}")
        owner.execute(given.format(sql.Identifier(role), password))
    return connect(here, user=role)


def connect(here: Settings, *, user: str) -> psycopg.Connection[Any]:
    return psycopg.connect(
        host=here.database_host,
        port=here.database_port,
        dbname=here.database_name,
        user=user,
        autocommit=True,
    )
