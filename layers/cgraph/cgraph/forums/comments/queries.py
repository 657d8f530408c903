"""Comments in Postgres; comment_json() of infra/schema/forums/comments.sql builds their JSON."""

from datetime import datetime
from uuid import UUID

from cgraph.core.database import Transaction
from cgraph.forums.comments.models import CommentRow, Created, Shown, Told

ANCESTORS_SHOWN = 50


async def comment_row(tx: Transaction, *, id: UUID) -> CommentRow | None:
    return await tx.fetch_one(
        CommentRow,
        """
        SELECT id, post_id, author_id, body, version, shadowed, deleted_at, removed_at
        FROM comments WHERE id = %(id)s
        """,
        {"id": id},
    )


async def write_comment(
    tx: Transaction,
    *,
    id: UUID,
    post_id: UUID,
    parent_id: UUID | None,
    author: UUID,
    body: str,
    body_html: str,
    shadowed: bool,
    now: datetime,
) -> Created:
    created = await tx.fetch_one(
        Created,
        """
        SELECT * FROM write_comment(%(id)s, %(post_id)s, %(parent_id)s, %(author)s, %(body)s,
            %(body_html)s, %(shadowed)s, %(now)s)
        """,
        {
            "id": id,
            "post_id": post_id,
            "parent_id": parent_id,
            "author": author,
            "body": body,
            "body_html": body_html,
            "shadowed": shadowed,
            "now": now,
        },
    )
    assert created is not None, "the function always answers one row"
    return created


async def edit(
    tx: Transaction, *, id: UUID, body: str, body_html: str, now: datetime
) -> dict[str, object]:
    """As all see it."""
    return _changed(
        await tx.fetch_one(
            Told,
            """
            UPDATE comments c
            SET body = %(body)s, body_html = %(body_html)s, version = version + 1,
                edited_at = %(now)s
            WHERE id = %(id)s
            RETURNING comment_json(c, NULL, false) AS comment
            """,
            {"id": id, "body": body, "body_html": body_html, "now": now},
        )
    )


async def delete(tx: Transaction, *, id: UUID, now: datetime) -> dict[str, object]:
    """What it said; its place and its replies stay."""
    return _changed(
        await tx.fetch_one(
            Told,
            """
            UPDATE comments c SET body = '', body_html = '', deleted_at = %(now)s
            WHERE id = %(id)s
            RETURNING comment_json(c, NULL, false) AS comment
            """,
            {"id": id, "now": now},
        )
    )


def _changed(row: Told | None) -> dict[str, object]:
    assert row is not None, "it has been looked at under the stream's lock"
    return row.comment


async def forget_text(tx: Transaction, *, id: UUID) -> None:
    """In what the log already told."""
    await tx.execute(
        """
        UPDATE events
        SET payload = jsonb_set(payload, '{comment}',
                                payload -> 'comment' || '{"body": "", "body_html": ""}')
        WHERE type IN ('comment.created', 'comment.updated')
          AND payload -> 'comment' ->> 'id' = %(id)s::text
        """,
        {"id": id},
    )


async def show(tx: Transaction, *, id: UUID, reader: UUID, role: str) -> Shown:
    """For somebody who may see it."""
    shown = await tx.fetch_one(
        Shown,
        """
        SELECT comment_json(c, %(reader)s, moderates) AS comment, ARRAY (
            SELECT comment_json(above, %(reader)s, moderates)
            FROM unnest(c.path) WITH ORDINALITY AS step (id, ordinal)
            JOIN comments above ON above.id = step.id
            WHERE step.ordinal > cardinality(c.path) - %(at_most)s
              AND (NOT above.shadowed OR sees_shadowed(above.author_id, %(reader)s, %(role)s))
            ORDER BY step.ordinal) AS ancestors
        FROM comments c, (SELECT %(role)s IN ('owner', 'moderator') AS moderates) AS context
        WHERE c.id = %(id)s
        """,
        {"id": id, "reader": reader, "role": role, "at_most": ANCESTORS_SHOWN},
    )
    assert shown is not None, "it has just been looked at"
    return shown


async def accept(tx: Transaction, *, post_id: UUID, id: UUID | None) -> None:
    """As the post's answer, or none."""
    await tx.execute(
        "UPDATE posts SET accepted_comment_id = %(id)s WHERE id = %(post_id)s",
        {"id": id, "post_id": post_id},
    )
