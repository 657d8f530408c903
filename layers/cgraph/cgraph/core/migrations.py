"""The migrator: applies the migrations that are missing and replaces the schema files that changed,
in one transaction. The same locally and on AWS; docs/sql.md says how to change either.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cgraph.core import schema_files

if TYPE_CHECKING:
    from psycopg import Connection

LEDGER = ("migrations", *schema_files.LEDGER)
"""The migrator's own tables."""

_TABLE = """
CREATE TABLE IF NOT EXISTS migrations (
    number integer PRIMARY KEY, name text NOT NULL, digest text NOT NULL, applied_at timestamptz NOT
    NULL DEFAULT now()
)
"""


class MigrationChanged(Exception):
    """A migration that was applied has another text now."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path.name} was changed after it was applied: restore the file and write the change "
            "as a new migration"
        )


@dataclass(frozen=True, slots=True)
class Migrated:
    """Names: of the migrations applied, and of the schema files that were added, changed or
    removed. If there is one of the latter, all schema files were run again.
    """

    migrations: list[str]
    schema_files: list[str]


def migrate(conninfo: str, *, migrations: Path, schema: Path) -> Migrated:
    """Runs all or nothing. Of two migrators the second waits, and then has nothing to do.

    Raises MigrationChanged, psycopg.Error (a note names the file), OSError.
    """
    import psycopg

    with (
        psycopg.connect(conninfo, prepare_threshold=None) as connection,
        connection.transaction(),
    ):
        connection.execute("SELECT pg_advisory_xact_lock(hashtext('migrations'))")
        connection.execute(_TABLE)
        schema_files.prepare(connection)
        applied = [path.stem for path in _pending(connection, migrations)]
        replaced = schema_files.replace(connection, schema_files.read(schema))
        _make_partitions(connection)
    return Migrated(applied, replaced)


def _pending(connection: "Connection[Any]", folder: Path) -> Iterator[Path]:
    """Applies each migration that it yields."""
    known = dict(connection.execute("SELECT number, digest FROM migrations").fetchall())
    for number, path in _files(folder):
        text = path.read_bytes()
        digest = sha256(text).hexdigest()
        if known.get(number, digest) != digest:
            raise MigrationChanged(path)
        if number not in known:
            _apply(connection, path.name, text)
            connection.execute(
                "INSERT INTO migrations (number, name, digest) VALUES (%s, %s, %s)",
                (number, path.stem, digest),
            )
            yield path


def _apply(connection: "Connection[Any]", name: str, text: bytes) -> None:
    schema_files.unblocked(
        connection, lambda: schema_files.run(connection, f"infra/migrations/{name}", text)
    )


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
