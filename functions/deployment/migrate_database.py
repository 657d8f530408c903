"""With each deployment, before new code takes traffic: the schema"""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from cgraph.core.bootstrap import bootstrap
from cgraph.core.custom_resource import custom_resource_handler
from cgraph.core.log import logger
from cgraph.core.settings import settings

LAYERS = Path("/opt")
"""Where Lambda unpacks both layers, infra/migrations and infra/schema."""


def migrate_database() -> dict[str, Any]:
    """Applies the missing migrations and replaces the changed schema files."""
    migrated = bootstrap(settings(), migrations=LAYERS, schema=LAYERS)
    logger.info("database_migrated", extra=asdict(migrated))
    applied, replaced = len(migrated.migrations), len(migrated.schema_files)
    return {"Applied": f"{applied} migrations, {replaced} schema files"}


handler = custom_resource_handler(migrate_database, id="schema")
