"""Contacts: users who have agreed to it."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from cgraph.accounts.errors import Blocked, InvalidContact, TooManyContactRequests, UserNotFound
from cgraph.accounts.people.contacts import queries
from cgraph.accounts.people.contacts.models import ContactChange, ContactState
from cgraph.core import clock
from cgraph.core.database import Transaction
from cgraph.core.errors import Refusal
from cgraph.core.ids import UserId
from cgraph.core.pagination import END_OF_TIME, LAST_ID, decode_cursor, page_json
from cgraph.media.public_urls import fill_public
from cgraph.realtime.announcements import announce_logged

REQUESTS_AT_MOST = 100
"""That wait for an answer, of one user."""

REFUSALS: Mapping[str, type[Refusal]] = {
    "user_not_found": UserNotFound,
    "blocked": Blocked,
    "too_many_contact_requests": TooManyContactRequests,
}


async def put_contact(tx: Transaction, *, caller: UserId, user_id: UUID) -> ContactChange:
    """Asks the user, or accepts what they have asked. Raises UserNotFound, InvalidContact, Blocked,
    TooManyContactRequests.
    """
    if user_id == caller:
        raise InvalidContact
    now = clock.now()
    row = await queries.put_contact(
        tx, user_id=caller, other_id=user_id, requests_at_most=REQUESTS_AT_MOST, now=now
    )
    if row.refusal is not None:
        raise REFUSALS[row.refusal]
    announce_logged(tx, row.logged or (), audience=None, now=now)
    return ContactChange(user_id=user_id, state=row.state)


async def remove_contact(tx: Transaction, *, caller: UserId, user_id: UUID) -> None:
    """Ends a contact, withdraws a request or declines one. Raises UserNotFound."""
    now = clock.now()
    row = await queries.remove_contact(tx, user_id=caller, other_id=user_id, now=now)
    if row.logged is None:
        raise UserNotFound
    announce_logged(tx, row.logged, audience=None, now=now)


async def list_contacts(
    tx: Transaction, *, caller: UserId, state: ContactState, cursor: str | None, limit: int
) -> str:
    """Returns a page of Contact as JSON, the newest first. Raises InvalidCursor."""
    scope = f"contacts:{caller}:{state}"
    since_before, id_below = (
        (END_OF_TIME, LAST_ID) if cursor is None else decode_cursor(scope, cursor, datetime, UUID)
    )
    rows = await queries.list_contacts(
        tx, user_id=caller, state=state, below=(since_before, id_below), limit=limit + 1
    )
    page = page_json(rows, limit=limit, scope=scope, position=lambda row: (row.since, row.id))
    return fill_public(page)
