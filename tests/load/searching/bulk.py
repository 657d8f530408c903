"""How many documents a second OpenSearch takes from us, and from the library's own bulk helper."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from opensearchpy import OpenSearch, helpers

from cgraph.core import ids
from cgraph.search.engine import Document, DocumentKey
from cgraph.search.opensearch import indexes
from cgraph.search.opensearch.bulk import write_documents
from cgraph.search.opensearch.document_source import document_id, document_source
from tests.feature.search.opensearch_target import OpenSearchTarget, opensearch_target
from tests.load.figures import goal_ratio, median, number
from tests.load.searching.opensearch import MISSING, running_opensearch
from tests.load.session import Session

GOAL = 0.8
WORDS = 30_000
WORDS_IN_TEXT = (5, 60)


@dataclass(frozen=True, slots=True)
class BulkRates:
    """Documents a second, of each round; an index of its own each time. `documents`: in a round, 0
    where there was no OpenSearch.
    """

    documents: int
    ours: list[float]
    helper: list[float]

    @property
    def ratio(self) -> float:
        """The median of the rounds, whose halves ran one after the other."""
        return median(ours / helper for ours, helper in zip(self.ours, self.helper, strict=True))


async def bulk_rates(session: Session) -> BulkRates:
    sizes = session.sizes
    documents = list(_documents(sizes.bulk_documents))
    rates = BulkRates(len(documents), [], [])
    async with running_opensearch(session.folder / "bulk") as url:
        if url is None:
            return BulkRates(0, [], [])
        await _round(url, documents[: len(documents) // 10], BulkRates(0, [], []), number=0)
        for turn in range(sizes.bulk_rounds):
            session.progress.print(f"{len(documents):,} documents, round {turn + 1}")
            await _round(url, documents, rates, number=turn)
    return rates


def lines(result: BulkRates) -> Iterator[str]:
    if not result.documents:
        yield MISSING
        return
    yield f"{result.documents:,} documents into a new index, {len(result.ours)} rounds in turns"
    yield f"  ours                        {number(median(result.ours))}/s"
    yield f"  opensearch-py's own helper  {number(median(result.helper))}/s"
    goal = goal_ratio(result.ratio, goal=GOAL, at_most=False)
    yield f"  ratio                       {result.ratio:.2f}   (at least {GOAL}: {goal})"


async def _round(url: str, documents: Sequence[Document], rates: BulkRates, *, number: int) -> None:
    """Who begins changes with each round."""
    halves = (_ours, rates.ours), (_helper, rates.helper)
    for write, results in halves if number % 2 == 0 else reversed(halves):
        async with opensearch_target("bench", url) as target:
            (alias,) = await indexes.ensure_index(target.client, prefix=target.prefix)
            began = time.perf_counter()
            await write(target, alias, documents)
            results.append(len(documents) / (time.perf_counter() - began))


async def _ours(target: OpenSearchTarget, alias: str, documents: Sequence[Document]) -> None:
    await write_documents(target.client, alias=alias, documents=documents)


async def _helper(target: OpenSearchTarget, alias: str, documents: Sequence[Document]) -> None:
    client = OpenSearch(target.url, timeout=60)
    written, failed = await asyncio.to_thread(
        helpers.bulk, client, (_action(document, alias) for document in documents)
    )
    assert (written, failed) == (len(documents), [])
    client.close()


def _action(document: Document, alias: str) -> dict[str, Any]:
    return {
        "_op_type": "index",
        "_index": alias,
        "_id": document_id(document.key),
        "version": document.version,
        "version_type": "external_gte",
        "_source": document_source(document),
    }


def _documents(count: int) -> Iterator[Document]:
    """Messages in a thousand conversations, whose words have Zipf's frequencies."""
    chance = random.Random(1)
    words = [f"{chance.getrandbits(48):x}"[: chance.randint(2, 10)] for _ in range(WORDS)]
    weights = [1 / rank for rank in range(1, WORDS + 1)]
    places = [ids.uuid7() for _ in range(1000)]
    began = datetime(2026, 1, 1, tzinfo=UTC)
    for n in range(count):
        body = chance.choices(words, weights, k=chance.randint(*WORDS_IN_TEXT))
        yield Document(
            key=DocumentKey("message", ids.uuid7()),
            place_id=chance.choice(places),
            is_public=False,
            seen_by=None,
            seq=n,
            author_id=chance.choice(places),
            post_id=None,
            title="",
            body=" ".join(body),
            tags=(),
            features=(),
            score=0,
            is_answered=False,
            is_accepted=False,
            created_at=began + timedelta(seconds=n),
            version=n + 1,
        )
