"""Queries of invitations."""

from datetime import datetime
from uuid import UUID

from cgraph.accounts.invitations.models import CreatedRow, InvitationRow
from cgraph.core.database import Transaction


async def insert_invitation(
    tx: Transaction,
    *,
    id: UUID,
    created_by: UUID,
    hash: bytes,
    note: str,
    now: datetime,
    expires_at: datetime,
    most: int,
) -> bool:
    """Returns False if the user has `most` open ones. The user's row is locked, so that several
    requests at once do not make more.
    """
    row = await tx.fetch_one(
        CreatedRow,
        """
        SELECT create_invitation(%(id)s, %(created_by)s, %(hash)s, %(note)s, %(now)s,
                                 %(expires_at)s, %(most)s) AS created
        """,
        {
            "id": id,
            "created_by": created_by,
            "hash": hash,
            "note": note,
            "now": now,
            "expires_at": expires_at,
            "most": most,
        },
    )
    return row is not None and row.created


async def list_invitations(
    tx: Transaction, *, user_id: UUID, below: UUID, limit: int
) -> list[InvitationRow]:
    """Those whose id is below `below`, newest first: an id begins with its time."""
    return await tx.fetch(
        InvitationRow,
        """
        SELECT id, json_build_object(
                'id', id, 'note', note, 'created_at', rfc3339(created_at),
                'expires_at', rfc3339(expires_at),
                'used_by', CASE WHEN used_by IS NOT NULL THEN user_json(used_by) END,
                'used_at', rfc3339(used_at)
            )::text AS json
        FROM invitations
        WHERE created_by = %(user_id)s AND id < %(below)s
        ORDER BY id DESC
        LIMIT %(limit)s
        """,
        {"user_id": user_id, "below": below, "limit": limit},
    )


async def delete_invitation(tx: Transaction, *, user_id: UUID, id: UUID) -> bool:
    """Returns False if the user has no such invitation, or it was used."""
    deleted = await tx.execute(
        """
        DELETE FROM invitations
        WHERE id = %(id)s AND created_by = %(user_id)s AND used_at IS NULL
        """,
        {"id": id, "user_id": user_id},
    )
    return deleted > 0
