"""Invitations: each admits one new account. They work whatever the setting `Registration` is, and
are required where it is `invitation`.
"""

import secrets
from datetime import timedelta
from uuid import UUID

from cgraph.accounts.errors import InvitationNotFound, TooManyInvitations
from cgraph.accounts.invitations import queries
from cgraph.accounts.invitations.models import InvitationDraft, NewInvitation
from cgraph.accounts.one_time_tokens.tokens import hash_token
from cgraph.core import clock, ids
from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.core.pagination import LAST_ID, decode_cursor, page_json

INVITATION_BYTES = 20
LIFETIME = timedelta(days=14)
OPEN_AT_MOST = 10


async def create_invitation(
    tx: Transaction, *, caller: Caller, draft: InvitationDraft
) -> NewInvitation:
    """Raises TooManyInvitations."""
    now, text = clock.now(), new_invitation()
    invitation = NewInvitation(
        id=ids.uuid7(now),
        note=draft.note,
        created_at=now,
        expires_at=now + LIFETIME,
        used_by=None,
        used_at=None,
        invitation=text,
    )
    if not await queries.insert_invitation(
        tx,
        id=invitation.id,
        created_by=caller.id,
        hash=hash_token(text),
        note=draft.note,
        now=now,
        expires_at=invitation.expires_at,
        most=OPEN_AT_MOST,
    ):
        raise TooManyInvitations
    return invitation


async def list_invitations(
    tx: Transaction, *, caller: Caller, cursor: str | None, limit: int
) -> str:
    """Returns a page of Invitation as JSON. Raises InvalidCursor."""
    scope = f"invitations:{caller.id}"
    (below,) = (LAST_ID,) if cursor is None else decode_cursor(scope, cursor, UUID)
    rows = await queries.list_invitations(tx, user_id=caller.id, below=below, limit=limit + 1)
    return page_json(rows, limit=limit, scope=scope, position=lambda row: (row.id,))


async def revoke_invitation(tx: Transaction, *, caller: Caller, id: UUID) -> None:
    """Raises InvitationNotFound."""
    if not await queries.delete_invitation(tx, user_id=caller.id, id=id):
        raise InvitationNotFound


def new_invitation() -> str:
    return f"cgi_{secrets.token_urlsafe(INVITATION_BYTES)}"
