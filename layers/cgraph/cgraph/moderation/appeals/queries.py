"""Appeals in Postgres. The SQL function appeal_json() writes an Appeal."""

from datetime import datetime
from uuid import UUID

from cgraph.core.database import Transaction
from cgraph.moderation.appeals.models import (
    AppealableAction,
    AppealJSON,
    AppealRow,
    AppealState,
    AppealTarget,
    ModeratorCount,
)


async def appealable_action(
    tx: Transaction, *, user_id: UUID, target: AppealTarget, now: datetime
) -> AppealableAction | None:
    """The user's ban, or the removal of what the user wrote. Returns None for a shadow ban too,
    which the user may not know of.
    """
    return await tx.fetch_one(
        AppealableAction,
        """
        SELECT 'ban' AS kind, id, forum_id, created_by AS by FROM forum_bans
        WHERE %(kind)s = 'forum' AND forum_id = %(id)s AND user_id = %(user_id)s AND NOT shadow
          AND until > %(now)s
        UNION ALL
        SELECT 'removal', id, forum_id, removed_by FROM removals
        WHERE target_kind = %(kind)s AND target_id = %(id)s AND author_id = %(user_id)s
          AND lifted_at IS NULL
        """,
        {"kind": target.kind, "id": target.id, "user_id": user_id, "now": now},
    )


async def insert_appeal(
    tx: Transaction,
    *,
    id: UUID,
    action: AppealableAction,
    user_id: UUID,
    content: str,
    now: datetime,
) -> bool:
    """Returns False where there is an appeal against the same ban or removal."""
    return bool(
        await tx.execute(
            """
            INSERT INTO appeals (id, forum_id, subject_kind, subject_id, user_id, acted_by, content,
                                 created_at)
            VALUES (%(id)s, %(forum_id)s, %(kind)s, %(subject)s, %(user_id)s, %(by)s, %(content)s,
                    %(now)s)
            ON CONFLICT DO NOTHING
            """,
            {
                "id": id,
                "forum_id": action.forum_id,
                "kind": action.kind,
                "subject": action.id,
                "user_id": user_id,
                "by": action.by,
                "content": content,
                "now": now,
            },
        )
    )


async def appeal_json(tx: Transaction, *, subject_id: UUID) -> AppealJSON:
    """The appeal against a ban or removal, which must exist."""
    row = await tx.fetch_one(
        AppealJSON,
        """
        SELECT id, content, appeal_json(a)::text AS json
        FROM appeals a WHERE subject_id = %(subject_id)s
        """,
        {"subject_id": subject_id},
    )
    assert row is not None, "appeals are never deleted"
    return row


async def list_appeals(
    tx: Transaction, *, forum_id: UUID, state: AppealState, after: UUID, limit: int
) -> list[AppealJSON]:
    """Appeals after the position `after`, oldest first."""
    return await tx.fetch(
        AppealJSON,
        """
        SELECT id, content, appeal_json(a)::text AS json
        FROM appeals a
        WHERE forum_id = %(forum_id)s AND state = %(state)s AND id > %(after)s
        ORDER BY id
        LIMIT %(limit)s
        """,
        {"forum_id": forum_id, "state": state, "after": after, "limit": limit},
    )


async def appeal_row(tx: Transaction, *, id: UUID) -> AppealRow | None:
    return await tx.fetch_one(
        AppealRow,
        """
        SELECT a.id, a.forum_id, f.slug, a.subject_id, a.user_id, a.acted_by, a.state,
               r.target_kind, r.target_id
        FROM appeals a
        JOIN forums f ON f.id = a.forum_id
        LEFT JOIN removals r ON r.id = a.subject_id
        WHERE a.id = %(id)s
        """,
        {"id": id},
    )


async def count_other_moderators(tx: Transaction, *, forum_id: UUID, excluded: list[UUID]) -> int:
    """Moderators and owner, without the excluded and without banned ones."""
    row = await tx.fetch_one(
        ModeratorCount,
        """
        SELECT count(*) AS number FROM forum_members
        WHERE forum_id = %(forum_id)s AND role IN ('owner', 'moderator')
          AND user_id <> ALL (%(excluded)s)
          AND forum_role(forum_id, user_id) IN ('owner', 'moderator')
        """,
        {"forum_id": forum_id, "excluded": excluded},
    )
    assert row is not None, "a count is always one row"
    return row.number


async def resolve_appeal(
    tx: Transaction, *, id: UUID, state: AppealState, note: str, by: UUID, now: datetime
) -> None:
    await tx.execute(
        """
        UPDATE appeals
        SET state = %(state)s, note = %(note)s, decided_by = %(by)s, decided_at = %(now)s
        WHERE id = %(id)s AND state = 'open'
        """,
        {"id": id, "state": state, "note": note, "by": by, "now": now},
    )
