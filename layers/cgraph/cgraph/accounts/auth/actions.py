"""Accounts and sessions.

A session is a family of tokens: it has one access and one refresh token at a time, and each refresh
replaces both. The access token before lives on for a moment, for the requests and the other tabs
that still use it.
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from cgraph.accounts.auth import attempts, queries, rules
from cgraph.accounts.auth.attempts import KNOWN_SECONDS, Attempt
from cgraph.accounts.auth.models import (
    Credentials,
    EndedSessions,
    NewSession,
    PasswordChange,
    Registration,
    RotationRow,
    TokenPair,
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
from cgraph.core import admission, clock, ids, issued_tokens
from cgraph.core.caller import Caller, Sender
from cgraph.core.database import AlreadyExists, Transaction
from cgraph.core.errors import InvalidToken
from cgraph.core.ids import SessionId, UserId
from cgraph.core.pagination import LAST_ID, decode_cursor, page_json
from cgraph.core.tokens import Kind, Token, new_token, parse_token, seal, unseal
from cgraph.realtime import connections


async def register(
    tx: Transaction, *, registration: Registration, device: str, sender: Sender
) -> NewSession:
    """Raises UsernameReserved, WeakPassword, UsernameTaken, EmailTaken."""
    from cgraph.accounts.auth import passwords

    rules.require_free_username(registration.username)
    rules.require_strong_password(
        registration.password,
        username=registration.username,
        email=registration.email,
        field="password",
    )
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
    return await _new_session(me, tokens=tokens, sender=sender)


async def log_in(
    tx: Transaction, *, credentials: Credentials, device: str, sender: Sender
) -> NewSession:
    """Starts a session. Only a client that knows the password learns whether the account has a
    second factor. `sender`: with the device token as its voucher. Raises InvalidCredentials,
    SecondFactorRequired, InvalidCode, RateLimited (see `attempts`).
    """
    account = await queries.account_by_login(tx, login=credentials.login)
    user_id, stored_hash = (account.id, account.password_hash) if account else (None, None)
    key = attempts.login_key(credentials.login, user_id=user_id)
    attempt = Attempt.of_sender(sender, login=key, user_id=user_id)
    await check_password(credentials.password, stored_hash=stored_hash, attempt=attempt)
    assert account is not None, "without an account no password is right"
    if account.totp:
        await require_code(tx, user_id=account.id, code=credentials.code, sender=sender)
    now = clock.now()
    tokens = _new_tokens(user_id=UserId(account.id), session_id=SessionId(ids.uuid7(now)))
    if not await queries.insert_session(
        tx,
        user_id=account.id,
        verified_hash=account.password_hash,
        now=now,
        tokens=tokens,
        device=device,
    ):
        raise InvalidCredentials
    me = Me.model_validate(account, from_attributes=True)
    return await _new_session(me, tokens=tokens, sender=sender)


async def refresh_session(tx: Transaction, *, refresh_token: str) -> TokenPair:
    """Exchanges the token for a new pair. A token that was used before ends the session. Raises
    InvalidToken, RefreshTokenReused.
    """
    token = parse_token(refresh_token, kind=Kind.REFRESH)
    now = clock.now()
    successors = _new_tokens(user_id=token.user_id, session_id=token.session_id)
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
        return _token_pair(successors)
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
    await _end_tokens_and_sockets(caller.id, ended)


async def change_password(tx: Transaction, *, caller: Caller, change: PasswordChange) -> None:
    """Also ends all sessions but the current one. Raises InvalidCredentials, RateLimited,
    WeakPassword.
    """
    from cgraph.accounts.auth import passwords

    stored = await require_password(tx, caller=caller, password=change.current_password)
    rules.require_strong_password(
        change.new_password, username=stored.username, email=stored.email, field="new_password"
    )
    ended = await queries.change_password(
        tx,
        user_id=caller.id,
        verified_hash=stored.password_hash,
        new_hash=passwords.hash_password(change.new_password),
        kept=caller.session_id,
        now=clock.now(),
    )
    if ended is None:
        raise InvalidCredentials
    await _end_tokens_and_sockets(caller.id, ended)


async def _replay_refresh(
    tx: Transaction, *, token: Token, used_at: datetime | None, sealed: bytes | None, now: datetime
) -> TokenPair:
    """Repeats the answer to a refresh whose reply was lost. Raises RefreshTokenReused, and ends the
    session, if the grace period is over or the successor was used; InvalidToken.
    """
    if used_at is None or sealed is None:
        raise InvalidToken
    pair = unseal(sealed, under=token)
    if now - used_at <= queries.REFRESH_GRACE and not await queries.was_refresh_token_used(
        tx, token=pair[1]
    ):
        return _token_pair(pair)
    await _end_session(tx, user_id=token.user_id, session_id=token.session_id, now=now)
    raise RefreshTokenReused


async def _new_session(me: Me, *, tokens: tuple[Token, Token], sender: Sender) -> NewSession:
    """From now on the account knows the device and the address."""
    known, (token, _) = sender.voucher, tokens
    user_id, session_id = token.user_id, token.session_id
    if known is None or known.user_id != user_id:
        known = new_token(Kind.DEVICE, user_id=user_id, session_id=session_id)
    await _remember_tokens(tokens, {known: KNOWN_SECONDS})
    await attempts.remember_network(sender.network, user_id=user_id)
    return NewSession(user=me, device_token=str(known), **_token_pair(tokens).model_dump())


async def _remember_tokens(
    tokens: tuple[Token, Token], others: Mapping[Token, int] | None = None
) -> None:
    lifetimes = queries.ACCESS_TOKEN_LIFETIME, queries.SESSION_LIFETIME
    seconds = (int(lifetime.total_seconds()) for lifetime in lifetimes)
    await issued_tokens.remember({**dict(zip(tokens, seconds, strict=True)), **(others or {})})


async def _replace_tokens(rotation: RotationRow, *, successors: tuple[Token, Token]) -> None:
    """The access token lives on for its grace period; the one before it, if any, ends."""
    user_id = successors[0].user_id
    if rotation.ended_access_hash is not None:
        await admission.revoke_tokens(user_id, [rotation.ended_access_hash])
    await admission.replace_token(
        user_id, rotation.old_access_hash, grace_ms=max(1, rotation.grace_ms)
    )
    await _remember_tokens(successors)


async def _end_session(
    tx: Transaction, *, user_id: UserId, session_id: SessionId, now: datetime
) -> bool:
    """Returns whether the session was live until now."""
    ended = await queries.end_session(tx, user_id=user_id, session_id=session_id, now=now)
    await _end_tokens_and_sockets(user_id, ended)
    return ended is not None


async def _end_tokens_and_sockets(user_id: UserId, ended: EndedSessions | None) -> None:
    """Refuses the sessions' access tokens and closes their sockets.

    At once, not on commit: the statement has committed by itself, and a refusal may follow.
    """
    if ended is not None and ended.session_ids:
        await admission.revoke_tokens(user_id, ended.access_hashes)
        await connections.close_session_sockets(user_id, session_ids=ended.session_ids)


def _new_tokens(*, user_id: UserId, session_id: SessionId) -> tuple[Token, Token]:
    return (
        new_token(Kind.ACCESS, user_id=user_id, session_id=session_id),
        new_token(Kind.REFRESH, user_id=user_id, session_id=session_id),
    )


def _token_pair(tokens: tuple[Token, Token]) -> TokenPair:
    access_token, refresh_token = tokens
    return TokenPair(
        access_token=str(access_token),
        refresh_token=str(refresh_token),
        expires_in=int(queries.ACCESS_TOKEN_LIFETIME.total_seconds()),
    )
