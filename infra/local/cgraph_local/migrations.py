"""infra/migrations and infra/schema, applied to the database of the local cloud."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from cgraph_local.home import CHECKOUT, Home
from cgraph_local.services import Endpoints

if TYPE_CHECKING:
    from cgraph.core.migrations import Migrated

MIGRATIONS = CHECKOUT / "infra" / "migrations"
SCHEMA = CHECKOUT / "infra" / "schema"


class MigrationRefused(Exception):
    """The database is as it was; the text says why and what to do."""


def migrate_home(home: Home, *, endpoints: Endpoints) -> Migrated:
    """Raises MigrationRefused."""
    import psycopg

    from cgraph.core.migrations import MigrationChanged, migrate

    try:
        require_listed()
        return migrate(endpoints.conninfo, migrations=MIGRATIONS, schema=SCHEMA)
    except MigrationChanged as error:
        raise MigrationRefused(
            f"{error}, or start again with `rm -r {shlex.quote(str(home.path))}`, which deletes "
            "all data of this local cloud."
        ) from error
    except (psycopg.Error, OSError) as error:
        notes = " ".join(getattr(error, "__notes__", ()))
        raise MigrationRefused(f"{notes}: {error}" if notes else str(error)) from error


def reload_home(home: Home, *, endpoints: Endpoints) -> list[str]:
    """Applies what changed while the local cloud runs. Returns what to say: what was applied, or
    why nothing was.
    """
    try:
        return describe(migrate_home(home, endpoints=endpoints))
    except MigrationRefused as error:
        return [f"SQL changed, but the database stays as it was: {error}"]


def require_listed() -> None:
    """Raises MigrationRefused where a schema file is not in order.txt, and so would not be run."""
    from cgraph.core.schema_files import ORDER, listed

    there = {path.relative_to(SCHEMA).as_posix() for path in SCHEMA.rglob("*.sql")}
    if missing := sorted(there - set(listed(SCHEMA))):
        raise MigrationRefused(f"infra/schema/{ORDER} does not list {', '.join(missing)}: add it")


def describe(migrated: Migrated) -> list[str]:
    """Lines for a person: one for each migration, and one for the schema files."""
    lines = [f"migrated: {name}" for name in migrated.migrations]
    if files := migrated.schema_files:
        more = f" and {len(files) - 3} more" if len(files) > 3 else ""
        lines.append(f"schema replaced, because of {', '.join(files[:3])}{more}")
    return lines
