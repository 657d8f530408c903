"""Inserts the staged rows into a forum.

Rows that exist already stay unchanged. Counters are updated by the new rows, in the transaction
that inserts them. So an import may be killed and repeated, and a newer dump may be imported later.
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
from cgraph_local.imports.progress_meter import ProgressMeter
from cgraph_local.imports.stackexchange.staging import StagedDump
from cgraph_local.imports.staging_table import StagingTable

INSERTED_TABLE: LiteralString = """
    CREATE TEMP TABLE IF NOT EXISTS inserted (
        id uuid, post_id uuid, parent_id uuid, author_id uuid, ups integer, downs integer,
        created_at timestamptz
    ) ON COMMIT DELETE ROWS
    """
"""The rows that a batch has inserted. For a post `post_id` is its own id and `parent_id` is
null.
"""

INSERT_POSTS: LiteralString = """
    WITH new AS (
        INSERT INTO posts (id, forum_id, author_id, kind, title, body, body_html, tags, version,
                           accepted_comment_id, created_at, edited_at, locked_at)
        SELECT q.id, %(forum)s, q.author_id, 'text', q.title, q.body, q.body_html, q.tags,
               CASE WHEN q.edited_at IS NULL THEN 1 ELSE 2 END, a.id, q.created_at, q.edited_at,
               q.closed_at
        FROM staged_posts q
        LEFT JOIN staged_posts a ON a.key = q.accepted_key AND a.kind = 2 AND a.parent_key = q.key
        WHERE q.kind = 1 AND q.position BETWEEN %(low)s AND %(high)s
        ON CONFLICT (id) DO NOTHING
        RETURNING id, author_id, created_at
    )
    INSERT INTO inserted (id, post_id, author_id, ups, downs, created_at)
    SELECT new.id, new.id, new.author_id, q.ups, q.downs, new.created_at
    FROM new JOIN staged_posts q ON q.id = new.id
    WHERE q.position BETWEEN %(low)s AND %(high)s
    """

COUNT_POSTS: LiteralString = """
    WITH stream AS (
        INSERT INTO streams (id, kind) SELECT id, 'post' FROM inserted
    ), counted AS (
        INSERT INTO post_counts (post_id, ups, downs, score)
        SELECT id, ups, downs, ups - downs FROM inserted
    ), ranked AS (
        INSERT INTO post_ranks (post_id, forum_id, created_at, score, hot, rising, controversial,
                                day, week, month)
        SELECT id, %(forum)s, created_at, ups - downs, hot_rank(ups - downs, created_at),
               CASE WHEN age < interval '2 days' THEN rising_rank(ups - downs, created_at) END,
               controversial_rank(ups, downs), age < interval '1 day', age < interval '7 days',
               age < interval '30 days'
        FROM inserted CROSS JOIN LATERAL (SELECT now() - created_at AS age) AS ages
    )
    UPDATE forums SET post_count = post_count + (SELECT count(*) FROM inserted) WHERE id = %(forum)s
    """

INSERT_ANSWERS: LiteralString = """
    WITH new AS (
        INSERT INTO comments (id, post_id, parent_id, path, author_id, body, body_html, version,
                              ups, downs, score, created_at, edited_at)
        SELECT a.id, q.id, q.id, '{}', a.author_id, a.body, a.body_html,
               CASE WHEN a.edited_at IS NULL THEN 1 ELSE 2 END, a.ups, a.downs, a.ups - a.downs,
               a.created_at, a.edited_at
        FROM staged_posts a JOIN staged_posts q ON q.key = a.parent_key AND q.kind = 1
        WHERE a.kind = 2 AND a.position BETWEEN %(low)s AND %(high)s
        ON CONFLICT (id) DO NOTHING
        RETURNING id, post_id, parent_id, author_id, ups, downs, created_at
    )
    INSERT INTO inserted SELECT * FROM new
    """

INSERT_COMMENTS: LiteralString = """
    WITH new AS (
        INSERT INTO comments (id, post_id, parent_id, path, author_id, body, body_html, ups, downs,
                              score, created_at)
        SELECT c.id, coalesce(q.id, p.id), p.id,
               CASE WHEN p.kind = 2 THEN ARRAY[p.id] ELSE '{}' END,
               c.author_id, c.body, c.body_html, c.ups, c.downs, c.ups - c.downs, c.created_at
        FROM staged_comments c
        JOIN staged_posts p ON p.key = c.post_key
        LEFT JOIN staged_posts q ON p.kind = 2 AND q.key = p.parent_key AND q.kind = 1
        WHERE c.position BETWEEN %(low)s AND %(high)s
        ON CONFLICT (id) DO NOTHING
        RETURNING id, post_id, parent_id, author_id, ups, downs, created_at
    )
    INSERT INTO inserted SELECT * FROM new
    """

COUNT_COMMENTS: LiteralString = """
    WITH ranked AS (
        INSERT INTO comment_ranks (comment_id, parent_id, best)
        SELECT id, parent_id, best_rank(ups, downs) FROM inserted
    ), answered AS (
        UPDATE comments c SET reply_count = c.reply_count + replies.number
        FROM (SELECT parent_id, count(*) AS number FROM inserted GROUP BY parent_id) replies
        WHERE c.id = replies.parent_id
    )
    UPDATE post_counts p
    SET comment_count = p.comment_count + n.comments, reply_count = p.reply_count + n.replies
    FROM (SELECT post_id, count(*) AS comments,
                 count(*) FILTER (WHERE parent_id = post_id) AS replies
          FROM inserted GROUP BY post_id) n
    WHERE p.post_id = n.post_id
    """

COUNT_AUTHORS: LiteralString = """
    WITH member AS (
        INSERT INTO forum_members (forum_id, user_id, role, joined_at)
        SELECT %(forum)s, author_id, 'member', min(created_at) FROM inserted GROUP BY author_id
        ON CONFLICT (forum_id, user_id) DO NOTHING
        RETURNING user_id
    ), points AS (
        INSERT INTO user_karma AS k (user_id, karma)
        SELECT author_id, sum(ups - downs) FROM inserted GROUP BY author_id ORDER BY author_id
        ON CONFLICT (user_id) DO UPDATE SET karma = k.karma + excluded.karma
    )
    UPDATE forums
    SET member_count = member_count + (SELECT count(*) FROM member),
        active_at = greatest(active_at, (SELECT max(created_at) FROM inserted))
    WHERE id = %(forum)s
    RETURNING (SELECT count(*) FROM inserted)
    """

INDEX_POSTS: LiteralString = """
    SELECT log_changed_documents(jsonb_build_object('post', jsonb_agg(id))) FROM inserted
    HAVING count(*) > 0
    """

INDEX_COMMENTS: LiteralString = """
    SELECT log_changed_documents(jsonb_build_object('comment', jsonb_agg(id))) FROM inserted
    HAVING count(*) > 0
    """
"""So that they are found: an import makes no events that anybody gets."""

POSTS = (INSERT_POSTS, COUNT_POSTS, INDEX_POSTS, COUNT_AUTHORS)
ANSWERS = (INSERT_ANSWERS, COUNT_COMMENTS, INDEX_COMMENTS, COUNT_AUTHORS)
COMMENTS = (INSERT_COMMENTS, COUNT_COMMENTS, INDEX_COMMENTS, COUNT_AUTHORS)


@dataclass(frozen=True, slots=True)
class ImportCounts:
    """How many did not exist before, by kind."""

    people: int
    posts: int
    answers: int
    comments: int


@dataclass(frozen=True, slots=True)
class ForumLoader:
    connection: Connection[Any]
    forum: UUID
    progress: Progress

    def load(self, dump: StagedDump) -> ImportCounts:
        """Posts are inserted before their answers, and answers before comments on them."""
        self.connection.execute(INSERTED_TABLE)
        return ImportCounts(
            people=users.insert_users(self.connection, dump.users, progress=self.progress),
            posts=self._insert(POSTS, dump.posts, name="posts"),
            answers=self._insert(ANSWERS, dump.posts, name="answers"),
            comments=self._insert(COMMENTS, dump.comments, name="comments"),
        )

    def _insert(
        self, statements: Sequence[LiteralString], table: StagingTable, *, name: str
    ) -> int:
        meter = ProgressMeter(self.progress, name, table.rows)
        with self.connection.cursor(row_factory=tuple_row) as cursor:
            for batch in table.batches():
                with self.connection.transaction():
                    for statement in statements:
                        cursor.execute(statement, {**batch, "forum": self.forum})
                    meter.rows += next(cursor)[0]
                meter.update(batch["high"])
        meter.finish()
        return meter.rows
