"""Writes many conversations, messages, posts and comments directly to Postgres."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, LiteralString
from uuid import UUID, uuid4

import psycopg

from cgraph.chat.conversations.models import LARGE_GROUP
from cgraph.core import ids

Connection = psycopg.Connection[Any]

# The members of each conversation write in turn. The last message of the first conversation is of
# now, that of the next one is a second older, and so on.
_CONVERSATIONS: LiteralString = """
    WITH given AS (
        SELECT * FROM unnest(%(conversations)s::uuid[], %(members)s::uuid[]) WITH ORDINALITY
            AS each (id, member, place)
    ), new AS MATERIALIZED (
        SELECT id, array_agg(member ORDER BY place) AS members,
               now() - (row_number() OVER (ORDER BY min(place)) - 1) * interval '1 second' AS at
        FROM given GROUP BY id
    ), message AS (
        SELECT each.*, overlay(uuid7_floor(each.at)::text
                               placing left(md5(each.conversation_id::text || each.number), 12)
                               from 25)::uuid AS id
        FROM (SELECT new.id AS conversation_id, number,
                     members[1 + number %% cardinality(members)] AS author_id,
                     at - (%(messages)s - number) * (%(span)s::interval / %(messages)s) AS at
              FROM new, generate_series(1, %(messages)s) AS number) AS each
    ), stream AS (
        INSERT INTO streams (id, kind, head) SELECT id, 'conv', %(messages)s FROM new
    ), member AS (
        INSERT INTO conversation_members (conversation_id, user_id, role, joined_at, large,
                                          active_at, is_unread)
        SELECT id, unnest(members), 'member', at, cardinality(members) > %(large_group)s, at, true
        FROM new
    ), written AS (
        INSERT INTO messages (id, conversation_id, seq, ordinal, author_id, content, content_html,
                              created_at)
        SELECT id, conversation_id, number, number, author_id,
               'the message ' || number || ' of many',
               '<p>the message ' || number || ' of many</p>', at
        FROM message
    )
    INSERT INTO conversations (id, kind, name, direct_key, created_by, created_at, member_count,
                               message_count, last_message_id, active_at)
    SELECT new.id, %(kind)s, CASE WHEN %(kind)s = 'group' THEN 'a group' END,
           CASE WHEN %(kind)s = 'direct'
                THEN (SELECT string_agg(one::text, ':' ORDER BY one::text)
                      FROM unnest(members) AS one) END,
           members[1], new.at, cardinality(members), %(messages)s, message.id, new.at
    FROM new JOIN message ON message.conversation_id = new.id AND message.number = %(messages)s
"""

_FORUM: LiteralString = """
    WITH stream AS (INSERT INTO streams (id, kind) VALUES (%(id)s, 'forum'))
    INSERT INTO forums (id, slug, name, visibility, posting, created_by, created_at, active_at,
                        post_count)
    VALUES (%(id)s, %(slug)s, %(slug)s, 'public', 'everyone', %(owner)s, now(), now(), %(posts)s)
"""

# Posts of the last sixty days; most have few votes, some have many.
_POSTS: LiteralString = """
    WITH born AS (
        SELECT n, now() - n * interval '60 days' / %(posts)s AS at,
               floor(50 * power(random(), 4))::integer AS up,
               floor(20 * power(random(), 6))::integer AS down
        FROM generate_series(1, %(posts)s) AS n
    ), made AS MATERIALIZED (
        SELECT overlay(uuid7_floor(at)::text placing
                       left(md5(n || %(forum)s::text), 12) from 25)::uuid AS id,
               *, now() - at AS age
        FROM born
    ), post AS (
        INSERT INTO posts (id, forum_id, author_id, kind, title, body, body_html, created_at)
        SELECT id, %(forum)s, (%(authors)s::uuid[])[1 + n %% cardinality(%(authors)s::uuid[])],
               'text', 'Post ' || n, repeat('What it says. ', 15), repeat('What it says. ', 15), at
        FROM made
    ), stream AS (
        INSERT INTO streams (id, kind) SELECT id, 'post' FROM made
    ), counts AS (
        INSERT INTO post_counts (post_id, ups, downs, score)
        SELECT id, up, down, up - down FROM made
    )
    INSERT INTO post_ranks (post_id, forum_id, created_at, score, hot, rising, controversial,
                            day, week, month)
    SELECT id, %(forum)s, at, up - down, hot_rank(up - down, at),
           CASE WHEN age < '2 days' THEN rising_rank(up - down, at) END,
           controversial_rank(up, down), age < '1 day', age < '7 days', age < '30 days'
    FROM made
