"""Which engine answers: OpenSearch where there is one; where it is away, or there is none,
Postgres.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from cgraph.core import metrics, opensearch
from cgraph.core.database import Transaction
from cgraph.core.errors import CursorExpired
from cgraph.core.log import logger
from cgraph.core.settings import settings
from cgraph.search.engine import EngineUnavailable, SearchEngine
from cgraph.search.postgres.engine import PostgresEngine

Answer = TypeVar("Answer")

NAMES = POSTGRES, OPENSEARCH = "postgres", "opensearch"


@dataclass(frozen=True, slots=True)
class Answered(Generic[Answer]):
    """`engine`: its name. `degraded`: it is not the one that should have answered."""

    answer: Answer
    engine: str
    degraded: bool


async def ask(
    tx: Transaction,
    question: Callable[[SearchEngine], Awaitable[Answer]],
    *,
    begun_by: str | None = None,
) -> Answered[Answer]:
    """`begun_by`: the engine that gave the first page, which alone knows where the next one begins.
    Raises what the question raises, and CursorExpired where that engine is away, but not
    EngineUnavailable.
    """
    is_configured = opensearch.is_configured()
    if is_configured and begun_by != POSTGRES:
        from cgraph.search.opensearch.engine import OpenSearchEngine  # only where there is one

        engine = OpenSearchEngine(opensearch.request, prefix=settings().opensearch_prefix)
        try:
            return Answered(await question(engine), OPENSEARCH, degraded=False)
        except EngineUnavailable as error:
            metrics.count("search.degraded")
            logger.warning("search_degraded", extra={"reason": str(error)})
    if begun_by == OPENSEARCH:
        raise CursorExpired
    return Answered(await question(PostgresEngine(tx)), POSTGRES, degraded=is_configured)
