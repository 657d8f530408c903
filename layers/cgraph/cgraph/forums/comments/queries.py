"""Comments in Postgres."""

from datetime import datetime
from typing import Any
from uuid import UUID

from cgraph.core import ids
from cgraph.core.database import Transaction
from cgraph.core.encoding import encode_json
from cgraph.core.markdown import Rendered
from cgraph.core.mentions import Broadcast
from cgraph.forums.comments.models import (
    CommentAccess,
    CommentAccessRow,
    CommentDraft,
    CommentingAccessRow,
    CommentJSONRow,
    CommentViewRow,
    CreatedCommentRow,
    OwnCommentEventRow,
)
from cgraph.forums.models import CreatedRow, Withheld, WrittenRow
from cgraph.media.uses.models import attachments_column

MAX_ANCESTORS = 50


async def comment_access(
    tx: Transaction, *, id: UUID, reader: UUID, with_filters: bool = False
) -> CommentAccessRow | None:
    """None where the comment does not exist for the reader. To its author it does, also without
    access to the forum.
    """
    return await tx.fetch_one(
        CommentAccessRow,
        """
        SELECT p.*, c.id AS comment_id, c.parent_id, c.author_id AS comment_author_id,
               c.body AS comment_body, c.attachments AS comment_attachments,
               c.version AS comment_version, c.withheld AS comment_withheld, c.below_withheld,
               c.deleted_at AS comment_deleted_at, c.removed_at AS comment_removed_at,
               c.etag AS comment_etag
        FROM comment_access(%(id)s, %(reader)s) c
        CROSS JOIN LATERAL post_access(
            c.post_id, %(reader)s, c.author_id, %(with_filters)s, NULL, false) p
        """,
        {"id": id, "reader": reader, "with_filters": with_filters},
    )


async def commenting_access(
    tx: Transaction, *, post_id: UUID, reader: UUID, draft: CommentDraft
) -> CommentingAccessRow | None:
    """With the filters of the forum. None where the post does not exist for the reader."""
    return await tx.fetch_one(
        CommentingAccessRow,
        """
        SELECT p.*, c.post_id AS parent_post_id,
               coalesce(c.deleted_at, c.removed_at) AS parent_gone_at, c.etag AS parent_etag,
               n.body_hash AS first_hash, n.stream_id AS first_id
        FROM post_access(%(post_id)s, %(reader)s, NULL, true, NULL, false) p
        LEFT JOIN comment_access(%(parent_id)s, %(reader)s) c ON true
        LEFT JOIN nonces n ON n.user_id = %(reader)s AND n.nonce = %(nonce)s
        """,
        {
            "post_id": post_id,
            "reader": reader,
            "parent_id": draft.parent_id,
            "nonce": draft.nonce,
        },
    )


