"""With each deployment, before new code takes traffic: the schema"""

from pathlib import Path
from typing import Any

from cgraph.core.bootstrap import bootstrap
from cgraph.core.custom_resource import custom_resource_handler
from cgraph.core.log import logger
from cgraph.core.settings import settings

MIGRATIONS = Path("/opt")
"""Where Lambda unpacks the layer."""


def migrate_database() -> dict[str, Any]:
    """What is missing of infra/migrations."""
    applied = bootstrap(settings(), MIGRATIONS)
    logger.info("migrated", extra={"applied": applied})
    return {"Applied": ", ".join(applied)}


handler = custom_resource_handler(migrate_database, id="schema")
