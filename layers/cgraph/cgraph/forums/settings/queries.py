"""The settings of forums in Postgres."""

from uuid import UUID

from cgraph.core.database import Transaction
from cgraph.core.encoding import encode_json
from cgraph.forums.models import ForumSettings
from cgraph.media.pictures.models import Picture


async def forum_settings(tx: Transaction, *, id: UUID) -> ForumSettings:
    row = await tx.fetch_one(
        ForumSettings,
        """
        SELECT name, description, rules, visibility, posting, slow_mode_seconds, tags, tag_required,
               join_requests, link_previews, icon, banner
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
            tag_required = %(tag_required)s, join_requests = %(join_requests)s,
            link_previews = %(link_previews)s,
            icon = %(icon)s::jsonb, banner = %(banner)s::jsonb
        WHERE id = %(id)s
        """,
        {
            "id": id,
            **settings.model_dump(),
            "icon": _column(settings.icon),
            "banner": _column(settings.banner),
        },
    )


def _column(picture: Picture | None) -> str | None:
    return None if picture is None else encode_json(picture.model_dump(mode="json"))