async def create_comment(
    tx: Transaction,
    *,
    access: CommentingAccessRow,
    author: UUID,
    draft: CommentDraft,
    rendered: Rendered,
    broadcast: Broadcast | None,
    withheld: Withheld | None,
    pause: int,
    report_weight: int | None,
    request_hash: bytes,
    now: datetime,
) -> CreatedRow:
    """Writes the comment with its event, unless the post, the forum or the parent is no longer as
    it was read. Raises AlreadyExists (`nonces_pkey`) if a concurrent request uses the same nonce
    elsewhere.
    """
    row = await tx.fetch_one(
        CreatedRow,
        """
        SELECT * FROM create_comment(%(post_id)s, %(author)s, %(etag)s, %(parent_etag)s, %(id)s,
            %(parent_id)s, %(body)s, %(html)s, %(withheld)s, %(names)s, %(broadcast)s, %(pause)s,
            %(weight)s, %(case_id)s, %(nonce)s, %(request_hash)s, %(attachments)s::jsonb, %(now)s)
        """,
        {
            "post_id": access.id,
            "author": author,
            "etag": access.etag,
            "parent_etag": access.parent_etag,
            "id": ids.uuid7(now),
            "parent_id": draft.parent_id,
            "body": draft.body,
            "html": rendered.html,
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


async def edit_comment(
    tx: Transaction,
    *,
    access: CommentAccess,
    editor: UUID,
    body: str,
    rendered: Rendered,
    broadcast: Broadcast | None,
    attachments: list[dict[str, Any]],
    report_weight: int | None,
    now: datetime,
) -> WrittenRow:
    """Takes the text before the edit out of logged events. Writes nothing if the comment, the post
    or the forum is no longer as it was read.
    """
    row = await tx.fetch_one(
        WrittenRow,
        """
        SELECT * FROM edit_comment(%(id)s, %(post_id)s, %(editor)s, %(etag)s, %(comment_etag)s,
            %(body)s, %(html)s, %(names)s, %(broadcast)s, %(weight)s, %(case_id)s,
            %(attachments)s::jsonb, %(now)s)
        """,
        {
            "id": access.comment.id,
            "post_id": access.comment.post_id,
            "editor": editor,
            "etag": access.post_access.etag,
            "comment_etag": access.etag,
            "body": body,
            "html": rendered.html,
            "names": rendered.mentions,
            "broadcast": broadcast,
            "attachments": encode_json(attachments),
            "weight": report_weight,
            "case_id": ids.uuid7(now),
            "now": now,
        },
    )
    assert row is not None, "the function always returns one row"
    return row


async def delete_comment(
    tx: Transaction, *, access: CommentAccess, caller: UUID, now: datetime
) -> WrittenRow:
    """Erases the comment's text, also in logged events, unless the comment, the post or the forum
    is no longer as it was read.
    """
    row = await tx.fetch_one(
        WrittenRow,
        """
        SELECT * FROM delete_comment(%(id)s, %(post_id)s, %(forum_id)s, %(caller)s, %(etag)s,
            %(comment_etag)s, %(now)s)
        """,
        {
            "id": access.comment.id,
            "post_id": access.comment.post_id,
            "forum_id": access.post_access.forum.id,
            "caller": caller,
            "etag": access.post_access.etag,
            "comment_etag": access.etag,
            "now": now,
        },
    )
    assert row is not None, "the function always returns one row"
    return row


async def publish_comment(tx: Transaction, *, id: UUID) -> CreatedCommentRow:
    """The comment is not withheld any more."""
    row = await tx.fetch_one(
        CreatedCommentRow,
        """
        SELECT comment AS payload, reply_count, comment_count FROM publish_comment(%(id)s)
        """,
        {"id": id},
    )
    assert row is not None, "the function always returns one row"
    return row


async def comment_json(tx: Transaction, *, id: UUID, reader: UUID, moderates: bool) -> str:
    """A Comment, as JSON. The reader is known to be allowed to see it."""
    row = await tx.fetch_one(
        CommentJSONRow,
        """
        SELECT comment_json(c, %(reader)s, %(moderates)s)::text AS json
        FROM comments c WHERE c.id = %(id)s
        """,
        {"id": id, "reader": reader, "moderates": moderates},
    )
    assert row is not None, "the row of a comment is never deleted"
    return row.json


async def comment_view(tx: Transaction, *, id: UUID, reader: UUID) -> CommentViewRow | None:
    """The comment and the ones above it, which its reader sees too, with what decides whether they
    may see it. None as in `comment_access`.
    """
    return await tx.fetch_one(
        CommentViewRow,
        """
        SELECT p.*, c.id AS comment_id, c.parent_id, c.author_id AS comment_author_id,
               c.body AS comment_body, c.attachments AS comment_attachments,
               c.version AS comment_version, c.withheld AS comment_withheld, c.below_withheld,
               c.deleted_at AS comment_deleted_at, c.removed_at AS comment_removed_at,
               c.etag AS comment_etag, shown_comment(c.id, %(reader)s, p.role) AS json, ARRAY (
                   SELECT shown_comment(step.id, %(reader)s, p.role)
                   FROM comments shown, unnest(shown.path) WITH ORDINALITY AS step (id, ordinal)
                   WHERE shown.id = c.id
                     AND step.ordinal > cardinality(shown.path) - %(at_most)s
                   ORDER BY step.ordinal) AS ancestors
        FROM comment_access(%(id)s, %(reader)s) c
        CROSS JOIN LATERAL post_access(
            c.post_id, %(reader)s, c.author_id, false, NULL, false) p
        """,
        {"id": id, "reader": reader, "at_most": MAX_ANCESTORS},
    )


async def own_events(tx: Transaction, *, id: UUID) -> list[OwnCommentEventRow]:
    """The data of events about a hidden comment, for each user who gets one."""
    return await tx.fetch(
        OwnCommentEventRow,
        "SELECT user_id, payload FROM own_comment_events(%(id)s)",
        {"id": id},
    )


async def set_accepted_comment(tx: Transaction, *, post_id: UUID, id: UUID | None) -> None:
    """`id`: None where no comment is accepted."""
    await tx.execute(
        "UPDATE posts SET accepted_comment_id = %(id)s WHERE id = %(post_id)s",
        {"id": id, "post_id": post_id},
    )
