"""With each deployment, before new code takes traffic: the schema"""

import os
from pathlib import Path
from typing import Any

from cgraph.custom_resource import custom_resource_handler
from cgraph.founding import found_and_migrate
from cgraph.log import logger
from cgraph.settings import settings


def migrate_database() -> dict[str, Any]:
    """What is missing of infra/migrations, which is a layer here."""
    applied = found_and_migrate(settings(), Path(os.environ["MIGRATIONS"]))
    logger.info("migrated", extra={"applied": applied})
    return {"Applied": ", ".join(applied)}


handler = custom_resource_handler(migrate_database, id="schema")
