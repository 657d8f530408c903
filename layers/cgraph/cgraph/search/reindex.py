"""What an operator does about the index in OpenSearch."""

from pydantic import Field

from cgraph.core import opensearch
from cgraph.core.fields import Body, Model
from cgraph.core.settings import settings
from cgraph.search.opensearch.reindex import reindex


class NoOpenSearch(Exception):
    """Postgres searches here, and its index needs no operator: `cgraph consumers rewind search`
    builds it again.
    """


class ReindexCommand(Body):
    """One step of a reindex. The next command goes on where it ended."""

    seconds: float = Field(default=45, gt=0, le=60)


class ReindexReport(Model):
    index: str
    documents: int = Field(description="Written by this step.")
    at: str = Field(description="The kind of documents that it has come to.")
    is_done: bool = Field(description="Whether the new index is the one that is searched.")


async def reindex_documents(command: ReindexCommand) -> ReindexReport:
    """Raises NoOpenSearch, EngineUnavailable, DatabaseUnavailable."""
    if not opensearch.is_configured():
        raise NoOpenSearch("this stage has no OpenSearch")
    progress = await reindex(
        opensearch.request, prefix=settings().opensearch_prefix, seconds=command.seconds
    )
    return ReindexReport(
        index=progress.index,
        documents=progress.documents,
        at=progress.at,
        is_done=progress.is_done,
    )
