"""The consumer `opensearch` keeps the index in OpenSearch, where there is one."""

from collections.abc import Sequence

from cgraph.core import opensearch
from cgraph.core.database import Transaction
from cgraph.core.settings import settings
from cgraph.events.consumer_worker import following
from cgraph.events.consumers import Consumer, LoggedEvent, Unavailable
from cgraph.events.nudges import Nudge, nudge
from cgraph.search.changes import TYPES, changed_documents
from cgraph.search.engine import EngineUnavailable
from cgraph.search.opensearch.bulk import Deletion, write_changes
from cgraph.search.opensearch.reindex import build_missing_index

NAME = "opensearch"

BUILD_SECONDS = 8.0
"""Of one invocation, beside what it follows the log."""


async def index_in_opensearch(tx: Transaction, events: Sequence[LoggedEvent]) -> None:
    """Writes each document that the events may have changed as it is now. Raises Unavailable."""
    async for read in changed_documents(tx, events, consumer=NAME):
        gone = [Deletion(key, read.version) for key in read.gone]
        try:
            await write_changes(
                opensearch.request,
                prefix=settings().opensearch_prefix,
                changes=[*read.documents, *gone],
            )
        except EngineUnavailable as error:
            raise Unavailable(str(error)) from error


CONSUMER = Consumer(NAME, TYPES, index_in_opensearch)


async def follow_log(nudges: Sequence[Nudge]) -> None:
    """Follows the log, and builds the index where there is none. Raises Unavailable,
    DatabaseUnavailable: the nudge comes again.
    """
    await following(CONSUMER)(nudges)
    try:
        is_unfinished = await build_missing_index(
            opensearch.request, prefix=settings().opensearch_prefix, seconds=BUILD_SECONDS
        )
    except EngineUnavailable as error:
        raise Unavailable(str(error)) from error
    if is_unfinished:
        nudge(settings().consumer_queue_urls[NAME], 0)
