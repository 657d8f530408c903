"""Writes the rows of the documents that a user may find, as far as a search shows them."""

from __future__ import annotations

from typing import LiteralString
from uuid import UUID

from tests.load.rows import Connection
from tests.load.searching.queries import CONVERSATIONS_OF_VIEWER
from tests.load.searching.rows import CONVERSATIONS, FORUMS

# The user is in every so manyth conversation, and in every tenth forum, which are private ones too.
_STATEMENTS: tuple[LiteralString, ...] = (
    """
    SELECT make_partitions(now() - make_interval(months => back))
    FROM generate_series(0, 24) AS back
    """,
    """
    INSERT INTO users (id, username, email, password_hash, display_name, created_at)
    SELECT md5('author' || n)::uuid, 'author-' || n, n || '@example.org', '', 'Author ' || n, now()
    FROM generate_series(0, 4999) AS n
    """,
    """
    WITH new AS (
        SELECT md5('conversation' || n)::uuid AS id
        FROM generate_series(0, %(conversations)s - 1, %(every)s) AS n
    ), stream AS (
        INSERT INTO streams (id, kind) SELECT id, 'conv' FROM new
    ), member AS (
        INSERT INTO conversation_members (conversation_id, user_id, role, joined_at, large,
                                          active_at)
        SELECT id, %(user)s, 'member', now(), false, now() FROM new
    )
    INSERT INTO conversations (id, kind, name, created_by, created_at, member_count, active_at)
    SELECT id, 'group', 'a group', %(user)s, now(), 1, now() FROM new
    """,
    """
    WITH new AS (
        SELECT md5('forum' || n)::uuid AS id, n FROM generate_series(0, %(forums)s - 1) AS n
    ), stream AS (
        INSERT INTO streams (id, kind) SELECT id, 'forum' FROM new
    ), member AS (
        INSERT INTO forum_members (forum_id, user_id, role, joined_at)
        SELECT id, %(user)s, 'member', now() FROM new WHERE n %% 10 = 0
    )
    INSERT INTO forums (id, slug, name, visibility, posting, created_by, created_at, active_at)
    SELECT id, 'forum-' || n, 'Forum ' || n,
           CASE WHEN n %% 5 = 0 THEN 'private' ELSE 'public' END, 'everyone', %(user)s, now(), now()
    FROM new
    """,
    """
    INSERT INTO messages (id, conversation_id, seq, ordinal, author_id, content, content_html,
                          created_at)
    SELECT d.id, d.place_id, d.seq, d.seq, d.author_id, t.content, t.content, d.created_at
    FROM search_documents d JOIN conversations c ON c.id = d.place_id,
         LATERAL (SELECT array_to_string(tsvector_to_array(d.words), ' ') AS content) AS t
    WHERE d.type = 'message'
    """,
    "SELECT record_message_months(id, 0) FROM conversations",
    """
    WITH post AS (
        INSERT INTO posts (id, forum_id, author_id, kind, title, body, body_html, created_at)
        SELECT d.id, d.place_id, d.author_id, 'text',
               array_to_string(tsvector_to_array(d.words), ' '), '', '', d.created_at
        FROM search_documents d WHERE d.type = 'post'
        RETURNING id
    ), stream AS (
        INSERT INTO streams (id, kind) SELECT id, 'post' FROM post
    )
    INSERT INTO post_counts (post_id) SELECT id FROM post
    """,
    """
    INSERT INTO comments (id, post_id, parent_id, path, author_id, body, body_html, created_at)
    SELECT d.id, p.id, p.id, '{}', d.author_id, t.body, t.body, d.created_at
    FROM search_documents d
    JOIN (SELECT DISTINCT ON (forum_id) forum_id, id FROM posts ORDER BY forum_id, id) AS p
      ON p.forum_id = d.place_id,
         LATERAL (SELECT array_to_string(tsvector_to_array(d.words), ' ') AS body) AS t
    WHERE d.type = 'comment'
    """,
    "VACUUM (ANALYZE)",
)


def write_shown_rows(connection: Connection, *, user: UUID) -> None:
    """Of the documents of `write_search_documents`."""
    values = {
        "user": user,
        "conversations": CONVERSATIONS,
        "every": CONVERSATIONS // CONVERSATIONS_OF_VIEWER,
        "forums": FORUMS,
    }
    for statement in _STATEMENTS:
        connection.execute(statement, values if "%(" in statement else None)
