"""Sessions: how they go on and end.

A session is a family of tokens: it has one access and one refresh token at a time, and each refresh
replaces both. The access token before lives on for a moment, for the requests and the other tabs
that still use it.
"""

from datetime import datetime
from uuid import UUID

from cgraph.accounts.auth.sessions import queries
from cgraph.accounts.auth.sessions.models import EndedSessions, RotationRow, TokenPair
from cgraph.accounts.auth.sessions.tokens import (
    REFRESH_GRACE,
    Tokens,
    new_tokens,
    remember_tokens,
    token_pair,
)
from cgraph.accounts.errors import RefreshTokenReused, SessionNotFound
from cgraph.core import admission, clock
from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.core.errors import InvalidToken
from cgraph.core.ids import SessionId, UserId
from cgraph.core.pagination import LAST_ID, decode_cursor, page_json
from cgraph.core.tokens import Kind, Token, parse_token, seal, unseal
from cgraph.realtime import connections


async def refresh_session(tx: Transaction, *, refresh_token: str) -> TokenPair:
    """Exchanges the token for a new pair. A token that was used before ends the session. Raises
    InvalidToken, RefreshTokenReused.
    """
    token = parse_token(refresh_token, kind=Kind.REFRESH)
    now = clock.now()
    successors = new_tokens(user_id=token.user_id, session_id=token.session_id)
    sealed = seal(successors, under=token)
    rotation = await queries.rotate_refresh_token(
        tx, token=token, now=now, successors=successors, sealed=sealed
    )
    if rotation is not None and not rotation.rotated and rotation.used_at is None and rotation.live:
        # Another request used it after this statement took its snapshot: read it again.
        rotation = await queries.rotate_refresh_token(
            tx, token=token, now=now, successors=successors, sealed=sealed
        )
    if rotation is None or not rotation.live:
        raise InvalidToken
    if rotation.rotated:
        await _replace_tokens(rotation, successors=successors)
        return token_pair(successors)
    return await _replay_refresh(
        tx, token=token, used_at=rotation.used_at, sealed=rotation.sealed, now=now
    )


async def log_out(tx: Transaction, *, caller: Caller) -> None:
    """Ends the caller's session: its access and refresh token are refused from now on."""
    await _end_session(tx, user_id=caller.id, session_id=caller.session_id, now=clock.now())


async def list_sessions(tx: Transaction, *, caller: Caller, cursor: str | None, limit: int) -> str:
    """Returns a page of Session as JSON. Raises InvalidCursor."""
    scope = f"sessions:{caller.id}"
    (below,) = (LAST_ID,) if cursor is None else decode_cursor(scope, cursor, UUID)
    rows = await queries.list_sessions(
        tx,
        user_id=caller.id,
        current=caller.session_id,
        below=below,
        limit=limit + 1,
        now=clock.now(),
    )
    return page_json(rows, limit=limit, scope=scope, position=lambda row: (row.id,))


async def revoke_session(tx: Transaction, *, caller: Caller, id: UUID) -> None:
    """Ends one of the caller's sessions. Raises SessionNotFound."""
    if not await _end_session(tx, user_id=caller.id, session_id=SessionId(id), now=clock.now()):
        raise SessionNotFound


async def revoke_sessions(tx: Transaction, *, caller: Caller, current: bool) -> None:
    """Ends all sessions of the caller but the current one, or with `current` all of them."""
    kept = None if current else caller.session_id
    ended = await queries.end_sessions(tx, user_id=caller.id, kept=kept, now=clock.now())
    await end_tokens_and_sockets(caller.id, ended)


async def _replay_refresh(
    tx: Transaction, *, token: Token, used_at: datetime | None, sealed: bytes | None, now: datetime
) -> TokenPair:
    """Repeats the answer to a refresh whose reply was lost. Raises RefreshTokenReused, and ends the
    session, if the grace period is over or the successor was used; InvalidToken.
    """
    if used_at is None or sealed is None:
        raise InvalidToken
    pair = unseal(sealed, under=token)
    if now - used_at <= REFRESH_GRACE and not await queries.was_refresh_token_used(
        tx, token=pair[1]
    ):
        return token_pair(pair)
    await _end_session(tx, user_id=token.user_id, session_id=token.session_id, now=now)
    raise RefreshTokenReused


async def _replace_tokens(rotation: RotationRow, *, successors: Tokens) -> None:
    """The access token lives on for its grace period, if it has one; the token before it ends."""
    user_id, old = successors[0].user_id, rotation.old_access_hash
    if rotation.ended_access_hash is not None:
        await admission.revoke_tokens(user_id, [rotation.ended_access_hash])
    if rotation.grace_ms > 0:
        await admission.replace_token(user_id, old, grace_ms=rotation.grace_ms)
    else:
        await admission.revoke_tokens(user_id, [old])
    await remember_tokens(successors)


async def _end_session(
    tx: Transaction, *, user_id: UserId, session_id: SessionId, now: datetime
) -> bool:
    """Returns whether the session was live until now."""
    ended = await queries.end_session(tx, user_id=user_id, session_id=session_id, now=now)
    await end_tokens_and_sockets(user_id, ended)
    return ended is not None


async def end_tokens_and_sockets(user_id: UserId, ended: EndedSessions | None) -> None:
    """Refuses the sessions' access tokens and closes their sockets.

    At once, not on commit: the statement has committed by itself, and a refusal may follow.
    """
    if ended is not None and ended.session_ids:
        await admission.revoke_tokens(user_id, ended.access_hashes)
        await connections.close_session_sockets(user_id, session_ids=ended.session_ids)
