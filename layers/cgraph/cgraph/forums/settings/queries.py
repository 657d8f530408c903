"""The settings of forums in Postgres."""

from uuid import UUID

from cgraph.core.database import Transaction
from cgraph.forums.models import ForumSettings


async def forum_settings(tx: Transaction, *, id: UUID) -> ForumSettings:
    row = await tx.fetch_one(
        ForumSettings,
        """
        SELECT name, description, rules, visibility, posting, slow_mode_seconds, tags, tag_required,
               join_requests
        FROM forums WHERE id = %(id)s
        """,
        {"id": id},
    )
    assert row is not None, "nothing deletes a forum"
    return row


async def update_settings(tx: Transaction, *, id: UUID, settings: ForumSettings) -> None:
    await tx.execute(
        """
        UPDATE forums
        SET name = %(name)s, description = %(description)s, rules = %(rules)s,
            visibility = %(visibility)s, posting = %(posting)s,
            slow_mode_seconds = %(slow_mode_seconds)s, tags = %(tags)s,
            tag_required = %(tag_required)s, join_requests = %(join_requests)s
        WHERE id = %(id)s
        """,
        {"id": id, **settings.model_dump()},
    )
