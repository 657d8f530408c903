"""What is written into the index of Postgres, and what remains of what was there"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from cgraph.core.ids import uuid7
from cgraph.search.engine import Document, Query, Words
from tests.feature.search.engine_target import make_document, make_viewer, next_version
from tests.feature.search.postgres_target import PostgresTarget, postgres_target
from tests.feature.world import World

WRITERS = 4


@pytest.fixture(scope="module")
async def targets(world: World) -> AsyncIterator[list[PostgresTarget]]:
    async with AsyncExitStack() as stack:
        conninfo = world.endpoints.conninfo
        yield [await stack.enter_async_context(postgres_target(conninfo)) for _ in range(WRITERS)]


def _comments(texts: Sequence[str]) -> list[Document]:
    return [make_document("comment", body=text) for text in texts]


async def _words(target: PostgresTarget, prefix: str) -> set[str]:
    rows = await target.connection.execute(
        "SELECT word FROM search_words WHERE word LIKE %s || '%%'", [prefix]
    )
    return {word for (word,) in await rows.fetchall()}


async def test_writers_of_the_same_words_do_not_refuse_each_other(
    targets: list[PostgresTarget],
) -> None:
    """Shards of the consumer write at the same time."""
    for round in range(5):
        texts = [f"zwrite{chr(97 + n % 26)}{'xyz'[round % 3]} zwritecommon" for n in range(60)]
        await asyncio.gather(
            *(
                target.write(_comments(texts[::-1] if number % 2 else texts))
                for number, target in enumerate(targets)
            )
        )
    found = await targets[0].engine.search(Query(make_viewer(), Words(all=["zwritecommon"])))
    assert found.total == 1000
    assert len(await _words(targets[0], "zwrite")) == 26 * 3 + 1


async def test_words_that_no_document_has_any_more_are_forgotten(
    targets: list[PostgresTarget],
) -> None:
    target = targets[0]
    one, other = _comments(["zforget secretword", "zforget publicword"])
    await target.write([one, other])
    await target.write([replace(other, body="zforget otherword", version=next_version())])
    assert await _words(target, "publicword") == set()
    await target.delete([one.key], version=next_version())
    assert await _words(target, "secretword") == set()
    assert await _words(target, "zforget") == {"zforget"}
    rows = await target.connection.execute(
        "SELECT words::text, keys, author_id, place_id FROM search_documents WHERE id = %s",
        [one.key.id],
    )
    assert await rows.fetchall() == [("", [], None, None)]


async def test_the_row_of_a_deleted_document_goes_after_an_hour(
    targets: list[PostgresTarget],
) -> None:
    target = targets[0]
    (one,) = _comments(["zhour"])
    await target.delete([one.key], version=next_version())
    await target.connection.execute(
        "UPDATE search_documents SET deleted_at = now() - interval '61 minutes' WHERE id = %s",
        [one.key.id],
    )
    await target.delete([make_document().key], version=next_version())
    rows = await target.connection.execute(
        "SELECT 1 FROM search_documents WHERE id = %s", [one.key.id]
    )
    assert await rows.fetchall() == []


async def test_a_score_alone_rewrites_no_index(targets: list[PostgresTarget]) -> None:
    """A heap-only update, so that votes cost little."""
    target = targets[0]
    (one,) = _comments(["zvoted for"])
    await target.write([one])
    await target.connection.execute("SELECT pg_stat_force_next_flush()")
    before = await _updates(target)
    for score in range(1, 4):
        await target.write([replace(one, score=score, version=next_version())])
        await target.connection.execute("SELECT pg_stat_force_next_flush()")
    after = await _updates(target)
    assert (after[0] - before[0], after[1] - before[1]) == (3, 3)


async def _updates(target: PostgresTarget) -> tuple[int, int]:
    rows = await target.connection.execute(
        "SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables"
        " WHERE relname = 'search_documents'"
    )
    row = await rows.fetchone()
    assert row is not None
    return row[0], row[1]


async def test_slices_hold_about_two_thousand_documents(targets: list[PostgresTarget]) -> None:
    """Of a time after all others, so that they are the newest."""
    target, began_at = targets[0], datetime(2095, 1, 1, tzinfo=UTC)
    for batch in range(14):
        times = [began_at + timedelta(minutes=500 * batch + n) for n in range(500)]
        await target.write([make_document("comment", body="zslice", created_at=at) for at in times])
    rows = await target.connection.execute(
        "SELECT slice, count(*) FROM search_documents WHERE words @@ 'zslice' GROUP BY slice"
    )
    counts = sorted(count for _, count in await rows.fetchall())
    assert len(counts) >= 3
    assert counts[-1] <= 2048 + 500
    place = uuid7()
    found = await target.engine.search(
        Query(make_viewer(id=place), Words(all=["zslice"]), sort="newest", limit=3)
    )
    assert len(found.hits) == 3


async def test_slices_are_split_where_older_documents_are_written_later(
    targets: list[PostgresTarget],
) -> None:
    """A place's documents are indexed after those of another place: all of them are found, in
    slices that are not much too large.
    """
    target, began_at = targets[0], datetime(2097, 1, 1, tzinfo=UTC)
    for place in range(2):
        for batch in range(14):
            times = [began_at + timedelta(minutes=500 * batch + n) for n in range(500)]
            await target.write(
                [
                    make_document("comment", body=f"zsplit zplace{place}", created_at=at)
                    for at in times
                ]
            )
    rows = await target.connection.execute(
        "SELECT count(*), count(DISTINCT slice_at(created_at) - slice),"
        " bool_and(keys @> ARRAY[slice_key(slice, 1), slice_key(slice, 4)])"
        " FROM search_documents WHERE words @@ 'zsplit' GROUP BY slice"
    )
    slices = await rows.fetchall()
    assert max(count for count, _, _ in slices) <= 4096 + 500
    assert all(distances == 1 and has_keys for _, distances, has_keys in slices)
    assert sum(count for count, _, _ in slices) == 14_000
    query = Query(make_viewer(), Words(all=["zsplit"]), sort="newest", limit=1000)
    found = 0
    while True:
        results = await target.engine.search(query)
        found += len(results.hits)
        if results.next is None:
            break
        query = replace(query, position=results.next)
    assert found == 14_000


async def test_of_a_frequent_word_the_newest_slice_is_kept(targets: list[PostgresTarget]) -> None:
    """Roughly, for so many writes as it has slices are too many."""
    target, at = targets[0], datetime(2180, 1, 1, tzinfo=UTC)
    await target.write(_comments(["zfrequent zseldom"]))
    async with target.connection.transaction(force_rollback=True):
        await target.connection.execute(
            "UPDATE search_words SET (weight, newest) = (9, 0) WHERE word = 'zfrequent';"
            "UPDATE search_words SET newest = 0 WHERE word = 'zseldom'"
        )
        await target.connection.execute(
            "INSERT INTO search_slices (number, from_at)"
            " SELECT (1::bigint << 40) + (n << 20), %s + n * interval '1 day'"
            " FROM generate_series(0, 8) AS n",
            [at],
        )
        kept = []
        for days in (1, 0, 2, 8):
            await target.write(
                [
                    make_document(
                        "comment",
                        body="zfrequent zseldom",
                        created_at=at + timedelta(days=days, hours=1),
                    )
                ]
            )
            rows = await target.connection.execute(
                "SELECT newest FROM search_words WHERE word = ANY ('{zfrequent,zseldom}')"
                " ORDER BY word"
            )
            kept.append([(newest - (1 << 40)) >> 20 for (newest,) in await rows.fetchall()])
    assert [frequent for frequent, _ in kept][-1] == 8
    assert kept[0][0] in (0, 1) and kept[2][0] <= 2
