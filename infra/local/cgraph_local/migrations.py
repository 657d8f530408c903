"""infra/migrations, applied to the database of the local cloud."""

from __future__ import annotations

import shlex

from cgraph_local.core.home import CHECKOUT, Home
from cgraph_local.services import Endpoints

MIGRATIONS = CHECKOUT / "infra" / "migrations"


class DatabaseDiffers(Exception):
    """What made the home's database reads differently now; the text says what to do."""


def migrate_home(home: Home, *, endpoints: Endpoints) -> list[str]:
    """The names of those applied. Raises DatabaseDiffers, psycopg.Error."""
    from cgraph.migrations import MigrationChanged, migrate

    try:
        return migrate(endpoints.conninfo, MIGRATIONS)
    except MigrationChanged as error:
        raise DatabaseDiffers(
            f"{error}: put the file back as it was (a change is a file of its own), or start anew "
            f"with `rm -r {shlex.quote(str(home.path))}`, which loses all data of this local cloud."
        ) from error
