"""Builds an index from all documents in Postgres, while the old one is searched.

1. A new index is made. From now on the consumer writes to both.
2. All documents are read and written to the new one. What the consumer has written later has a
   higher version, and stays; so does what it has deleted.
3. From one moment to the next the new one is searched and the old one is gone.

How far it is stands in the new index, so each step goes on where the last one ended, also one in
another process. Two that run at once do the same work twice, and no harm.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from cgraph.core import database
from cgraph.core.log import logger
from cgraph.search.documents import BATCH, read_documents
from cgraph.search.engine import DocumentKey
from cgraph.search.opensearch import indexes
from cgraph.search.opensearch.bulk import DocumentsRefused, write_documents
from cgraph.search.opensearch.client import Client
from cgraph.search.opensearch.document_source import document_id, key_of
from cgraph.search.opensearch.index_settings import index_body
from cgraph.search.opensearch.indexes import Index
from cgraph.search.opensearch.queries import FIRST, next_keys


@dataclass(frozen=True, slots=True)
class ReindexProgress:
    """`documents`: written by this step. `at`: the kind of documents that it has come to."""

    index: str
    documents: int
    at: str
    is_done: bool


async def reindex(client: Client, *, prefix: str, seconds: float) -> ReindexProgress:
    """One step of about so many seconds: goes on with the index that is being built, or begins a
    new one. Raises EngineUnavailable, DatabaseUnavailable, TargetGone where another process has
    just finished it.
    """
    known = await indexes.list_indexes(client, prefix=prefix)
    index = await _index_to_build(client, known, prefix=prefix)
    ends_at = time.monotonic() + seconds
    after, written = key_of(index.after) if index.after else FIRST, 0
    while time.monotonic() < ends_at:
        keys = await _write_next(client, index, after=after, prefix=prefix)
        if not keys:
            await indexes.refresh(client, prefix=prefix)
            old = [each.name for each in known if each.is_searched]
            await indexes.swap(client, prefix=prefix, new=index.name, old=old)
            return ReindexProgress(index.name, written, after.type, is_done=True)
        after, written = keys[-1], written + len(keys)
    await indexes.save_progress(client, index, after=document_id(after))
    return ReindexProgress(index.name, written, after.type, is_done=False)


async def build_missing_index(client: Client, *, prefix: str, seconds: float) -> bool:
    """Where no index can be searched, as at first or when OpenSearch has lost it, does a step.
    Returns whether there is more to do. Raises as `reindex`.
    """
    known = await indexes.list_indexes(client, prefix=prefix)
    if any(index.is_searched for index in known):
        return False
    return not (await reindex(client, prefix=prefix, seconds=seconds)).is_done


async def _index_to_build(client: Client, known: Sequence[Index], *, prefix: str) -> Index:
    """That of the last step, if the code still makes the same; otherwise a new one."""
    fingerprint = index_body()["mappings"]["_meta"]["fingerprint"]
    begun = [index for index in known if not index.is_searched]
    current = [index for index in begun if index.fingerprint == fingerprint][-1:]
    for index in begun:
        if index not in current:
            await indexes.delete_index(client, index.name)
    if current:
        return current[0]
    name = await indexes.create_index(client, prefix=prefix)
    return Index(name, is_searched=False, fingerprint=fingerprint, after="")


async def _write_next(
    client: Client, index: Index, *, after: DocumentKey, prefix: str
) -> Sequence[DocumentKey]:
    """Each statement by itself: a transaction would hold up the consumers of the log."""
    async with database.autocommit() as tx:
        keys = await next_keys(tx, after=after, limit=BATCH)
        read = await read_documents(tx, keys) if keys else None
    if read is not None:
        alias = indexes.written_alias(prefix, index.name)
        try:
            await write_documents(client, alias=alias, documents=read.documents)
        except DocumentsRefused as refused:  # the others must be found all the same
            logger.error("documents_refused", extra={"reason": str(refused)})
    return keys
