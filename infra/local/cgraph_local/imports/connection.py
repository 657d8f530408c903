"""The database connection of an import."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from cgraph_local.imports.errors import CannotImport

OPTIONS = "-c statement_timeout=0 -c lock_timeout=10s"
"""Statements over a whole staging table may take longer than those of functions."""


@contextmanager
def import_connection(conninfo: str) -> Iterator[psycopg.Connection[Any]]:
    """Opens a connection that holds the lock of imports, so that only one runs at a time. It waits
    up to 10 seconds, in which Postgres ends the session of an import that was killed. Raises
    CannotImport, psycopg.Error.
    """
    with psycopg.connect(conninfo, autocommit=True, options=OPTIONS) as connection:
        try:
            connection.execute("SELECT pg_advisory_lock(hashtext('cgraph import'))")
        except psycopg.errors.LockNotAvailable:
            raise CannotImport("Another import is running; wait until it is done") from None
        yield connection
