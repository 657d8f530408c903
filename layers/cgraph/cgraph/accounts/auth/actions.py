"""Accounts and sessions. A session is a family of tokens: one access and one refresh token at a
time.
"""

from datetime import datetime, timedelta
from uuid import UUID

from cgraph.accounts.auth import queries
from cgraph.accounts.auth.models import (
    Credentials,
    Ended,
    PasswordChange,
    Registration,
    Session,
    TokenPair,
    Welcome,
)
from cgraph.accounts.auth.password_check import check_password, require_password
from cgraph.accounts.auth.second_factor.actions import require_code
from cgraph.accounts.errors import (
    EmailTaken,
    InvalidCredentials,
    RefreshTokenReused,
    SessionNotFound,
    UsernameTaken,
)
from cgraph.accounts.people.models import Me
from cgraph.core import admission, clock, ids
from cgraph.core.caller import Caller
from cgraph.core.database import AlreadyExists, Transaction
from cgraph.core.errors import InvalidCursor, InvalidToken
from cgraph.core.ids import SessionId, UserId
from cgraph.core.pagination import Page, decode_cursor, encode_cursor
from cgraph.core.tokens import Kind, Token, new_token, parse_token, seal, unseal
from cgraph.realtime import connections

GRACE = timedelta(seconds=30)
"""A refresh whose reply was lost may be asked again this long, and gets the same pair."""

_LAST = UUID(int=2**128 - 1)


async def register(tx: Transaction, *, registration: Registration, device: str) -> Welcome:
    """Raises UsernameTaken, EmailTaken."""
    from cgraph.accounts.auth import passwords

    now = clock.now()
    user_id = UserId(ids.uuid7(now))
    tokens = _new_tokens(user_id=user_id, session_id=SessionId(ids.uuid7(now)))
    try:
        me = await queries.insert_account(
            tx,
            id=user_id,
            registration=registration,
            password_hash=passwords.hash_password(registration.password),
            now=now,
            tokens=tokens,
            device=device,
        )
    except AlreadyExists as error:
        raise EmailTaken if error.constraint == "users_email_key" else UsernameTaken from None
    assert me is not None, "an insert returns its row"
    return Welcome(user=me, **_pair(tokens).model_dump())


async def log_in(tx: Transaction, *, credentials: Credentials, device: str) -> Welcome:
    """Raises InvalidCredentials, CodeRequired, InvalidCode, RateLimited (by account, whatever the
    address). Whether an account has a second factor is told to those who know its password.
    """
    account = await queries.account_for_login(tx, login=credentials.login)
    tried = str(account.id) if account else credentials.login.lower()
    stored = account.password_hash if account else None
    await check_password(credentials.password, stored=stored, tried=tried)
    assert account is not None, "nobody's password is right"
    if account.totp:
        await require_code(tx, user_id=account.id, code=credentials.code)
    now = clock.now()
    tokens = _new_tokens(user_id=UserId(account.id), session_id=SessionId(ids.uuid7(now)))
    if not await queries.insert_session(
        tx,
        user_id=account.id,
        checked_hash=account.password_hash,
        now=now,
        tokens=tokens,
        device=device,
    ):
        raise InvalidCredentials
    return Welcome(
        user=Me.model_validate(account, from_attributes=True), **_pair(tokens).model_dump()
    )


async def refresh_session(tx: Transaction, *, refresh_token: str) -> TokenPair:
    """Spends the token for a new pair. A token spent before ends the family. Raises InvalidToken,
    RefreshReused.
    """
    token = parse_token(refresh_token, kind=Kind.REFRESH)
    now = clock.now()
    successors = _new_tokens(user_id=token.user_id, session_id=token.session_id)
    sealed = seal(successors, under=token)
    rotation = await queries.rotate(tx, token=token, now=now, successors=successors, sealed=sealed)
    if rotation is not None and not rotation.rotated and rotation.used_at is None and rotation.live:
        # Another caller spent it after this statement's snapshot was taken: look again.
        rotation = await queries.rotate(
            tx, token=token, now=now, successors=successors, sealed=sealed
        )
    if rotation is None or not rotation.live:
        raise InvalidToken
    if rotation.old_access_hash is not None and rotation.rotated:
        await admission.revoke_tokens(token.user_id, [rotation.old_access_hash])
    if rotation.rotated:
        return _pair(successors)
    return await _refresh_again(
        tx, token=token, used_at=rotation.used_at, sealed=rotation.sealed, now=now
    )


