"""Posts in Postgres."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from cgraph.core.database import Transaction
from cgraph.core.markdown import Rendered
from cgraph.core.mentions import Broadcast
from cgraph.forums.models import Withheld
from cgraph.forums.posts.models import PostDraft
from cgraph.forums.posts.rows import (
    PostJSONRow,
    PostLockRow,
    PostPayloadRow,
    PostRow,
)


async def post_row(
    tx: Transaction, *, id: UUID, reader: UUID, author: UUID | None = None
) -> PostRow | None:
    """None where the post does not exist for the reader. To its author it does, also without access
    to the forum. `author`: of the comment under it that the request is about.
    """
    return await tx.fetch_one(
        PostRow,
        """
        SELECT p.id, p.forum_id, p.author_id, m.role AS author_role,
               p.moved_from <> '{}' AS is_moved, p.title, p.body, p.tags, p.version,
               p.accepted_comment_id, p.withheld, p.created_at, p.deleted_at, p.removed_at,
               p.pinned_at, p.locked_at,
               may_read_text(p.deleted_at, p.removed_at, p.author_id, %(reader)s,
                             reader_role IN ('owner', 'moderator'),
                             has_blocked(%(reader)s, p.author_id)) AS readable
        FROM posts p
        CROSS JOIN role_at_post(p, %(reader)s) AS reader_role
        LEFT JOIN forum_members m ON m.forum_id = p.forum_id AND m.user_id = p.author_id
        WHERE p.id = %(id)s
          AND (reader_role IS NOT NULL
               OR (coalesce(%(author)s, p.author_id) = %(reader)s
                   AND forum_role(p.forum_id, %(reader)s) IS NULL))
        """,
        {"id": id, "reader": reader, "author": author},
    )


async def lock_post_streams(
    tx: Transaction, *, id: UUID, reader: UUID, is_author: bool, with_forum: bool
) -> bool | None:
    """Locks the post's stream until the transaction ends. None where the reader has no access to
    the post: nothing is locked then; False where the post was moved meanwhile.

    `is_author`: access is not required.
    """
    row = await tx.fetch_one(
        PostLockRow,
        """
        SELECT select_post_for_update(%(id)s, %(reader)s, %(with_forum)s, %(is_author)s) AS locked
        """,
        {"id": id, "reader": reader, "with_forum": with_forum, "is_author": is_author},
    )
    assert row is not None, "the function always returns one row"
    return row.locked


async def post_json(tx: Transaction, *, id: UUID, reader: UUID, moderates: bool) -> str:
    """A Post, as JSON."""
    row = await tx.fetch_one(
        PostJSONRow,
        """
        SELECT post AS json FROM posts_json(ARRAY[%(id)s::uuid], %(reader)s, %(moderates)s)
        """,
        {"id": id, "reader": reader, "moderates": moderates},
    )
    assert row is not None, "the row of a post is never deleted"
    return row.json


async def post_payload(tx: Transaction, *, id: UUID) -> dict[str, Any]:
    """A Post, the same for every reader."""
    query: LiteralString = "SELECT post_event_json(%(id)s) AS payload"
    row = await tx.fetch_one(PostPayloadRow, query, {"id": id})
    assert row is not None, "the function always returns one row"
    return row.payload


async def own_post_payload(tx: Transaction, *, id: UUID, reader: UUID) -> dict[str, Any]:
    """The data of an event about the post that only this reader gets."""
    query: LiteralString = "SELECT own_post_event(%(id)s, %(reader)s) AS payload"
    row = await tx.fetch_one(PostPayloadRow, query, {"id": id, "reader": reader})
    assert row is not None, "the function always returns one row"
    return row.payload


async def insert_post(
    tx: Transaction,
    *,
    id: UUID,
    forum_id: UUID,
    author: UUID,
    draft: PostDraft,
    rendered: Rendered,
    broadcast: Broadcast | None,
    tags: Sequence[str],
    withheld: Withheld | None,
    now: datetime,
) -> None:
    """Inserts the post with its stream, its counts, its ranks and its poll."""
    poll = draft.poll
    await tx.execute(
        """
        SELECT write_post(%(id)s, %(forum_id)s, %(author)s, %(kind)s, %(title)s, %(body)s,
            %(html)s, %(url)s, %(tags)s, %(options)s::text[], %(multiple)s, %(closes_at)s,
            %(withheld)s, %(now)s, %(names)s, %(broadcast)s)
        """,
        {
            "id": id,
            "forum_id": forum_id,
            "author": author,
            "kind": str(draft.kind),
            "title": draft.title,
            "body": draft.body,
            "html": rendered.html,
            "names": rendered.mentions,
            "broadcast": broadcast,
            "url": draft.url,
            "tags": list(tags),
            "options": list(poll.options) if poll else None,
            "multiple": poll is not None and poll.multiple,
            "closes_at": poll.closes_at if poll else None,
            "withheld": withheld,
            "now": now,
        },
    )


async def update_post(
    tx: Transaction,
    *,
    id: UUID,
    title: str,
    body: str,
    rendered: Rendered,
    broadcast: Broadcast | None,
    tags: Sequence[str],
    editor: UUID,
    now: datetime,
) -> None:
    """Keeps the version before the edit in the history, and takes its text out of logged events."""
    await tx.execute(
        """
        WITH before AS (
            INSERT INTO post_versions (post_id, version, title, body, edited_by, edited_at)
            SELECT id, version, title, body, %(editor)s, %(now)s FROM posts WHERE id = %(id)s
        )
        UPDATE posts
        SET title = %(title)s, body = %(body)s, body_html = %(html)s,
            mentions = mentioned_readers(forum_id, author_id, %(names)s),
            mentions_everyone = %(broadcast)s, tags = %(tags)s, version = version + 1,
            edited_at = %(now)s
        WHERE id = %(id)s
        """,
        {
            "id": id,
            "title": title,
            "body": body,
            "html": rendered.html,
            "names": rendered.mentions,
            "broadcast": broadcast,
            "tags": list(tags),
            "editor": editor,
            "now": now,
        },
    )
    await tx.execute("SELECT refresh_post_events(%(id)s)", {"id": id})


async def delete_post(tx: Transaction, *, id: UUID, now: datetime) -> None:
    """Erases the content of the post, of its history and of its logged events. The row stays."""
    await tx.execute("SELECT delete_post(%(id)s, %(now)s)", {"id": id, "now": now})


async def remove_post(tx: Transaction, *, id: UUID, now: datetime) -> None:
    await tx.execute("SELECT remove_post(%(id)s, %(now)s)", {"id": id, "now": now})


async def restore_post(tx: Transaction, *, id: UUID) -> None:
    await tx.execute("SELECT restore_post(%(id)s)", {"id": id})


async def publish_post(tx: Transaction, *, id: UUID) -> None:
    """The post is not withheld any more."""
    await tx.execute("SELECT publish_post(%(id)s)", {"id": id})
