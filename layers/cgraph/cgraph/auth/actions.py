"""Accounts and sessions. A session is a family of tokens: one access and one refresh token at a
time.
"""

from datetime import datetime, timedelta

from cgraph import ids, limits
from cgraph.auth import admission, queries
from cgraph.auth.caller import Caller
from cgraph.auth.models import Credentials, Registration, TokenPair, Welcome
from cgraph.database import AlreadyExists, Transaction
from cgraph.errors import EmailTaken, InvalidCredentials, InvalidToken, RefreshReused, UsernameTaken
from cgraph.ids import SessionId, UserId
from cgraph.people.models import Me
from cgraph.tokens import Kind, Token, new_token, parse_token, seal, unseal

GRACE = timedelta(seconds=30)
"""A refresh whose reply was lost may be asked again this long, and gets the same pair."""


async def register(tx: Transaction, *, registration: Registration, device: str) -> Welcome:
    """Raises UsernameTaken, EmailTaken."""
    from cgraph.auth import passwords

    now = ids.now()
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
    """Raises InvalidCredentials, RateLimited (by account, whatever the address)."""
    from cgraph.auth import passwords

    account = await queries.account_for_login(tx, login=credentials.login)
    tried = str(account.id) if account else credentials.login.lower()
    (await limits.take(limits.PASSWORD, whose=f"login:{tried}")).require()
    stored = account.password_hash if account else None
    if not passwords.matches(credentials.password, password_hash=stored) or account is None:
        raise InvalidCredentials
    now = ids.now()
    tokens = _new_tokens(user_id=UserId(account.id), session_id=SessionId(ids.uuid7(now)))
    await queries.insert_session(tx, user_id=account.id, now=now, tokens=tokens, device=device)
    return Welcome(
        user=Me.model_validate(account, from_attributes=True), **_pair(tokens).model_dump()
    )


async def refresh(tx: Transaction, *, refresh_token: str) -> TokenPair:
    """Spends the token for a new pair. A token spent before ends the family. Raises InvalidToken,
    RefreshReused.
    """
    token = parse_token(refresh_token, kind=Kind.REFRESH)
    now = ids.now()
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
        await admission.forget(str(token.user_id), rotation.old_access_hash)
    if rotation.rotated:
        return _pair(successors)
    return await _refresh_again(
        tx, token=token, used_at=rotation.used_at, sealed=rotation.sealed, now=now
    )


async def log_out(tx: Transaction, *, caller: Caller) -> None:
    """Ends the whole family: the refresh token goes with the access token."""
    await _end(tx, user_id=caller.id, session_id=caller.session_id, now=ids.now())


async def _refresh_again(
    tx: Transaction, *, token: Token, used_at: datetime | None, sealed: bytes | None, now: datetime
) -> TokenPair:
    if used_at is None or sealed is None:
        raise InvalidToken
    pair = unseal(sealed, under=token)
    if now - used_at <= GRACE and not await queries.was_used(tx, token=pair[1]):
        return _pair(pair)
    await _end(tx, user_id=token.user_id, session_id=token.session_id, now=now)
    raise RefreshReused


async def _end(tx: Transaction, *, user_id: UserId, session_id: SessionId, now: datetime) -> None:
    access_hash = await queries.end_session(tx, session_id=session_id, now=now)
    if access_hash is not None:
        from cgraph.realtime import connections  # seldom, and models that a log-in does not need

        await admission.forget(str(user_id), access_hash)
        await connections.end_session(user_id, session_id=session_id)


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