async def log_out(tx: Transaction, *, caller: Caller) -> None:
    """Ends the whole family: the refresh token goes with the access token."""
    await _end(tx, user_id=caller.id, session_id=caller.session_id, now=clock.now())


async def list_sessions(
    tx: Transaction, *, caller: Caller, cursor: str | None, limit: int
) -> Page[Session]:
    """Raises InvalidCursor."""
    scope = f"sessions:{caller.id}"
    items = await queries.sessions_of(
        tx,
        user_id=caller.id,
        current=caller.session_id,
        below=_LAST if cursor is None else _position(scope, cursor),
        limit=limit + 1,
        now=clock.now(),
    )
    if len(items) <= limit:
        return Page(items=items, next=None)
    return Page(items=items[:limit], next=encode_cursor(scope, str(items[limit - 1].id)))


async def revoke_session(tx: Transaction, *, caller: Caller, id: UUID) -> None:
    """Raises SessionNotFound: it has ended, or is somebody else's."""
    if not await _end(tx, user_id=caller.id, session_id=SessionId(id), now=clock.now()):
        raise SessionNotFound


async def revoke_sessions(tx: Transaction, *, caller: Caller, current: bool) -> None:
    """All but the one that asks, or with `current` that one too."""
    kept = None if current else caller.session_id
    ended = await queries.end_sessions(tx, user_id=caller.id, kept=kept, now=clock.now())
    await _end_tokens_and_sockets(caller.id, ended)


async def change_password(tx: Transaction, *, caller: Caller, change: PasswordChange) -> None:
    """Ends all sessions but the one that asks. Raises InvalidCredentials, RateLimited."""
    from cgraph.accounts.auth import passwords

    stored = await require_password(tx, user_id=caller.id, password=change.current_password)
    ended = await queries.change_password(
        tx,
        user_id=caller.id,
        checked_hash=stored,
        new_hash=passwords.hash_password(change.new_password),
        kept=caller.session_id,
        now=clock.now(),
    )
    if ended is None:
        raise InvalidCredentials
    await _end_tokens_and_sockets(caller.id, ended)


async def _refresh_again(
    tx: Transaction, *, token: Token, used_at: datetime | None, sealed: bytes | None, now: datetime
) -> TokenPair:
    if used_at is None or sealed is None:
        raise InvalidToken
    pair = unseal(sealed, under=token)
    if now - used_at <= GRACE and not await queries.was_used(tx, token=pair[1]):
        return _pair(pair)
    await _end(tx, user_id=token.user_id, session_id=token.session_id, now=now)
    raise RefreshTokenReused


async def _end(tx: Transaction, *, user_id: UserId, session_id: SessionId, now: datetime) -> bool:
    """Whether it was live until now."""
    ended = await queries.end_session(tx, user_id=user_id, session_id=session_id, now=now)
    await _end_tokens_and_sockets(user_id, ended)
    return ended is not None


async def _end_tokens_and_sockets(user_id: UserId, ended: Ended | None) -> None:
    """Their access tokens are refused and their sockets closed from now on."""
    if ended is not None and ended.session_ids:
        await admission.revoke_tokens(user_id, ended.access_hashes)
        await connections.close_session_sockets(user_id, session_ids=ended.session_ids)


def _position(scope: str, cursor: str) -> UUID:
    (id,) = decode_cursor(scope, cursor, str)
    try:
        return UUID(str(id))
    except ValueError:
        raise InvalidCursor from None


def _new_tokens(*, user_id: UserId, session_id: SessionId) -> tuple[Token, Token]:
    return (
        new_token(Kind.ACCESS, user_id=user_id, session_id=session_id),
        new_token(Kind.REFRESH, user_id=user_id, session_id=session_id),
    )


def _pair(tokens: tuple[Token, Token]) -> TokenPair:
    access_token, refresh_token = tokens
    return TokenPair(
        access_token=str(access_token),
        refresh_token=str(refresh_token),
        expires_in=int(queries.ACCESS_LIFE.total_seconds()),
    )
