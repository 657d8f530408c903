"""Posts in Postgres; post_json(), infra/migrations/0007, says how one looks."""

from uuid import UUID

from cgraph.database import Transaction
from cgraph.posts.models import Locked, PostRow


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
        "SELECT lock_post(%(id)s, %(reader)s, %(with_forum)s) AS locked",
        {"id": id, "reader": reader, "with_forum": with_forum},
    )
    assert row is not None, "a function answers one row"
    return row.locked
