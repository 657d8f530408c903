"""The audit log in Postgres: infra/schema/moderation/audit.sql."""

from datetime import datetime
from typing import Any
from uuid import UUID

from cgraph.core.database import Transaction
from cgraph.core.encoding import encode_json
from cgraph.forums.audit.models import ListedEntry, Subject


async def append(
    tx: Transaction,
    *,
    forum_id: UUID,
    actor: UUID | None,
    action: str,
    target: Subject | None,
    detail: dict[str, Any],
    now: datetime,
) -> None:
    await tx.execute(
        """
        SELECT append_audit_entry(%(forum_id)s, %(actor)s, %(action)s, %(kind)s, %(target)s,
                            %(detail)s::jsonb, %(now)s)
        """,
        {
            "forum_id": forum_id,
            "actor": actor,
            "action": action,
            "kind": target.kind if target else None,
            "target": target.id if target else None,
            "detail": encode_json(detail),
            "now": now,
        },
    )


async def entries(tx: Transaction, *, forum_id: UUID, below: int, limit: int) -> list[ListedEntry]:
    """The newest first."""
    return await tx.fetch(
        ListedEntry,
        """
        SELECT number, json_build_object(
                'number', number, 'actor', user_json(actor_id), 'action', action,
                'target', CASE WHEN target_id IS NOT NULL
                          THEN json_build_object('kind', target_kind, 'id', target_id) END,
                'detail', detail, 'created_at', rfc3339(created_at), 'hash', encode(hash, 'hex')
            )::text AS shown
        FROM audit_log
        WHERE forum_id = %(forum_id)s AND number < %(below)s
        ORDER BY number DESC
        LIMIT %(limit)s
        """,
        {"forum_id": forum_id, "below": below, "limit": limit},
    )
