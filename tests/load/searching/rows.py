"""Writes many documents to be searched, straight into their table.

Words have Zipf's frequencies. Nearly all documents are messages, in CONVERSATIONS conversations;
the others are of FORUMS forums, of which every fifth is private. A twentieth is Chinese characters.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import md5
from math import log2
from typing import LiteralString
from uuid import UUID

from tests.load.rows import Connection

CONVERSATIONS = 10_000
FORUMS = 200
SLICE = 2048
"""As in open_search_slice()."""
COMMON, MIDDLE, RARE, OLD, TOKYO = "kettle", "grinder", "refractometer", "portafilter", "東京都"
"""Words of one in 5 documents, of one in 400, of RARE_TIMES in all; of one in 20 of the oldest
tenth only; of one in 200. Those with RARE are in conversations with a number divisible by ten.
"""
RARE_TIMES = 20

# What depends on the number of the document, so that both sizes are alike. A word is the letters of
# its rank, scrambled.
_DOCUMENTS: LiteralString = """
    WITH born AS MATERIALIZED (
        SELECT n, now() - (%(documents)s - n) * interval '700 days' / %(documents)s AS at,
               CASE WHEN n %% 100 < 85 THEN 'message' WHEN n %% 100 < 97 THEN 'comment'
                    ELSE 'post' END AS type,
               CASE WHEN n %% (%(documents)s / %(rare_times)s) = 1
                    THEN n / (%(documents)s / %(rare_times)s) * 10
                    ELSE floor(random() * %(conversations)s)::integer END AS conversation,
               floor(random() * %(forums)s)::integer AS forum
        FROM generate_series(%(first)s::integer, %(last)s::integer) AS n
    ), text AS MATERIALIZED (
        SELECT b.n, concat_ws(' ',
            CASE WHEN n %% 20 = 7 THEN (
                SELECT string_agg(chr(19968 + floor(exp(random() * ln(3000)))::integer), '')
                FROM generate_series(1, 12 + b.n * 0))
            ELSE (
                SELECT string_agg(translate(
                    to_hex((floor(exp(random() * ln(%(vocabulary)s)))::bigint * 2654435761)
                           %% 4294967296),
                    '0123456789abcdef', 'bakelimonurstpvd'), ' ')
                FROM generate_series(1, 10 + b.n * 0)) END,
            CASE WHEN random() < 0.2 THEN %(common)s END,
            CASE WHEN random() < 0.0025 THEN %(middle)s END,
            CASE WHEN n %% (%(documents)s / %(rare_times)s) = 1 THEN %(rare)s END,
            CASE WHEN n < %(documents)s / 10 AND random() < 0.05 THEN %(old)s END,
            CASE WHEN random() < 0.005 THEN %(tokyo)s END) AS body
        FROM born b
    ), document AS (
        SELECT overlay(uuid7_floor(b.at)::text PLACING left(md5(b.n::text), 12) FROM 25)::uuid
                   AS id,
               b.type, b.n / %(slice)s * 1048576::bigint AS slice, b.at, b.n,
               CASE WHEN b.type = 'message' THEN md5('conversation' || b.conversation)
                    ELSE md5('forum' || b.forum) END::uuid AS place_id,
               b.type <> 'message' AND b.forum %% 5 <> 0 AS is_public,
               md5('author' || b.n %% 5000)::uuid AS author_id,
               CASE WHEN octet_length(t.body) > length(t.body) THEN search_text(t.body)
                    ELSE t.body END AS body
        FROM born b JOIN text t ON t.n = b.n
    )
    INSERT INTO search_documents (id, type, slice, created_at, version, seq, score, is_public,
                                  is_answered, is_accepted, place_id, author_id, tags, features,
                                  keys, words)
    SELECT d.id, d.type, d.slice, d.at, 1, d.n, 0, d.is_public, false, false, d.place_id,
           d.author_id, '{}', '{}',
           search_document_keys(d.slice, d.type, d.place_id, d.is_public, d.author_id, NULL, '{}',
                                '{}', false)
           || CASE WHEN d.type = 'post' THEN title_keys('post', d.body) ELSE '{}' END,
           setweight(to_tsvector('search_stems', d.body), CASE d.type WHEN 'post' THEN 'A' ELSE 'B'
                                                          END::"char")
    FROM document d ORDER BY d.n
"""

_SLICES: LiteralString = """
    INSERT INTO search_slices (number, from_at)
    SELECT slice, min(created_at) FROM search_documents WHERE slice > 0 GROUP BY slice
"""

_WORDS: LiteralString = """
    INSERT INTO search_words (word, stem, weight, newest, misspellings)
    SELECT word, (ts_lexize('search_stem', word))[1], weight,
           CASE WHEN word = %(old)s THEN %(documents)s / 10 / %(slice)s * 1048576::bigint
                ELSE (SELECT max(number) FROM search_slices) END, misspelling_keys(word)
    FROM (
        SELECT translate(to_hex((rank * 2654435761) %% 4294967296),
                         '0123456789abcdef', 'bakelimonurstpvd') AS word,
               greatest(log(2, (10.0 * %(documents)s / rank / ln(%(vocabulary)s))::numeric), 0)
                   AS weight
        FROM generate_series(1, %(vocabulary)s::bigint) AS rank
        UNION ALL
        SELECT * FROM unnest(%(special)s::text[], %(weights)s::integer[])
        UNION ALL
        SELECT DISTINCT ON (word) word, 8
        FROM (SELECT chr(19968 + a) || chr(19968 + b) FROM generate_series(1, 100) AS a,
                     generate_series(1, 100) AS b) AS pair (word)
    ) AS words
    ON CONFLICT DO NOTHING
"""
_INDEXES = ("search_documents_by_word", "search_documents_by_slice")


def place(kind: str, number: int) -> UUID:
    """The id of a conversation or forum."""
    return UUID(md5(f"{kind}{number}".encode(), usedforsecurity=False).hexdigest())


def word(rank: int) -> str:
    """One in about `rank` documents has it."""
    letters = dict(zip("0123456789abcdef", "bakelimonurstpvd", strict=True))
    return "".join(letters[digit] for digit in f"{rank * 2654435761 % 2**32:x}")


def write_search_documents(connection: Connection, *, documents: int) -> None:
    """Into an empty table, whose indexes are made afterwards."""
    values: Mapping[str, object] = {
        "documents": documents,
        "conversations": CONVERSATIONS,
        "forums": FORUMS,
        "vocabulary": int(90 * documents**0.5),
        "slice": SLICE,
        "common": COMMON,
        "middle": MIDDLE,
        "rare": RARE,
        "rare_times": RARE_TIMES,
        "old": OLD,
        "tokyo": TOKYO,
        "special": [COMMON, MIDDLE, RARE, OLD, "東京", "京都"],
        "weights": [
            int(log2(number))
            for number in (documents / 5, documents / 400, RARE_TIMES, *[documents / 200] * 3)
        ],
    }
    found = connection.execute(
        "SELECT indexname::text, indexdef FROM pg_indexes WHERE indexname = ANY (%s)",
        [list(_INDEXES)],
    ).fetchall()
    connection.execute("SET maintenance_work_mem = '512MB'")
    for name, _ in found:
        connection.execute(f"DROP INDEX {name}")
    for first in range(1, documents + 1, 100_000):
        last = min(first + 99_999, documents)
        connection.execute(_DOCUMENTS, {**values, "first": first, "last": last})
    for _, definition in found:
        connection.execute(definition)
    connection.execute(_SLICES)
    connection.execute(_WORDS, values)
    connection.execute("VACUUM (ANALYZE) search_documents, search_words")
