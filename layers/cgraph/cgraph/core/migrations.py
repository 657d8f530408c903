"""The migrator: forward only, each file once, in the order of its number, locally and on AWS."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from psycopg import Connection

_LEDGER = """
CREATE TABLE IF NOT EXISTS migrations (
    number integer PRIMARY KEY, name text NOT NULL, digest text NOT NULL, applied_at timestamptz NOT
    NULL DEFAULT now()
)
"""


class MigrationChanged(Exception):
    """A file that was applied reads differently now: write a new one instead."""


def migrate(conninfo: str, folder: Path) -> list[str]:
    """Applies what is missing and answers its names. A second migrator waits for the first and
    finds nothing left.

    Raises MigrationChanged, psycopg.Error; a file that fails leaves nothing behind.
    """
    import psycopg

    with psycopg.connect(conninfo, prepare_threshold=None) as connection:
        applied = []
        for number, path in _files(folder):
            with connection.transaction():
                if _apply(connection, number=number, path=path):
                    applied.append(path.stem)
        with connection.transaction():
            _make_partitions(connection)
        return applied


def _apply(connection: "Connection[Any]", *, number: int, path: Path) -> bool:
    connection.execute("SELECT pg_advisory_xact_lock(hashtext('migrations'))")
    connection.execute(_LEDGER)
    text = path.read_bytes()
    digest = sha256(text).hexdigest()
    row = connection.execute(
        "SELECT digest FROM migrations WHERE number = %s", (number,)
    ).fetchone()
    if row is not None:
        if row[0] != digest:
            raise MigrationChanged(f"{path.name} was applied and has been changed since")
        return False
    connection.execute(text)
    connection.execute(
        "INSERT INTO migrations (number, name, digest) VALUES (%s, %s, %s)",
        (number, path.stem, digest),
    )
    return True


def _make_partitions(connection: "Connection[Any]") -> None:
    connection.execute(
        """
        SELECT make_partitions(now() + make_interval(months => ahead))
        FROM generate_series(0, 3) AS ahead
        """
    )


def _files(folder: Path) -> Iterator[tuple[int, Path]]:
    for path in sorted(folder.glob("[0-9][0-9][0-9][0-9]_*.sql")):
        yield int(path.stem[:4]), path
