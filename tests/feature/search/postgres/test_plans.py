"""However many documents there are, a search in Postgres reads a bounded number of them, by the
index of their words.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from psycopg import AsyncConnection

from cgraph.core.clock import now
from cgraph.core.database import Transaction
from cgraph.search.engine import DocumentKey, Filters, Query, Sort, Words
from cgraph.search.postgres import queries
from cgraph.search.postgres.engine import PostgresEngine
from tests.feature.plans import plan_nodes_in, scanned_indexes
from tests.feature.search.engine_target import make_viewer
from tests.feature.world import World

DOCUMENTS = 16_384
SLICE = 2048
"""As in open_search_slice()."""
PLACES = 400
MINE = {UUID(int=number): 0 for number in range(PLACES // 10)}
"""Conversations of the viewer."""
ANCIENT = DOCUMENTS // 8 // 2 + sum(n * 7 % PLACES < 40 for n in range(2, DOCUMENTS // 8, 2))
"""Those with `ancient` that the viewer may see."""
MESSAGES = Filters(types=frozenset({"message"}))


@pytest.fixture(scope="module")
async def connection(world: World) -> AsyncIterator[AsyncConnection[Any]]:
    """Many documents, half of them public comments: `everyword` is in each of them, `ancient` in
    the oldest eighth, `seldom` in five of them, `theirs` in all messages of other conversations
    and in one of the oldest of the viewer's.
    """
    async with await AsyncConnection.connect(world.endpoints.admin_conninfo) as connection:
        await connection.execute(
            """
            INSERT INTO search_slices (number, from_at)
            SELECT newest.number + n * 1048576::bigint,
                   '2190-01-01'::timestamptz + n * interval '1 day'
            FROM generate_series(1, %(slices)s) AS n,
                 (SELECT max(number) AS number FROM search_slices) AS newest
            """,
            {"slices": DOCUMENTS // SLICE},
        )
        await connection.execute(
            """
            INSERT INTO search_documents (id, type, slice, created_at, version, seq, score,
                                          is_public, is_answered, is_accepted, place_id, author_id,
                                          tags, features, keys, words)
            SELECT gen_random_uuid(), d.type, s.number, d.at, 1, n, 0, d.type = 'comment', false,
                   false, d.place_id, NULL, '{}', '{}',
                   search_document_keys(s.number, d.type, d.place_id, d.type = 'comment', NULL,
                                        NULL, '{}', '{}', false),
                   to_tsvector('search_stems', concat_ws(' ', 'everyword plus' || n %% 3,
                       CASE WHEN n < %(documents)s / 8 THEN 'ancient' END,
                       CASE WHEN n %% (%(documents)s / 5) = 99 THEN 'seldom' END,
                       CASE WHEN d.type = 'message' AND (d.place >= 40 OR n = 2)
                           THEN 'theirs' END))
            FROM generate_series(0, %(documents)s - 1) AS n
            CROSS JOIN LATERAL (
                     SELECT CASE WHEN n %% 2 = 1 THEN 'comment' ELSE 'message' END AS type,
                            n * 7 %% %(places)s AS place,
                            lpad(to_hex(n * 7 %% %(places)s), 32, '0')::uuid AS place_id,
                            '2190-01-02'::timestamptz + n * interval '1 day' / %(slice)s AS at
                 ) AS d
            JOIN search_slices s
              ON s.from_at = '2190-01-02'::timestamptz + n / %(slice)s * interval '1 day'
            """,
            {"documents": DOCUMENTS, "slice": SLICE, "places": PLACES},
        )
        await connection.execute("ANALYZE search_documents, search_slices")
        yield connection
        await connection.rollback()


async def _rows(
    connection: AsyncConnection[Any], words: Words, filters: Filters | None = None
) -> int:
    """How many documents the search reads."""
    query = Query(make_viewer(conversations=MINE), words, filters or Filters())

    async def search(tx: Transaction) -> None:
        await PostgresEngine(tx).search(query)

    nodes = await plan_nodes_in(connection, search)
    read = [node for node in nodes if node.get("Relation Name") == "search_documents"]
    ranked_again = [node for node in read if node.get("Index Name") == "search_documents_pkey"]
    assert sum(node["Actual Loops"] for node in ranked_again) <= 100, ranked_again
    scans = [node for node in read if node not in ranked_again]
    assert scans
    for scan in scans:
        assert scan["Node Type"] == "Bitmap Heap Scan", scan
    assert "search_documents_by_word" in scanned_indexes(nodes)
    assert "search_documents_by_slice" not in scanned_indexes(nodes)
    return sum(round(scan["Actual Rows"] * scan["Actual Loops"]) for scan in scans)


async def _looks(connection: AsyncConnection[Any], words: Words) -> int:
    """How often a search that finds something looks into the index."""
    query = Query(make_viewer(conversations=MINE), words)

    async def search(tx: Transaction) -> None:
        assert (await PostgresEngine(tx).search(query)).hits

    nodes = await plan_nodes_in(connection, search)
    scans = [node for node in nodes if node.get("Index Name") == "search_documents_by_word"]
    return sum(node["Actual Loops"] for node in scans)


@pytest.mark.parametrize(
    ("words", "at_most"),
    [
        (Words(all=("everyword",)), 2 * SLICE),
        (Words(), 2 * SLICE),
        (Words(excluded=("nonsense",)), 2 * SLICE),
        (Words(all=("everyw",), last_is_begun=True), 2 * SLICE),
        (Words(phrases=("everyword plus1",)), 2 * SLICE),
        (Words(all=("ancient",)), 2 * SLICE),
        (Words(all=("everyword", "ancient")), 2 * SLICE),
        (Words(all=("seldom",)), 20),
        (Words(all=("nowhere",)), 0),
    ],
)
async def test_the_newest_documents_are_read_until_there_are_enough(
    connection: AsyncConnection[Any], words: Words, at_most: int
) -> None:
    assert await _rows(connection, words) <= at_most


async def test_within_the_viewers_conversations(connection: AsyncConnection[Any]) -> None:
    """All that match there, and hardly anything that matches elsewhere."""
    mine = DOCUMENTS / 2 / 10
    assert await _rows(connection, Words(all=("everyword",)), MESSAGES) <= 1.5 * mine
    assert await _rows(connection, Words(all=("theirs",)), MESSAGES) == 1
    (one,) = list(MINE)[:1]
    within = Filters(places=frozenset({one}))
    assert await _rows(connection, Words(all=("everyword",)), within) <= DOCUMENTS / PLACES * 2


@pytest.mark.parametrize(
    ("words", "finds"),
    [
        (Words(all=("everyword", "ancient", "seldom", "plus1"), some_of_all=True), 4),
        (Words(all=("everywrod",)), 4),
        (Words(all=("anceint", "everyword")), 6),
    ],
)
async def test_relaxed_and_corrected_searches_read_a_bounded_number(
    connection: AsyncConnection[Any], words: Words, finds: int
) -> None:
    """`finds`: how many searches for single words they are at most, with those for candidates."""
    async with connection.transaction(force_rollback=True):
        await connection.execute(
            """
            INSERT INTO search_words (word, stem, weight, newest, misspellings)
            SELECT word, (ts_lexize('search_stem', word))[1], weight,
                   (SELECT max(number) FROM search_slices), misspelling_keys(word)
            FROM unnest('{everyword,ancient,seldom,plus1}'::text[], '{14,11,2,12}'::integer[])
                AS known (word, weight)
            ON CONFLICT DO NOTHING
            """
        )
        query = Query(make_viewer(conversations=MINE), words)

        async def search(tx: Transaction) -> None:
            results = await PostgresEngine(tx).search(query)
            assert results.hits and bool(results.corrected) != words.some_of_all

        nodes = await plan_nodes_in(connection, search)
    read = [node for node in nodes if node.get("Relation Name") == "search_documents"]
    by_word = [node for node in read if node["Node Type"] == "Bitmap Heap Scan"]
    by_key = [node for node in read if node.get("Index Name") == "search_documents_pkey"]
    assert by_word and len(by_word) + len(by_key) == len(read), read
    rows = sum(round(node["Actual Rows"] * node["Actual Loops"]) for node in by_word)
    assert rows <= finds * 1.5 * SLICE
    assert sum(node["Actual Loops"] for node in by_key) <= rows
    words_read = [node for node in nodes if node.get("Relation Name") == "search_words"]
    assert words_read


async def test_a_word_of_old_documents_is_looked_for_where_the_newest_of_them_are(
    connection: AsyncConnection[Any],
) -> None:
    """Where that is not known, all blocks of slices above are looked at one after the other."""
    async with connection.transaction(force_rollback=True):
        await connection.execute(
            """
            INSERT INTO search_slices (number, from_at)
            SELECT newest.number + n * 1048576::bigint, newest.from_at + n * interval '1 day'
            FROM generate_series(1, 500) AS n,
                 (SELECT number, from_at FROM search_slices ORDER BY number DESC LIMIT 1) AS newest;
            DELETE FROM search_words WHERE word = 'ancient';
            INSERT INTO search_words (word, stem, weight, newest, misspellings)
            SELECT 'ancient', 'ancient', 11, max(s.number), '{}' FROM search_slices s
            WHERE s.from_at < '2190-01-03'
            """
        )
        assert await _looks(connection, Words(all=("ancient",))) <= 5
        await connection.execute("UPDATE search_words SET newest = 1::bigint << 62")
        assert await _looks(connection, Words(all=("ancient",))) >= 10


@pytest.mark.parametrize("others", [0, 200])
async def test_one_is_found_among_many_that_the_viewer_may_not_see(
    connection: AsyncConnection[Any], others: int
) -> None:
    """Also by somebody in so many conversations that these are not named to the index at first."""
    viewer = make_viewer(conversations={**MINE, **{uuid4(): 0 for _ in range(others)}})
    engine = PostgresEngine(Transaction(connection))
    results = await engine.search(Query(viewer, Words(all=("theirs",))))
    assert (len(results.hits), results.total, results.is_complete) == (1, 1, True)


@pytest.mark.parametrize("sort", ["relevance", "newest"])
async def test_the_pages_together_are_all_that_may_be_found(
    connection: AsyncConnection[Any], sort: Sort
) -> None:
    """Many more than one search ranks."""
    engine = PostgresEngine(Transaction(connection))
    query = Query(make_viewer(conversations=MINE), Words(all=("ancient",)), sort=sort, limit=100)
    keys: list[DocumentKey] = []
    while True:
        results = await engine.search(query)
        keys += [hit.key for hit in results.hits]
        if results.next is None:
            break
        query = replace(query, position=results.next)
    assert len(keys) == len(set(keys)) == ANCIENT


async def test_suggestions_and_similar_posts_read_the_same_index(
    connection: AsyncConnection[Any],
) -> None:
    viewer = make_viewer(conversations=MINE)

    async def suggest(tx: Transaction) -> None:
        await queries.suggested_keys(tx, viewer, beginning="everyw", now=now(), limit=10)
        await queries.similar_keys(
            tx, viewer, title="Everyword, seldom", places=frozenset(), now=now(), limit=10
        )

    nodes = await plan_nodes_in(connection, suggest)
    assert "search_documents_by_word" in scanned_indexes(nodes)
    for node in nodes:
        assert node.get("Relation Name") != "search_documents" or node["Node Type"] != "Seq Scan"


@pytest.mark.parametrize("size", [1, 2, 3, 5])
async def test_beginnings_and_typos_read_indexes_of_the_words(
    connection: AsyncConnection[Any], size: int
) -> None:
    await connection.execute(
        """
        INSERT INTO search_words (word, stem, weight, misspellings)
        SELECT word, word, 1, misspelling_keys(word)
        FROM (SELECT DISTINCT translate(md5(n::text), '0123456789', 'ghijklmnop')
              FROM generate_series(1, 5000) AS n) AS words (word)
        ON CONFLICT DO NOTHING
        """
    )
    await connection.execute("ANALYZE search_words")
    word = uuid4().hex[:size]

    async def complete(tx: Transaction) -> None:
        await tx.execute("SELECT * FROM search_completions(%(word)s)", {"word": word})
        await tx.execute("SELECT * FROM similar_words(%(words)s)", {"words": ["meanwhile"]})

    nodes = await plan_nodes_in(connection, complete)
    scans = [node for node in nodes if node.get("Relation Name") == "search_words"]
    assert len(scans) == 2
    assert all(scan["Node Type"] != "Seq Scan" for scan in scans), scans
