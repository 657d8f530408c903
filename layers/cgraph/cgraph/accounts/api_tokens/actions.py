"""API tokens: what programs use in place of a session, with a part of what their user may do."""

from datetime import timedelta
from uuid import UUID

from cgraph.accounts.api_tokens import queries
from cgraph.accounts.api_tokens.models import TOKENS_MAX, ApiTokenDraft, NewApiToken
from cgraph.accounts.auth.sessions.actions import end_tokens_and_sockets
from cgraph.accounts.auth.sessions.confirmation import require_fresh_login
from cgraph.accounts.auth.sessions.models import EndedSessions
from cgraph.accounts.errors import ApiTokenNotFound, TooManyApiTokens
from cgraph.core import clock, ids, issued_tokens
from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.core.ids import SessionId
from cgraph.core.pagination import page_json
from cgraph.core.tokens import Kind, new_token


async def create_api_token(tx: Transaction, *, caller: Caller, draft: ApiTokenDraft) -> NewApiToken:
    """Raises FreshLoginRequired, TooManyApiTokens."""
    await require_fresh_login(tx, caller=caller)
    now = clock.now()
    token = new_token(Kind.API, user_id=caller.id, session_id=SessionId(ids.uuid7(now)))
    lifetime = timedelta(days=draft.expires_in_days)
    created = NewApiToken(
        id=token.session_id,
        name=draft.name,
        scopes=draft.scopes,
        created_at=now,
        expires_at=now + lifetime,
        last_used_at=None,
        token=str(token),
    )
    if not await queries.create_api_token(tx, user_id=caller.id, token=created, hash=token.hash):
        raise TooManyApiTokens
    await issued_tokens.remember({token: int(lifetime.total_seconds())})
    return created


async def list_api_tokens(tx: Transaction, *, caller: Caller) -> str:
    """Returns a page of ApiToken as JSON, which has all of them."""
    rows = await queries.list_api_tokens(tx, user_id=caller.id, now=clock.now())
    return page_json(
        rows, limit=TOKENS_MAX, scope=f"api_tokens:{caller.id}", position=lambda row: (row.id,)
    )


async def delete_api_token(tx: Transaction, *, caller: Caller, id: UUID) -> None:
    """Its requests are refused and its sockets closed at once. Raises ApiTokenNotFound."""
    deleted = await queries.delete_api_token(tx, user_id=caller.id, id=id)
    if deleted is None:
        raise ApiTokenNotFound
    await end_tokens_and_sockets(caller.id, EndedSessions([id], [deleted.hash]))
