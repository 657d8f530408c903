"""The consumer `search` keeps the index in Postgres, which is always there."""

from collections.abc import Sequence

from cgraph.core.database import Transaction
from cgraph.events.consumers import Consumer, LoggedEvent
from cgraph.search.changes import TYPES, changed_documents
from cgraph.search.postgres.writing import write_documents

NAME = "search"


async def index_documents(tx: Transaction, events: Sequence[LoggedEvent]) -> None:
    """Writes each document that the events may have changed as it is now."""
    async for read in changed_documents(tx, events, consumer=NAME):
        await write_documents(tx, documents=read.documents, deleted=read.gone, version=read.version)


CONSUMER = Consumer(NAME, TYPES, index_documents)
