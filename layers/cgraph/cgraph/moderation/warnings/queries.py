from datetime import datetime
from uuid import UUID

from cgraph.core.database import Transaction
from cgraph.forums.audit.models import EntityRef
from cgraph.moderation.warnings.models import WarningCandidate, WarningJSON


async def warning_candidate(
    tx: Transaction, *, forum_id: UUID, user_id: UUID, target: EntityRef | None
) -> WarningCandidate | None:
    """Returns None where there is no such user."""
    return await tx.fetch_one(
        WarningCandidate,
        """
        SELECT (SELECT role FROM forum_members
                WHERE forum_id = %(forum_id)s AND user_id = u.id) AS role,
               EXISTS (SELECT FROM posts
                       WHERE %(kind)s = 'post' AND id = %(target)s AND author_id = u.id
                         AND forum_id = %(forum_id)s)
               OR EXISTS (SELECT FROM comments c JOIN posts p ON p.id = c.post_id
                          WHERE %(kind)s = 'comment' AND c.id = %(target)s AND c.author_id = u.id
                            AND p.forum_id = %(forum_id)s) AS is_author
        FROM users u WHERE u.id = %(user_id)s
        """,
        {
            "forum_id": forum_id,
            "user_id": user_id,
            "kind": target.kind if target else "",
            "target": target.id if target else None,
        },
    )


async def insert_warning(
    tx: Transaction,
    *,
    id: UUID,
    forum_id: UUID,
    user_id: UUID,
    by: UUID,
    reason: str,
    target: EntityRef | None,
    now: datetime,
) -> WarningJSON:
    row = await tx.fetch_one(
        WarningJSON,
        """
        INSERT INTO warnings AS w (id, forum_id, user_id, warned_by, reason, target_kind, target_id,
                                   created_at)
        VALUES (%(id)s, %(forum_id)s, %(user_id)s, %(by)s, %(reason)s, %(kind)s, %(target)s,
                %(now)s)
        RETURNING warning_json(w)::text AS json
        """,
        {
            "id": id,
            "forum_id": forum_id,
            "user_id": user_id,
            "by": by,
            "reason": reason,
            "kind": target.kind if target else None,
            "target": target.id if target else None,
            "now": now,
        },
    )
    assert row is not None, "an insert returns its row"
    return row


async def warning_json(tx: Transaction, *, id: UUID) -> WarningJSON | None:
    return await tx.fetch_one(
        WarningJSON,
        "SELECT warning_json(w)::text AS json FROM warnings w WHERE id = %(id)s",
        {"id": id},
    )
