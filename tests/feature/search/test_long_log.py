"""A rewind over a long log, and a new index of as many documents, take no more memory at their end
than at their beginning.
"""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import psutil
import pytest

from cgraph.core import loop
from cgraph.events.consumers import consume_batch
from cgraph.search.consumer import CONSUMER
from cgraph.search.opensearch.reindex import reindex
from tests.conftest import Report, Size
from tests.feature.search.opensearch_target import SearchClient
from tests.feature.world import Person, World
from tests.load.rows import bulk_connection, new_conversations
from tests.search_engines import delete_indexes, new_prefix

STEP_SECONDS = 3.0
GROWTH_AT_MOST = 16 << 20
"""Bytes, from the first third of the way to its end."""

pytestmark = pytest.mark.usefixtures("few_documents")


@dataclass(frozen=True, slots=True)
class Way:
    """`memory`: of the process after each step. `cpu_seconds`: its own, without Postgres."""

    done: int
    memory: list[int]
    seconds: float
    cpu_seconds: float

    @property
    def growth(self) -> int:
        return max(self.memory) - max(self.memory[: len(self.memory) // 3 + 1])


def _way(step: Any) -> Way:
    """Repeats a step, which returns how much it did, and whether that was all."""
    process = psutil.Process(os.getpid())
    began, cpu_began = time.monotonic(), time.process_time()
    done, memory, is_over = 0, [], False
    while not is_over:
        number, is_over = loop.run(step())
        done += number
        memory.append(process.memory_info().rss)
    return Way(done, memory, time.monotonic() - began, time.process_time() - cpu_began)


def follow() -> Way:
    async def step() -> tuple[int, bool]:
        progress = await consume_batch(CONSUMER, shard=0)
        return progress.events, progress.caught_up and not progress.waits

    return _way(step)


def build(url: str, prefix: str) -> Way:
    client = SearchClient(url)

    async def step() -> tuple[int, bool]:
        progress = await reindex(client, prefix=prefix, seconds=STEP_SECONDS)
        return progress.documents, progress.is_done

    way = _way(step)
    client.close()
    return way


@pytest.fixture
async def number(world: World, ada: Person, grace: Person, size: Size) -> AsyncIterator[int]:
    """So many messages, each with its event, in a hundred conversations."""
    each = size(5, 1000)
    with bulk_connection(world.endpoints.admin_conninfo) as connection:
        for _ in range(100):
            new = new_conversations(
                connection,
                [[ada.id, grace.id]],
                kind="group",
                messages=each,
                span=timedelta(hours=1),
            )
            connection.execute(
                """
                INSERT INTO events (stream_id, seq, type, payload, created_at)
                SELECT conversation_id, seq, 'message.created',
                       jsonb_build_object('message', jsonb_build_object('id', id)), created_at
                FROM messages WHERE conversation_id = ANY (%s::uuid[])
                """,
                [new],
            )
    yield 100 * each
    await world.sql("TRUNCATE messages, events, conversations, search_documents CASCADE")


async def test_a_rewind_over_a_long_log(world: World, number: int, report: Report) -> None:
    await world.sql("DELETE FROM consumers WHERE name = 'search'")
    way: Way = await world.run(follow)
    rows = await world.sql("SELECT count(*) FROM search_documents WHERE type = 'message'")
    _report(report, "a rewind of search", way)
    assert way.done >= number and rows == [(number,)]
    assert way.growth <= GROWTH_AT_MOST


async def test_a_new_index_of_many_documents(
    world: World, number: int, real_opensearch: str, report: Report
) -> None:
    prefix = new_prefix()
    way: Way = await world.run(build, real_opensearch, prefix)
    delete_indexes(real_opensearch, prefix)
    _report(report, "a new index in OpenSearch", way)
    assert way.done >= number
    assert way.growth <= GROWTH_AT_MOST


def _report(report: Report, title: str, way: Way) -> None:
    report(
        title,
        done=way.done,
        seconds=round(way.seconds, 1),
        cpu_seconds=round(way.cpu_seconds, 1),
        megabytes=f"{way.memory[0] >> 20} to {way.memory[-1] >> 20}",
    )
