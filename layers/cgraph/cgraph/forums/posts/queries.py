"""Posts in Postgres."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from cgraph.core import ids
from cgraph.core.database import Transaction
from cgraph.core.encoding import encode_json
from cgraph.core.markdown import Rendered
from cgraph.core.mentions import Broadcast
from cgraph.forums.models import CreatedRow, Withheld, WrittenRow
from cgraph.forums.posts.models import PostDraft
from cgraph.forums.posts.rows import (
    PostAccess,
    PostAccessRow,
    PostingAccess,
    PostJSONRow,
    PostLock,
    PostPayloadRow,
    PostViewRow,
)
from cgraph.media.uses.models import attachments_column


async def post_access(
    tx: Transaction,
    *,
    id: UUID,
    reader: UUID,
    writer: UUID | None,
    with_filters: bool = False,
    locks: PostLock | None = None,
    reaches_own: bool = False,
) -> PostAccessRow | None:
    """None where the post does not exist for the reader: nothing is locked then. To its author it
    does, also without access to the forum.

    `writer`: the author of the comment under it that the request is about. `locks`: until the
    transaction ends. `reaches_own`: also where the author has no access to the forum.
    """
    return await tx.fetch_one(
        PostAccessRow,
        """
        SELECT * FROM post_access(%(id)s, %(reader)s, %(writer)s, %(with_filters)s, %(locks)s,
            %(reaches_own)s)
        """,
        {
            "id": id,
            "reader": reader,
            "writer": writer,
            "with_filters": with_filters,
            "locks": locks,
            "reaches_own": reaches_own,
        },
    )


async def post_view(tx: Transaction, *, id: UUID, reader: UUID) -> PostViewRow | None:
    """The post with what decides whether the reader may see it. None as in `post_access`."""
    return await tx.fetch_one(
        PostViewRow,
        """
        SELECT p.*, view.post AS json
        FROM post_access(%(id)s, %(reader)s, NULL, false, NULL, false) p
        CROSS JOIN LATERAL posts_json(
            ARRAY[p.id], %(reader)s, p.role IN ('owner', 'moderator')) view
        """,
        {"id": id, "reader": reader},
    )


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


async def posting_access(
    tx: Transaction, *, slug: str, user_id: UUID, nonce: str | None
) -> PostingAccess | None:
    """With the forum's filters. None where there is no such forum and where it is private and the
    user is not a member.
    """
    return await tx.fetch_one(
        PostingAccess,
        """
        SELECT a.*, n.body_hash AS first_hash, n.stream_id AS first_id
        FROM forums f
        CROSS JOIN forum_access(f.id, %(user_id)s, true, false) a
        LEFT JOIN nonces n ON n.user_id = %(user_id)s AND n.nonce = %(nonce)s
        WHERE lower(f.slug) = lower(%(slug)s)
        """,
        {"slug": slug, "user_id": user_id, "nonce": nonce},
    )


async def create_post(
    tx: Transaction,
    *,
    forum: PostingAccess,
    author: UUID,
    draft: PostDraft,
    rendered: Rendered,
    broadcast: Broadcast | None,
    tags: Sequence[str],
    withheld: Withheld | None,
    pause: int,
    report_weight: int | None,
    request_hash: bytes,
    now: datetime,
) -> CreatedRow:
    """Writes the post with its event, unless the forum is no longer as it was read. Raises
    AlreadyExists (`nonces_pkey`) if a concurrent request uses the same nonce elsewhere.
    """
    poll = draft.poll
    row = await tx.fetch_one(
        CreatedRow,
        """
        SELECT * FROM create_post(%(forum_id)s, %(author)s, %(etag)s, %(id)s, %(kind)s, %(title)s,
            %(body)s, %(html)s, %(url)s, %(tags)s, %(options)s::text[], %(multiple)s,
            %(closes_at)s, %(withheld)s, %(names)s, %(broadcast)s, %(pause)s, %(weight)s,
            %(case_id)s, %(nonce)s, %(request_hash)s, %(attachments)s::jsonb, %(now)s)
        """,
        {
            "forum_id": forum.id,
            "author": author,
            "etag": forum.etag,
            "id": ids.uuid7(now),
            "kind": str(draft.kind),
            "title": draft.title,
            "body": draft.body,
            "html": rendered.html,
            "url": draft.url,
            "tags": list(tags),
            "options": list(poll.options) if poll else None,
            "multiple": poll is not None and poll.multiple,
            "closes_at": poll.closes_at if poll else None,
            "withheld": withheld,
            "names": rendered.mentions,
            "broadcast": broadcast,
            "pause": pause,
            "weight": report_weight,
            "case_id": ids.uuid7(now),
            "nonce": draft.nonce,
            "request_hash": request_hash,
            "attachments": encode_json(attachments_column(draft.attachments)),
            "now": now,
        },
    )
    assert row is not None, "the function always returns one row"
    return row


async def edit_post(
    tx: Transaction,
    *,
    access: PostAccess,
    title: str,
    body: str,
    rendered: Rendered,
    broadcast: Broadcast | None,
    tags: Sequence[str],
    attachments: list[dict[str, Any]],
    editor: UUID,
    report_weight: int | None,
    now: datetime,
) -> WrittenRow:
    """Keeps the version before the edit in the history, and takes its text out of logged events,
    unless the post is no longer as it was read.
    """
    row = await tx.fetch_one(
        WrittenRow,
        """
        SELECT * FROM edit_post(%(id)s, %(forum_id)s, %(editor)s, %(etag)s, %(title)s, %(body)s,
            %(html)s, %(tags)s, %(names)s, %(broadcast)s, %(weight)s, %(case_id)s,
            %(attachments)s::jsonb, %(now)s)
        """,
        {
            "attachments": encode_json(attachments),
            "id": access.post.id,
            "forum_id": access.forum.id,
            "editor": editor,
            "etag": access.etag,
            "title": title,
            "body": body,
            "html": rendered.html,
            "tags": list(tags),
            "names": rendered.mentions,
            "broadcast": broadcast,
            "weight": report_weight,
            "case_id": ids.uuid7(now),
            "now": now,
        },
    )
    assert row is not None, "the function always returns one row"
    return row


async def delete_post(
    tx: Transaction, *, access: PostAccess, caller: UUID, now: datetime
) -> WrittenRow:
    """Erases the content of the post, of its history and of its logged events, unless the post is
    no longer as it was read. The row stays.
    """
    row = await tx.fetch_one(
        WrittenRow,
        """
        SELECT * FROM delete_post(%(id)s, %(forum_id)s, %(caller)s, %(etag)s, %(now)s)
        """,
        {
            "id": access.post.id,
            "forum_id": access.forum.id,
            "caller": caller,
            "etag": access.etag,
            "now": now,
        },
    )
    assert row is not None, "the function always returns one row"
    return row


async def remove_post(tx: Transaction, *, id: UUID, now: datetime) -> None:
    await tx.execute("SELECT remove_post(%(id)s, %(now)s)", {"id": id, "now": now})


async def restore_post(tx: Transaction, *, id: UUID) -> None:
    await tx.execute("SELECT restore_post(%(id)s)", {"id": id})


async def publish_post(tx: Transaction, *, id: UUID) -> None:
    """The post is not withheld any more."""
    await tx.execute("SELECT publish_post(%(id)s)", {"id": id})
