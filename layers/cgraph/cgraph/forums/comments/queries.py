"""Comments in Postgres."""

from datetime import datetime
from uuid import UUID

from cgraph.core.database import Transaction
from cgraph.core.markdown import Rendered
from cgraph.core.mentions import Broadcast
from cgraph.forums.comments.models import (
    CommentInContextRow,
    CommentJSONRow,
    CommentPayloadRow,
    CommentRow,
    CreatedCommentRow,
    OwnCommentEventRow,
)
from cgraph.forums.models import Withheld

MAX_ANCESTORS = 50


async def comment_row(tx: Transaction, *, id: UUID, reader: UUID) -> CommentRow | None:
    """None where the comment does not exist for the reader. To its author it does, also without
    access to the forum.
    """
    return await tx.fetch_one(
        CommentRow,
        """
        SELECT id, post_id, parent_id, author_id, body, version, withheld, below_withheld,
               deleted_at, removed_at
        FROM comments c
        WHERE id = %(id)s
          AND (role_at_comment(c, %(reader)s) IS NOT NULL
               OR (author_id = %(reader)s
                   AND forum_role((SELECT forum_id FROM posts WHERE id = c.post_id), %(reader)s)
                       IS NULL))
        """,
        {"id": id, "reader": reader},
    )


async def insert_comment(
    tx: Transaction,
    *,
    id: UUID,
    post_id: UUID,
    parent_id: UUID | None,
    author: UUID,
    body: str,
    rendered: Rendered,
    broadcast: Broadcast | None,
    withheld: Withheld | None,
    now: datetime,
) -> CreatedCommentRow:
    row = await tx.fetch_one(
        CreatedCommentRow,
        """
        SELECT comment AS payload, reply_count, comment_count
        FROM write_comment(%(id)s, %(post_id)s, %(parent_id)s, %(author)s, %(body)s,
            %(body_html)s, %(withheld)s, %(now)s, %(names)s, %(broadcast)s)
        """,
        {
            "id": id,
            "post_id": post_id,
            "parent_id": parent_id,
            "author": author,
            "body": body,
            "body_html": rendered.html,
            "names": rendered.mentions,
            "broadcast": broadcast,
            "withheld": withheld,
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


async def update_comment(
    tx: Transaction,
    *,
    id: UUID,
    body: str,
    rendered: Rendered,
    broadcast: Broadcast | None,
    now: datetime,
) -> dict[str, object]:
    """Takes the text before the edit out of logged events. Returns the Comment, the same for every
    reader.
    """
    payload = _payload(
        await tx.fetch_one(
            CommentPayloadRow,
            """
            UPDATE comments c
            SET body = %(body)s, body_html = %(body_html)s, version = version + 1,
                edited_at = %(now)s, mentions_everyone = %(broadcast)s,
                mentions = mentioned_readers(
                    (SELECT forum_id FROM posts WHERE id = c.post_id), author_id, %(names)s)
            WHERE id = %(id)s
            RETURNING comment_json(c, NULL, false) AS payload
            """,
            {
                "id": id,
                "body": body,
                "body_html": rendered.html,
                "names": rendered.mentions,
                "broadcast": broadcast,
                "now": now,
            },
        )
    )
    await tx.execute("SELECT refresh_comment_events(%(id)s)", {"id": id})
    return payload


async def delete_comment(tx: Transaction, *, id: UUID, now: datetime) -> dict[str, object]:
    """Erases its text. Returns the Comment, the same for every reader."""
    return _payload(
        await tx.fetch_one(
            CommentPayloadRow,
            """
            UPDATE comments c
            SET body = '', body_html = '', mentions = '{}', mentions_everyone = NULL,
                deleted_at = %(now)s
            WHERE id = %(id)s
            RETURNING comment_json(c, NULL, false) AS payload
            """,
            {"id": id, "now": now},
        )
    )


def _payload(row: CommentPayloadRow | None) -> dict[str, object]:
    assert row is not None, "the comment was read under the stream's lock"
    return row.payload


async def erase_text_in_events(tx: Transaction, *, id: UUID) -> None:
    """In the events of the comment that are logged."""
    await tx.execute(
        """
        UPDATE events
        SET payload = jsonb_set(payload, '{comment}',
                                payload -> 'comment' || '{"body": "", "body_html": "",
                                    "mentions": [], "mentions_everyone": null}')
        WHERE type IN ('comment.created', 'comment.updated')
          AND payload -> 'comment' ->> 'id' = %(id)s::text
        """,
        {"id": id},
    )


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


async def comment_in_context(
    tx: Transaction, *, id: UUID, reader: UUID, role: str
) -> CommentInContextRow:
    """The reader, who has that role in the forum, is known to be allowed to see the comment, and
    so the ones above it.
    """
    row = await tx.fetch_one(
        CommentInContextRow,
        """
        SELECT comment_json(c, %(reader)s, moderates)::text AS json, ARRAY (
            SELECT comment_json(above, %(reader)s, moderates)::text
            FROM unnest(c.path) WITH ORDINALITY AS step (id, ordinal)
            JOIN comments above ON above.id = step.id
            WHERE step.ordinal > cardinality(c.path) - %(at_most)s
            ORDER BY step.ordinal) AS ancestors
        FROM comments c, (SELECT %(role)s IN ('owner', 'moderator') AS moderates) AS context
        WHERE c.id = %(id)s
        """,
        {"id": id, "reader": reader, "role": role, "at_most": MAX_ANCESTORS},
    )
    assert row is not None, "the row of a comment is never deleted"
    return row


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
