"""Posts in Postgres; posts_json() of infra/schema/forums/posts.sql builds their JSON."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from cgraph.core.database import Transaction
from cgraph.forums.posts.models import Locked, PostDraft, PostRow, PostVersion, Shown, Told


async def post_row(tx: Transaction, *, id: UUID) -> PostRow | None:
    return await tx.fetch_one(
        PostRow,
        """
        SELECT id, forum_id, author_id, title, body, tags, version, accepted_comment_id, shadowed,
               created_at, deleted_at, removed_at, pinned_at, locked_at
        FROM posts WHERE id = %(id)s
        """,
        {"id": id},
    )


async def lock(tx: Transaction, *, id: UUID, reader: UUID, with_forum: bool) -> bool | None:
    """Until the transaction ends. None where it is not there for the reader, who locks nothing;
    False where it was moved just now.
    """
    row = await tx.fetch_one(
        Locked,
        "SELECT select_post_for_update(%(id)s, %(reader)s, %(with_forum)s) AS locked",
        {"id": id, "reader": reader, "with_forum": with_forum},
    )
    assert row is not None, "a function answers one row"
    return row.locked


async def shown(tx: Transaction, *, id: UUID, reader: UUID, moderates: bool) -> str:
    """A Post, as JSON."""
    row = await tx.fetch_one(
        Shown,
        """
        SELECT post::text AS shown
        FROM posts_json(ARRAY[%(id)s::uuid], %(reader)s, %(moderates)s, false)
        """,
        {"id": id, "reader": reader, "moderates": moderates},
    )
    assert row is not None, "nothing takes a post's row away"
    return row.shown


async def told(tx: Transaction, *, id: UUID) -> dict[str, Any]:
    """A Post as all see it."""
    row = await tx.fetch_one(Told, "SELECT post_event_json(%(id)s) AS post", {"id": id})
    assert row is not None, "a function answers one row"
    return row.post


async def write_post(
    tx: Transaction,
    *,
    id: UUID,
    forum_id: UUID,
    author: UUID,
    draft: PostDraft,
    html: str,
    tags: Sequence[str],
    shadowed: bool,
    now: datetime,
) -> None:
    """With its stream, its counts, its ranks and its poll."""
    poll = draft.poll
    await tx.execute(
        """
        SELECT write_post(%(id)s, %(forum_id)s, %(author)s, %(kind)s, %(title)s, %(body)s,
            %(html)s, %(url)s, %(tags)s, %(options)s::text[], %(multiple)s, %(closes_at)s,
            %(shadowed)s, %(now)s)
        """,
        {
            "id": id,
            "forum_id": forum_id,
            "author": author,
            "kind": str(draft.kind),
            "title": draft.title,
            "body": draft.body,
            "html": html,
            "url": draft.url,
            "tags": list(tags),
            "options": list(poll.options) if poll else None,
            "multiple": poll is not None and poll.multiple,
            "closes_at": poll.closes_at if poll else None,
            "shadowed": shadowed,
            "now": now,
        },
    )


async def edit_post(
    tx: Transaction,
    *,
    id: UUID,
    title: str,
    body: str,
    html: str | None,
    tags: Sequence[str],
    editor: UUID,
    now: datetime,
) -> None:
    """`html` None: that of the body stays. How it read goes into its history."""
    await tx.execute(
        """
        WITH before AS (
            INSERT INTO post_versions (post_id, version, title, body, edited_by, edited_at)
            SELECT id, version, title, body, %(editor)s, %(now)s FROM posts WHERE id = %(id)s
        )
        UPDATE posts
        SET title = %(title)s, body = %(body)s, body_html = coalesce(%(html)s, body_html),
            tags = %(tags)s, version = version + 1, edited_at = %(now)s
        WHERE id = %(id)s
        """,
        {
            "id": id,
            "title": title,
            "body": body,
            "html": html,
            "tags": list(tags),
            "editor": editor,
            "now": now,
        },
    )


async def versions(tx: Transaction, *, id: UUID, below: int, limit: int) -> list[PostVersion]:
    """The last one first."""
    return await tx.fetch(
        PostVersion,
        """
        SELECT version, title, body, edited_by, edited_at
        FROM post_versions WHERE post_id = %(id)s AND version < %(below)s
        ORDER BY version DESC LIMIT %(limit)s
        """,
        {"id": id, "below": below, "limit": limit},
    )


async def delete_post(tx: Transaction, *, id: UUID, now: datetime) -> None:
    """What it said, out of its history and of the log too; its place stays."""
    await tx.execute("SELECT delete_post(%(id)s, %(now)s)", {"id": id, "now": now})


async def remove_post(tx: Transaction, *, id: UUID, now: datetime) -> None:
    await tx.execute("SELECT remove_post(%(id)s, %(now)s)", {"id": id, "now": now})


async def restore_post(tx: Transaction, *, id: UUID) -> None:
    await tx.execute("SELECT restore_post(%(id)s)", {"id": id})
