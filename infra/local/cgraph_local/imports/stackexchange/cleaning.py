"""What is staged is made to fit together: each item once, each with what it belongs to, each with
its author.
"""

from __future__ import annotations

from typing import Any, LiteralString

from psycopg import Connection
from psycopg.rows import tuple_row

from cgraph_local.imports import staging_checks, users
from cgraph_local.imports.report import Report
from cgraph_local.imports.stackexchange.parsing import Site
from cgraph_local.imports.stackexchange.staging import Dump
from cgraph_local.imports.staging_table import BATCH

DUPLICATES: tuple[LiteralString, ...] = (
    """
    DELETE FROM staged_people p
    USING (SELECT id, min(place) AS first FROM staged_people GROUP BY id HAVING count(*) > 1) twice
    WHERE p.id = twice.id AND p.place > twice.first
    RETURNING p.file, p.line, 'its Id was there before', p.username
    """,
    """
    DELETE FROM staged_posts p
    USING (SELECT key, min(place) AS first FROM staged_posts GROUP BY key HAVING count(*) > 1) twice
    WHERE p.key = twice.key AND p.place > twice.first
    RETURNING p.file, p.line, 'its Id was there before', p.key
    """,
    """
    DELETE FROM staged_comments c
    USING (SELECT key, min(place) AS first
           FROM staged_comments GROUP BY key HAVING count(*) > 1) twice
    WHERE c.key = twice.key AND c.place > twice.first
    RETURNING c.file, c.line, 'its Id was there before', c.key
    """,
)

ORPHANS: tuple[LiteralString, ...] = (
    """
    DELETE FROM staged_posts a
    WHERE a.kind = 2
      AND NOT EXISTS (SELECT FROM staged_posts q WHERE q.key = a.parent_key AND q.kind = 1)
    RETURNING a.file, a.line, 'its question is not in the dump', a.parent_key
    """,
    """
    DELETE FROM staged_comments c
    WHERE NOT EXISTS (SELECT FROM staged_posts p WHERE p.key = c.post_key)
    RETURNING c.file, c.line, 'its post is not in the dump', c.post_key
    """,
)

NO_SUCH_ANSWER: LiteralString = """
    SELECT q.file, q.line, 'its accepted answer is not in the dump', q.accepted_key
    FROM staged_posts q
    WHERE q.accepted_key IS NOT NULL
      AND NOT EXISTS (SELECT FROM staged_posts a
                      WHERE a.key = q.accepted_key AND a.kind = 2 AND a.parent_key = q.key)
    """

COUNT_VOTES: LiteralString = """
    UPDATE staged_posts p
    SET ups = greatest(p.ups - p.downs + least(told.downs, 1000000000), 0),
        downs = greatest(least(told.downs, 1000000000), p.downs - p.ups)
    FROM (SELECT post_key, sum(downs) AS downs FROM staged_votes GROUP BY post_key) told
    WHERE p.key = told.post_key AND told.downs > 0
    """
"""The score stays that of the post; the votes tell how much of it was down."""

UNKNOWN_AUTHORS: LiteralString = """
    CREATE TEMP TABLE unknown_authors AS
    SELECT author_id AS id, min(author_key) AS key, min(author_name) AS name,
           min(created_at) AS created_at
    FROM (SELECT author_id, author_key, author_name, created_at FROM staged_posts
          UNION ALL
          SELECT author_id, author_key, author_name, created_at FROM staged_comments) written
    WHERE NOT EXISTS (SELECT FROM staged_people p WHERE p.id = written.author_id)
    GROUP BY author_id
    """


def settle(connection: Connection[Any], dump: Dump, *, site: Site, report: Report) -> None:
    for statement in (*DUPLICATES, *ORPHANS):
        staging_checks.leave_out(connection, statement, report=report)
    staging_checks.note(connection, NO_SUCH_ANSWER, report=report)
    connection.execute(COUNT_VOTES)
    _stage_unknown_authors(connection, dump, site=site)
    connection.execute("ANALYZE staged_people, staged_posts, staged_comments")


def _stage_unknown_authors(connection: Connection[Any], dump: Dump, *, site: Site) -> None:
    """They get an account as old as the first thing they wrote."""
    connection.execute("DROP TABLE IF EXISTS unknown_authors")
    connection.execute(UNKNOWN_AUTHORS)
    connection.execute("CREATE INDEX ON unknown_authors (id)")
    last = None
    with connection.cursor(row_factory=tuple_row) as cursor:
        while rows := cursor.execute(
            """
            SELECT id, key, name, created_at FROM unknown_authors
            WHERE %(last)s::uuid IS NULL OR id > %(last)s ORDER BY id LIMIT %(batch)s
            """,
            {"last": last, "batch": BATCH},
        ).fetchall():
            for _, key, name, created_at in rows:
                person = site.placeholder(key, name=name, created_at=created_at)
                users.stage(dump.people, person, file="Posts.xml", line=0)
            last = rows[-1][0]
    dump.people.flush()
