"""The earlier versions of posts in Postgres."""

from uuid import UUID

from cgraph.core.database import Transaction
from cgraph.forums.posts.rows import PostVersionRow


async def list_versions(
    tx: Transaction, *, id: UUID, moderates: bool, below: int, limit: int
) -> list[PostVersionRow]:
    """The last version first. `moderates`: hidden versions have their text."""
    return await tx.fetch(
        PostVersionRow,
        """
        SELECT version, json_build_object(
                'version', version,
                'title', CASE WHEN hidden_at IS NULL OR %(moderates)s THEN title ELSE '' END,
                'body', CASE WHEN hidden_at IS NULL OR %(moderates)s THEN body ELSE '' END,
                'edited_by', edited_by, 'edited_at', rfc3339(edited_at),
                'hidden_at', rfc3339(hidden_at)
            )::text AS json
        FROM post_versions WHERE post_id = %(id)s AND version < %(below)s
        ORDER BY version DESC LIMIT %(limit)s
        """,
        {"id": id, "moderates": moderates, "below": below, "limit": limit},
    )


async def version_json(
    tx: Transaction, *, id: UUID, version: int, moderates: bool
) -> PostVersionRow | None:
    """None where the post has no such earlier version."""
    rows = await list_versions(tx, id=id, moderates=moderates, below=version + 1, limit=1)
    return rows[0] if rows and rows[0].version == version else None