"""

# Every third comment is a reply to the one before it.
_COMMENTS: LiteralString = """
    WITH born AS MATERIALIZED (
        SELECT n, at, overlay(uuid7_floor(at)::text placing
                              left(md5(n || %(post)s::text), 12) from 25)::uuid AS id
        FROM generate_series(1, %(comments)s) AS n,
             LATERAL (SELECT now() - (%(comments)s - n) * interval '1 second' AS at) AS time
    ), made AS MATERIALIZED (
        SELECT *, n %% 3 = 0 AS is_reply, lag(id) OVER (ORDER BY n) AS before,
               floor(20 * power(random(), 3))::integer AS up
        FROM born
    ), written AS (
        INSERT INTO comments (id, post_id, parent_id, path, author_id, body, body_html, ups, score,
                              reply_count, created_at)
        SELECT id, %(post)s, CASE WHEN is_reply THEN before ELSE %(post)s END,
               CASE WHEN is_reply THEN ARRAY[before] ELSE '{}' END,
               (%(authors)s::uuid[])[1 + n %% cardinality(%(authors)s::uuid[])],
               'The comment ' || n, '<p>The comment ' || n || '</p>', up, up,
               (n %% 3 = 2 AND n < %(comments)s)::integer, at
        FROM made
    ), ranks AS (
        INSERT INTO comment_ranks (comment_id, parent_id, best)
        SELECT id, CASE WHEN is_reply THEN before ELSE %(post)s END, best_rank(up, 0) FROM made
    )
    UPDATE post_counts c
    SET comment_count = %(comments)s, reply_count = (SELECT count(*) FROM made WHERE NOT is_reply)
    WHERE c.post_id = %(post)s
"""


@dataclass(frozen=True, slots=True)
class Forum:
    id: UUID
    slug: str


@contextmanager
def bulk_connection(admin_conninfo: str) -> Iterator[Connection]:
    """Skips the checks of foreign keys, which all rows satisfy, and triggers."""
    with psycopg.connect(admin_conninfo, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("SET synchronous_commit = off")
        yield connection


def new_conversations(
    connection: Connection,
    members: Sequence[Sequence[str | UUID]],
    *,
    kind: str,
    messages: int,
    span: timedelta,
) -> list[str]:
    """Returns the ids of conversations with these members, the most recent one first, each with so
    many messages over that time.
    """
    new = [str(ids.uuid7()) for _ in members]
    pairs = [(id, one) for id, each in zip(new, members, strict=True) for one in each]
    values: Mapping[str, object] = {
        "conversations": [id for id, _ in pairs],
        "members": [str(one) for _, one in pairs],
        "kind": kind,
        "messages": messages,
        "span": span,
        "large_group": LARGE_GROUP,
    }
    connection.execute(_CONVERSATIONS, values)
    connection.execute("SELECT record_message_months(id, 0) FROM unnest(%s::uuid[]) AS id", [new])
    return new


def new_forum(connection: Connection, *, posts: int, authors: Sequence[UUID]) -> Forum:
    """The first author is who created the forum, and no member of it."""
    forum = Forum(ids.uuid7(), f"bench-{uuid4().hex[:20]}")
    connection.execute(
        _FORUM, {"id": forum.id, "slug": forum.slug, "owner": authors[0], "posts": posts}
    )
    connection.execute(_POSTS, {"posts": posts, "forum": forum.id, "authors": list(authors)})
    return forum


def new_comments(
    connection: Connection, *, post: UUID, comments: int, authors: Sequence[UUID]
) -> None:
    connection.execute(_COMMENTS, {"post": post, "comments": comments, "authors": list(authors)})


def first_post(connection: Connection, forum: Forum) -> UUID:
    row = connection.execute("SELECT id FROM posts WHERE forum_id = %s LIMIT 1", [forum.id])
    (id,) = row.fetchone() or (None,)
    assert isinstance(id, UUID), "the forum has posts"
    return id


def update_statistics(connection: Connection) -> None:
    """Of the planner, and the visibility map."""
    connection.execute("VACUUM (ANALYZE)")
