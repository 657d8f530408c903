"""The relevance of both engines, and of plain `ts_rank`, on the judged collections named."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from psycopg import AsyncConnection

from tests.feature.search.opensearch_target import opensearch_target
from tests.feature.search.postgres_target import postgres_target
from tests.load.flatness.database import running_postgres
from tests.load.relevance import beir, stackexchange
from tests.load.relevance.baseline import Baseline
from tests.load.relevance.collection import JudgedCollection
from tests.load.relevance.engine import Engine
from tests.load.relevance.measure import Ranker, Relevance, relevance
from tests.load.searching.opensearch import MISSING, running_opensearch
from tests.load.session import Session

FOLDERS = "CGRAPH_BENCH_JUDGED"
"""Folders with a colon in between: dumps of Stack Exchange, or collections in BEIR's format."""


@dataclass(frozen=True, slots=True)
class JudgedRun:
    """The collection in words, and the engines on it."""

    collection: str
    engines: list[Relevance]


async def measure(session: Session) -> list[JudgedRun]:
    folders = [Path(name) for name in os.environ.get(FOLDERS, "").split(":") if name]
    return [await _measure(session, read_collection(folder)) for folder in folders]


async def _measure(session: Session, collection: JudgedCollection) -> JudgedRun:
    session.progress.print(collection.describe())
    async with _rankers(session.folder / "judged" / collection.name) as rankers:
        for ranker in rankers:
            await ranker.index(collection)
        engines = [await relevance(ranker, collection) for ranker in rankers]
    return JudgedRun(collection.describe(), engines)


def lines(runs: Sequence[JudgedRun]) -> Iterator[str]:
    if not runs:
        yield "no judged collection: `make bench ONLY=relevance JUDGED=folder`"
    for run in runs:
        yield run.collection
        yield f"{'':<14}{'nDCG@10':>9}{'recall@100':>12}{'nothing found':>15}"
        for one in run.engines:
            figures = f"{one.ndcg_at_10:>9.3f}{one.recall_at_100:>12.3f}{one.unanswered:>15,}"
            yield f"  {one.engine:<12}{figures}"
        if all(one.engine != "opensearch" for one in run.engines):
            yield MISSING


def read_collection(folder: Path) -> JudgedCollection:
    if (folder / "Posts.xml").is_file():
        return stackexchange.read_collection(folder)
    return beir.read_collection(folder)


@asynccontextmanager
async def _rankers(folder: Path) -> AsyncIterator[list[Ranker]]:
    async with AsyncExitStack() as stack:
        endpoints = await stack.enter_async_context(running_postgres(folder / "postgres"))
        plain = await AsyncConnection.connect(endpoints.admin_conninfo, autocommit=True)
        await stack.enter_async_context(plain)
        ours = await stack.enter_async_context(postgres_target(endpoints.conninfo))
        rankers: list[Ranker] = [Baseline(plain), Engine(ours)]
        url = await stack.enter_async_context(running_opensearch(folder / "opensearch"))
        if url is not None:
            target = await stack.enter_async_context(opensearch_target("opensearch", url))
            rankers.append(Engine(target))
        yield rankers
