"""Cleans the staged rows: deletes duplicates and orphans, and adds the authors that are missing."""

from __future__ import annotations

from typing import Any, LiteralString

from psycopg import Connection
from psycopg.rows import tuple_row

from cgraph_local.imports import staging_checks, users
from cgraph_local.imports.report import Report
from cgraph_local.imports.stackexchange.parsing import Site
from cgraph_local.imports.stackexchange.staging import StagedDump
from cgraph_local.imports.staging_table import BATCH_SIZE

DUPLICATES: tuple[LiteralString, ...] = (
    """
    DELETE FROM staged_users p
    USING (SELECT id, min(position) AS first
           FROM staged_users GROUP BY id HAVING count(*) > 1) duplicate
    WHERE p.id = duplicate.id AND p.position > duplicate.first
    RETURNING p.file, p.line, 'duplicate Id', p.username
    """,
    """
    DELETE FROM staged_posts p
    USING (SELECT key, min(position) AS first
           FROM staged_posts GROUP BY key HAVING count(*) > 1) duplicate
    WHERE p.key = duplicate.key AND p.position > duplicate.first
    RETURNING p.file, p.line, 'duplicate Id', p.key
    """,
    """
    DELETE FROM staged_comments c
    USING (SELECT key, min(position) AS first
           FROM staged_comments GROUP BY key HAVING count(*) > 1) duplicate
    WHERE c.key = duplicate.key AND c.position > duplicate.first
    RETURNING c.file, c.line, 'duplicate Id', c.key
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

MISSING_ANSWERS: LiteralString = """
    SELECT q.file, q.line, 'its accepted answer is not in the dump', q.accepted_key
    FROM staged_posts q
    WHERE q.accepted_key IS NOT NULL
      AND NOT EXISTS (SELECT FROM staged_posts a
                      WHERE a.key = q.accepted_key AND a.kind = 2 AND a.parent_key = q.key)
    """

COUNT_VOTES: LiteralString = """
    UPDATE staged_posts p
    SET ups = greatest(p.ups - p.downs + least(votes.downs, 1000000000), 0),
        downs = greatest(least(votes.downs, 1000000000), p.downs - p.ups)
    FROM (SELECT post_key, sum(downs) AS downs FROM staged_votes GROUP BY post_key) votes
    WHERE p.key = votes.post_key AND votes.downs > 0
    """
"""The score of the post stays. The votes show which part of it is down votes."""

UNKNOWN_AUTHORS: LiteralString = """
    CREATE TEMP TABLE unknown_authors AS
    SELECT author_id AS id, min(author_key) AS key, min(author_name) AS name,
           min(created_at) AS created_at
    FROM (SELECT author_id, author_key, author_name, created_at FROM staged_posts
          UNION ALL
          SELECT author_id, author_key, author_name, created_at FROM staged_comments) written
    WHERE NOT EXISTS (SELECT FROM staged_users p WHERE p.id = written.author_id)
    GROUP BY author_id
    """


def clean_staged_rows(
    connection: Connection[Any], dump: StagedDump, *, site: Site, report: Report
) -> None:
    for statement in (*DUPLICATES, *ORPHANS):
        staging_checks.delete_invalid_rows(connection, statement, report=report)
    staging_checks.report_changed_rows(connection, MISSING_ANSWERS, report=report)
    connection.execute(COUNT_VOTES)
    _stage_unknown_authors(connection, dump, site=site, report=report)
    connection.execute("ANALYZE staged_users, staged_posts, staged_comments")


def _stage_unknown_authors(
    connection: Connection[Any], dump: StagedDump, *, site: Site, report: Report
) -> None:
    """Authors without an account in the dump. Theirs are as old as the first thing they wrote."""
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
            {"last": last, "batch": BATCH_SIZE},
        ).fetchall():
            for _, key, name, created_at in rows:
                user = site.user_without_row(key, name=name, created_at=created_at)
                users.stage_user(dump.users, user, file="Posts.xml", line=0, report=report)
            last = rows[-1][0]
    dump.users.flush()
