"""Queries of contacts."""

from datetime import datetime
from uuid import UUID

from cgraph.accounts.people.contacts.models import (
    ContactRow,
    ContactState,
    PutContactRow,
    RemovedContactRow,
)
from cgraph.core.database import Transaction


async def put_contact(
    tx: Transaction, *, user_id: UUID, other_id: UUID, requests_at_most: int, now: datetime
) -> PutContactRow:
    row = await tx.fetch_one(
        PutContactRow,
        "SELECT * FROM put_contact(%(user_id)s, %(other_id)s, %(requests_at_most)s, %(now)s)",
        {
            "user_id": user_id,
            "other_id": other_id,
            "requests_at_most": requests_at_most,
            "now": now,
        },
    )
    assert row is not None, "the function returns one row"
    return row


async def remove_contact(
    tx: Transaction, *, user_id: UUID, other_id: UUID, now: datetime
) -> RemovedContactRow:
    row = await tx.fetch_one(
        RemovedContactRow,
        "SELECT remove_contact(%(user_id)s, %(other_id)s, %(now)s) AS logged",
        {"user_id": user_id, "other_id": other_id, "now": now},
    )
    assert row is not None, "the function returns one row"
    return row


async def list_contacts(
    tx: Transaction,
    *,
    user_id: UUID,
    state: ContactState,
    below: tuple[datetime, UUID],
    limit: int,
) -> list[ContactRow]:
    """Returns those in this state, the newest first, from below (since, id of the other user)."""
    since_before, id_below = below
    return await tx.fetch(
        ContactRow,
        """
        SELECT c.since, u.id, json_build_object(
                'user', json_build_object(
                    'id', u.id, 'username', u.username, 'display_name', u.display_name,
                    'bio', u.bio, 'avatar', u.avatar, 'status', status_json(u.status),
                    'created_at', rfc3339(u.created_at)),
                'state', c.state, 'since', rfc3339(c.since)
            )::text AS json
        FROM contacts c JOIN users u ON u.id = c.other_id
        WHERE c.user_id = %(user_id)s AND c.state = %(state)s
          AND (c.since, c.other_id) < (%(since_before)s, %(id_below)s)
        ORDER BY c.since DESC, c.other_id DESC
        LIMIT %(limit)s
        """,
        {
            "user_id": user_id,
            "state": state,
            "since_before": since_before,
            "id_below": id_below,
            "limit": limit,
        },
    )
