"""Functions and views: files that are run again, all of them, when one of them changed.

Each statement is CREATE OR REPLACE, so that a function keeps its identity and requests that run
meanwhile do not notice. Where Postgres refuses that (another return type, a view that a migration
needs out of its way), everything that the files made is dropped and made anew. What no file makes
any more is dropped.
"""

from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from psycopg import Connection

ORDER = "order.txt"
"""The file that lists the others in the order in which they are run."""

LEDGER = ("schema_files", "schema_objects")

_TABLES = """
CREATE TABLE IF NOT EXISTS schema_files (
    name text PRIMARY KEY, digest text NOT NULL, replaced_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE IF NOT EXISTS schema_objects (
    position integer PRIMARY KEY, kind text NOT NULL, identity text NOT NULL
)
"""

_OBJECTS = """
SELECT object.type, object.identity, made.version
FROM (
    SELECT 'pg_proc'::regclass AS class, oid AS id, cmin::text::bigint AS command,
           xmin::text || ':' || cmin::text AS version
    FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL
    SELECT 'pg_class'::regclass, v.oid, r.cmin::text::bigint, r.xmin::text || ':' || r.cmin::text
    FROM pg_class v JOIN pg_rewrite r ON r.ev_class = v.oid
    WHERE v.relnamespace = 'public'::regnamespace AND v.relkind = 'v'
) AS made, pg_identify_object(made.class, made.id, 0) AS object
ORDER BY made.command
"""
"""The functions and views there are. In one transaction, `command` is the order in which they were
made, and `version` another one each time that one of them is replaced.
"""


class _Object(NamedTuple):
    """`kind` and `identity` as DROP takes them: `function`, `public.rfc3339(timestamptz)`."""

    kind: str
    identity: str


def read(folder: Path) -> dict[str, bytes]:
    """The text of each file by its name, in order. Raises OSError."""
    return {name: (folder / name).read_bytes() for name in listed(folder)}


def listed(folder: Path) -> list[str]:
    """The names in order.txt. Raises OSError."""
    lines = (folder / ORDER).read_text().splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def prepare(connection: "Connection[Any]") -> None:
    connection.execute(_TABLES)


def replace(connection: "Connection[Any]", files: Mapping[str, bytes]) -> list[str]:
    """Runs all files if one of them was added, changed or removed, and returns the names of those
    that were.
    """
    known = dict(connection.execute("SELECT name, digest FROM schema_files").fetchall())
    digests = {name: sha256(text).hexdigest() for name, text in files.items()}
    changed = [
        *(name for name in files if known.get(name) != digests[name]),
        *sorted(known.keys() - files.keys()),
    ]
    if changed:
        unblocked(connection, lambda: _run_all(connection, files))
        connection.execute("DELETE FROM schema_files")
        connection.cursor().executemany(
            "INSERT INTO schema_files (name, digest) VALUES (%s, %s)", list(digests.items())
        )
    return changed


def unblocked(connection: "Connection[Any]", work: Callable[[], None]) -> None:
    """Does the work; if something that the schema files made is in its way, again without it."""
    from psycopg import errors

    try:
        with connection.transaction():
            work()
    except (
        errors.AmbiguousFunction,
        errors.DependentObjectsStillExist,
        errors.FeatureNotSupported,  # a column is used by a view or by a function
        errors.InvalidFunctionDefinition,  # another return type, or other names of parameters
        errors.InvalidTableDefinition,  # other columns of a view
        errors.WrongObjectType,
    ):
        _drop(connection, _made_before(connection))
        connection.execute("DELETE FROM schema_objects")
        connection.execute("DELETE FROM schema_files")
        work()


def run(connection: "Connection[Any]", name: str, text: bytes) -> None:
    import psycopg

    try:
        connection.execute(text)
    except psycopg.Error as error:
        error.add_note(f"in {name}")
        raise


def _run_all(connection: "Connection[Any]", files: Mapping[str, bytes]) -> None:
    before = set(connection.execute(_OBJECTS).fetchall())
    for name, text in files.items():
        run(connection, f"infra/schema/{name}", text)
    after = connection.execute(_OBJECTS).fetchall()
    made = [_Object(*row[:2]) for row in after if row not in before]
    _drop(connection, [old for old in _made_before(connection) if old not in made])
    connection.execute("DELETE FROM schema_objects")
    connection.cursor().executemany(
        "INSERT INTO schema_objects (position, kind, identity) VALUES (%s, %s, %s)",
        [(position, *each) for position, each in enumerate(made)],
    )


def _made_before(connection: "Connection[Any]") -> list[_Object]:
    """What the schema files made and is still there, in the order in which it was made."""
    there = {_Object(*row[:2]) for row in connection.execute(_OBJECTS)}
    recorded = connection.execute("SELECT kind, identity FROM schema_objects ORDER BY position")
    return [each for row in recorded if (each := _Object(*row)) in there]


def _drop(connection: "Connection[Any]", objects: Sequence[_Object]) -> None:
    """The last made first: it may depend on the others. Their text is the catalog's own."""
    for kind, identity in reversed(objects):
        connection.execute(f"DROP {kind} {identity}".encode())
