"""From the stage into a forum. What is there already stays as it is, and each count moves with what
is new, in the transaction that writes it: so an import may be killed and repeated, or made again
from a newer dump.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, LiteralString
from uuid import UUID

from psycopg import Connection
from psycopg.rows import tuple_row

from cgraph_local.core.progress import Progress
from cgraph_local.imports import users
from cgraph_local.imports.progress_meter import Meter
from cgraph_local.imports.stackexchange.staging import Dump
from cgraph_local.imports.staging_table import Stage

FRESH: LiteralString = """
    CREATE TEMP TABLE IF NOT EXISTS fresh (
        id uuid, post_id uuid, parent_id uuid, author_id uuid, ups integer, downs integer,
        created_at timestamptz
    ) ON COMMIT DELETE ROWS
    """
"""What a batch has written; a post is its own post, and answers nothing."""

INSERT_POSTS: LiteralString = """
    WITH written AS (
        INSERT INTO posts (id, forum_id, author_id, kind, title, body, body_html, tags, version,
                           accepted_comment_id, created_at, edited_at, locked_at)
        SELECT q.id, %(forum)s, q.author_id, 'text', q.title, q.body, q.body_html, q.tags,
               CASE WHEN q.edited_at IS NULL THEN 1 ELSE 2 END, a.id, q.created_at, q.edited_at,
               q.closed_at
        FROM staged_posts q
        LEFT JOIN staged_posts a ON a.key = q.accepted_key AND a.kind = 2 AND a.parent_key = q.key
        WHERE q.kind = 1 AND q.place BETWEEN %(low)s AND %(high)s
        ON CONFLICT (id) DO NOTHING
        RETURNING id, author_id, created_at
    )
    INSERT INTO fresh (id, post_id, author_id, ups, downs, created_at)
    SELECT w.id, w.id, w.author_id, q.ups, q.downs, w.created_at
    FROM written w JOIN staged_posts q ON q.id = w.id
    WHERE q.place BETWEEN %(low)s AND %(high)s
    """

COUNT_POSTS: LiteralString = """
    WITH stream AS (
        INSERT INTO streams (id, kind) SELECT id, 'post' FROM fresh
    ), counted AS (
        INSERT INTO post_counts (post_id, ups, downs, score)
        SELECT id, ups, downs, ups - downs FROM fresh
    ), ranked AS (
        INSERT INTO post_ranks (post_id, forum_id, created_at, score, hot, rising, controversial,
                                day, week, month)
        SELECT id, %(forum)s, created_at, ups - downs, hot_rank(ups - downs, created_at),
               CASE WHEN age < interval '2 days' THEN rising_rank(ups - downs, created_at) END,
               controversial_rank(ups, downs), age < interval '1 day', age < interval '7 days',
               age < interval '30 days'
        FROM fresh CROSS JOIN LATERAL (SELECT now() - created_at AS age) AS young
    )
    UPDATE forums SET post_count = post_count + (SELECT count(*) FROM fresh) WHERE id = %(forum)s
    """

INSERT_ANSWERS: LiteralString = """
    WITH written AS (
        INSERT INTO comments (id, post_id, parent_id, path, author_id, body, body_html, version,
                              ups, downs, score, created_at, edited_at)
        SELECT a.id, q.id, q.id, '{}', a.author_id, a.body, a.body_html,
               CASE WHEN a.edited_at IS NULL THEN 1 ELSE 2 END, a.ups, a.downs, a.ups - a.downs,
               a.created_at, a.edited_at
        FROM staged_posts a JOIN staged_posts q ON q.key = a.parent_key AND q.kind = 1
        WHERE a.kind = 2 AND a.place BETWEEN %(low)s AND %(high)s
        ON CONFLICT (id) DO NOTHING
        RETURNING id, post_id, parent_id, author_id, ups, downs, created_at
    )
    INSERT INTO fresh SELECT * FROM written
    """

INSERT_COMMENTS: LiteralString = """
    WITH written AS (
        INSERT INTO comments (id, post_id, parent_id, path, author_id, body, body_html, ups, downs,
                              score, created_at)
        SELECT c.id, coalesce(q.id, p.id), p.id,
               CASE WHEN p.kind = 2 THEN ARRAY[p.id] ELSE '{}' END,
               c.author_id, c.body, c.body_html, c.ups, c.downs, c.ups - c.downs, c.created_at
        FROM staged_comments c
        JOIN staged_posts p ON p.key = c.post_key
        LEFT JOIN staged_posts q ON p.kind = 2 AND q.key = p.parent_key AND q.kind = 1
        WHERE c.place BETWEEN %(low)s AND %(high)s
        ON CONFLICT (id) DO NOTHING
        RETURNING id, post_id, parent_id, author_id, ups, downs, created_at
    )
    INSERT INTO fresh SELECT * FROM written
    """

COUNT_COMMENTS: LiteralString = """
    WITH ranked AS (
        INSERT INTO comment_ranks (comment_id, parent_id, best)
        SELECT id, parent_id, best_rank(ups, downs) FROM fresh
    ), answered AS (
        UPDATE comments c SET reply_count = c.reply_count + replies.number
        FROM (SELECT parent_id, count(*) AS number FROM fresh GROUP BY parent_id) replies
        WHERE c.id = replies.parent_id
    )
    UPDATE post_counts p
    SET comment_count = p.comment_count + n.comments, reply_count = p.reply_count + n.replies
    FROM (SELECT post_id, count(*) AS comments,
                 count(*) FILTER (WHERE parent_id = post_id) AS replies
          FROM fresh GROUP BY post_id) n
    WHERE p.post_id = n.post_id
    """

COUNT_AUTHORS: LiteralString = """
    WITH member AS (
        INSERT INTO forum_members (forum_id, user_id, role, joined_at)
        SELECT %(forum)s, author_id, 'member', min(created_at) FROM fresh GROUP BY author_id
        ON CONFLICT (forum_id, user_id) DO NOTHING
        RETURNING user_id
    ), points AS (
        INSERT INTO user_karma AS k (user_id, karma)
        SELECT author_id, sum(ups - downs) FROM fresh GROUP BY author_id ORDER BY author_id
        ON CONFLICT (user_id) DO UPDATE SET karma = k.karma + excluded.karma
    )
    UPDATE forums
    SET member_count = member_count + (SELECT count(*) FROM member),
        active_at = greatest(active_at, (SELECT max(created_at) FROM fresh))
    WHERE id = %(forum)s
    RETURNING (SELECT count(*) FROM fresh)
    """

POSTS = (INSERT_POSTS, COUNT_POSTS, COUNT_AUTHORS)
ANSWERS = (INSERT_ANSWERS, COUNT_COMMENTS, COUNT_AUTHORS)
COMMENTS = (INSERT_COMMENTS, COUNT_COMMENTS, COUNT_AUTHORS)


@dataclass(frozen=True, slots=True)
class Merged:
    """How many were not there before."""

    people: int
    posts: int
    answers: int
    comments: int


@dataclass(frozen=True, slots=True)
class Merging:
    connection: Connection[Any]
    forum: UUID
    progress: Progress

    def merge(self, dump: Dump) -> Merged:
        """What is answered comes before what answers it."""
        self.connection.execute(FRESH)
        return Merged(
            people=users.merge(self.connection, dump.people, progress=self.progress),
            posts=self._merge(POSTS, dump.posts, what="posts"),
            answers=self._merge(ANSWERS, dump.posts, what="answers"),
            comments=self._merge(COMMENTS, dump.comments, what="comments"),
        )

    def _merge(self, statements: Sequence[LiteralString], stage: Stage, *, what: str) -> int:
        meter = Meter(self.progress, what, stage.rows)
        with self.connection.cursor(row_factory=tuple_row) as cursor:
            for span in stage.spans():
                with self.connection.transaction():
                    for statement in statements:
                        cursor.execute(statement, {**span, "forum": self.forum})
                    meter.rows += next(cursor)[0]
                meter.reached(span["high"])
        meter.done()
        return meter.rows
