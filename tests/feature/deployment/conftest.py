"""A database to be, with an owner who may create it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from cgraph.core.settings import Settings
from tests.feature.deployment.bootstrapped import run_bootstrap
from tests.feature.world import World


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
            opensearch_url="",
            opensearch_auth="none",
            opensearch_prefix="",
            media_url="",
            media_key_id="",
            media_signing_key="",
            media_window_seconds=120,
            media_queue_url="",
            media_bucket="",
            media_scanner="",
            socket_url="",
            push_queue_url="",
            flush_queue_url="",
            socket_queue_url="",
            log_queue_url="",
            consumer_queue_urls={},
            link_previews=False,
            previews_queue_url="",
            preview_fetch_queue_url="",
            delivery_queue_url="",
            web_push_queue_url="",
            push_contact="",
            mail_queue_url="",
            mail_from="",
            mail_configuration_set="",
            api_url="",
            unverified_may="all",
            registration="open",
            socket_life_seconds=7200,
            heartbeat_seconds=30,
        )
        dropped = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
        admin.execute(dropped.format(sql.Identifier(database)))
