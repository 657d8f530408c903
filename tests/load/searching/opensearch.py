"""An OpenSearch for the bench."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from cgraph_local.core.home import Home
from cgraph_local.core.progress import Progress
from cgraph_local.services import Services
from cgraph_local.services.opensearch_files import PROGRAM

MISSING = "no OpenSearch: `make opensearch`, or CGRAPH_OPENSEARCH_URL"


def is_assembled() -> bool:
    return PROGRAM.is_dir()


@asynccontextmanager
async def running_opensearch(folder: Path) -> AsyncIterator[str | None]:
    """The URL of CGRAPH_OPENSEARCH_URL, or of one that runs meanwhile; None where there is none."""
    if url := os.environ.get("CGRAPH_OPENSEARCH_URL", "").rstrip("/"):
        yield url
        return
    if not is_assembled():
        yield None
        return
    home = Home(folder)
    services = Services(home, only=["opensearch"])
    with home.lock():
        try:
            yield (await services.start(Progress(stream=None))).opensearch_url
        finally:
            await services.stop()
