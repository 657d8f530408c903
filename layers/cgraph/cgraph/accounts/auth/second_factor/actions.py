"""The second factor: after the password, a code that only the person's authenticator app knows."""

from uuid import UUID

from cgraph.accounts.auth.password_check import require_password
from cgraph.accounts.auth.second_factor import queries, totp
from cgraph.accounts.auth.second_factor.models import BackupCodes, NewSecret
from cgraph.accounts.errors import InvalidCode, SecondFactorRequired, TotpActive, TotpNotSetUp
from cgraph.accounts.people.actions import announce_profile
from cgraph.core import clock, limits
from cgraph.core.database import Transaction
from cgraph.core.ids import UserId


async def set_up_totp(tx: Transaction, *, user_id: UserId, password: str) -> NewSecret:
    """Active once a code has confirmed it; until then it may be set up anew. Raises
    InvalidCredentials, RateLimited, TotpActive.
    """
    await require_password(tx, user_id=user_id, password=password)
    secret = totp.new_secret()
    owner = await queries.set_pending(tx, user_id=user_id, secret=secret)
    if owner is None:
        raise TotpActive
    return NewSecret(secret=totp.readable(secret), uri=totp.uri(secret, username=owner.username))


async def confirm_totp(tx: Transaction, *, user_id: UserId, code: str) -> BackupCodes:
    """Raises TotpNotSetUp, TotpActive, InvalidCode, RateLimited."""
    secret = await queries.secret_of(tx, user_id=user_id)
    if secret is None:
        raise TotpNotSetUp
    if secret.active:
        raise TotpActive
    await _take_a_try(user_id)
    now = clock.now()
    step = totp.step_of(totp.plain(code), secret=secret.value, now=now)
    if step is None:
        raise InvalidCode
    codes = totp.new_backup_codes()
    changed = await queries.activate(
        tx,
        user_id=user_id,
        secret=secret.value,
        step=step,
        backup_hashes=[totp.backup_hash(totp.plain(code)) for code in codes],
        now=now,
    )
    if changed is None:  # another request was quicker, with this code or with a new secret
        raise InvalidCode
    announce_profile(tx, changed=changed, now=now)
    return BackupCodes(backup_codes=codes)


async def remove_totp(tx: Transaction, *, user_id: UserId, code: str) -> None:
    """Raises TotpNotSetUp, InvalidCode, RateLimited."""
    secret = await queries.secret_of(tx, user_id=user_id)
    if secret is None or not secret.active:
        raise TotpNotSetUp
    await _spend(tx, user_id=user_id, secret=secret.value, code=code)
    now = clock.now()
    changed = await queries.remove(tx, user_id=user_id, now=now)
    assert changed is not None, "spending the code holds the row"
    announce_profile(tx, changed=changed, now=now)


async def require_code(tx: Transaction, *, user_id: UUID, code: str | None) -> None:
    """Of somebody whose password was right. Raises CodeRequired, InvalidCode, RateLimited (by
    account, whatever the address).
    """
    if code is None:
        raise SecondFactorRequired
    secret = await queries.secret_of(tx, user_id=user_id)
    if secret is None:  # removed since the password was checked
        raise InvalidCode
    await _spend(tx, user_id=user_id, secret=secret.value, code=code)


async def _spend(tx: Transaction, *, user_id: UUID, secret: bytes, code: str) -> None:
    """Either kind of code, good once. Raises InvalidCode, RateLimited."""
    await _take_a_try(user_id)
    given = totp.plain(code)
    if totp.is_by_time(given):
        step = totp.step_of(given, secret=secret, now=clock.now())
        good = step is not None and await queries.spend_step(
            tx, user_id=user_id, secret=secret, step=step
        )
    else:
        hash = totp.backup_hash(given)
        good = await queries.spend_backup_code(tx, user_id=user_id, hash=hash)
    if not good:
        raise InvalidCode


async def _take_a_try(user_id: UUID) -> None:
    (await limits.take(limits.CODE, whose=f"code:{user_id}")).require()
