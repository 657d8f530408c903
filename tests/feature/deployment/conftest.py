"""A database to be, with an owner who may create it."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from cgraph.core.settings import Settings
from tests.feature.world import World


@pytest.fixture
def here(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """The local Postgres asks for the password of its home, where RDS Proxy takes a token."""
    credentials = world.endpoints.credentials
    monkeypatch.setenv("PGPASSFILE", str(credentials.passfile))
    unique = uuid4().hex[:8]
    owner, role, database = f"owner_{unique}", f"role_{unique}", f"founded_{unique}"
    with psycopg.connect(world.endpoints.admin_conninfo, autocommit=True) as admin:
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
