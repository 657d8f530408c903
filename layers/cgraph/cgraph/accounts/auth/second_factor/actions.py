"""The second factor: a code of the user's authenticator app, required after the password."""

from uuid import UUID

from cgraph.accounts.auth import attempts
from cgraph.accounts.auth.attempts import Attempt
from cgraph.accounts.auth.password_check import require_password
from cgraph.accounts.auth.second_factor import queries, totp
from cgraph.accounts.auth.second_factor.models import BackupCodes, BackupCodesRenewal, TotpSecret
from cgraph.accounts.errors import InvalidCode, SecondFactorRequired, TotpActive, TotpNotSetUp
from cgraph.accounts.people.actions import announce_profile_update
from cgraph.core import clock
from cgraph.core.caller import Caller, Sender
from cgraph.core.database import Transaction


async def set_up_totp(tx: Transaction, *, caller: Caller, password: str) -> TotpSecret:
    """Stores a secret that becomes active when a code confirms it, and that may be replaced until
    then. Raises InvalidCredentials, RateLimited, TotpActive.
    """
    await require_password(tx, caller=caller, password=password)
    secret = totp.new_secret()
    user = await queries.set_pending_secret(tx, user_id=caller.id, secret=secret)
    if user is None:
        raise TotpActive
    return TotpSecret(
        secret=totp.to_base32(secret), uri=totp.provisioning_uri(secret, username=user.username)
    )


async def confirm_totp(tx: Transaction, *, caller: Caller, code: str) -> BackupCodes:
    """Activates the secret. Raises TotpNotSetUp, TotpActive, InvalidCode, RateLimited."""
    secret = await queries.secret_of(tx, user_id=caller.id)
    if secret is None:
        raise TotpNotSetUp
    if secret.active:
        raise TotpActive
    taken = await attempts.take_code(Attempt.of_caller(caller))
    now = clock.now()
    step = totp.time_step_of(totp.normalize_code(code), secret=secret.value, now=now)
    if step is None:
        raise InvalidCode
    codes = totp.new_backup_codes()
    changed = await queries.activate_secret(
        tx,
        user_id=caller.id,
        secret=secret.value,
        step=step,
        backup_hashes=[totp.hash_backup_code(totp.normalize_code(code)) for code in codes],
        now=now,
    )
    if changed is None:  # a request at the same time used this code, or set up a new secret
        raise InvalidCode
    await taken.give_back()
    announce_profile_update(tx, profile=changed.profile, now=now)
    return BackupCodes(backup_codes=codes)


async def remove_totp(tx: Transaction, *, caller: Caller, code: str) -> None:
    """Takes a code of the app or a backup code. Raises TotpNotSetUp, InvalidCode, RateLimited."""
    secret = await queries.secret_of(tx, user_id=caller.id)
    if secret is None or not secret.active:
        raise TotpNotSetUp
    attempt = Attempt.of_caller(caller)
    await _use_code(tx, user_id=caller.id, secret=secret.value, code=code, attempt=attempt)
    now = clock.now()
    changed = await queries.delete_secret(tx, user_id=caller.id, now=now)
    assert changed is not None, "using the code has locked the row"
    announce_profile_update(tx, profile=changed.profile, now=now)


async def renew_backup_codes(
    tx: Transaction, *, caller: Caller, renewal: BackupCodesRenewal
) -> BackupCodes:
    """All earlier codes end. Raises InvalidCredentials, TotpNotSetUp, InvalidCode, RateLimited."""
    await require_password(tx, caller=caller, password=renewal.password)
    secret = await queries.secret_of(tx, user_id=caller.id)
    if secret is None or not secret.active:
        raise TotpNotSetUp
    attempt = Attempt.of_caller(caller)
    await _use_code(tx, user_id=caller.id, secret=secret.value, code=renewal.code, attempt=attempt)
    codes = totp.new_backup_codes()
    hashes = [totp.hash_backup_code(totp.normalize_code(code)) for code in codes]
    if not await queries.replace_backup_codes(tx, user_id=caller.id, hashes=hashes):
        raise TotpNotSetUp  # removed by a request at the same time
    return BackupCodes(backup_codes=codes)


async def require_code(tx: Transaction, *, user_id: UUID, code: str | None, sender: Sender) -> None:
    """Checks the code of a user whose password was right. Raises SecondFactorRequired, InvalidCode,
    RateLimited.
    """
    if code is None:
        raise SecondFactorRequired
    secret = await queries.secret_of(tx, user_id=user_id)
    if secret is None:  # removed since the password was checked
        raise InvalidCode
    attempt = Attempt.of_sender(sender, login=attempts.code_key(user_id), user_id=user_id)
    await _use_code(tx, user_id=user_id, secret=secret.value, code=code, attempt=attempt)


async def require_own_code(
    tx: Transaction, *, caller: Caller, code: str | None, passkey_required: bool
) -> None:
    """Where the signed-in user has a second factor. `passkey_required`: they have a passkey as one,
    which a code replaces. Raises SecondFactorRequired, InvalidCode, RateLimited.
    """
    secret = await queries.secret_of(tx, user_id=caller.id)
    if secret is None or not secret.active:
        if passkey_required:
            raise SecondFactorRequired
        return
    if code is None:
        raise SecondFactorRequired
    attempt = Attempt.of_caller(caller)
    await _use_code(tx, user_id=caller.id, secret=secret.value, code=code, attempt=attempt)


async def _use_code(
    tx: Transaction, *, user_id: UUID, secret: bytes, code: str, attempt: Attempt
) -> None:
    """Uses a TOTP code or a backup code; each is valid once. Raises InvalidCode, RateLimited."""
    taken = await attempts.take_code(attempt)
    normalized = totp.normalize_code(code)
    if totp.is_totp_code(normalized):
        step = totp.time_step_of(normalized, secret=secret, now=clock.now())
        is_valid = step is not None and await queries.use_time_step(
            tx, user_id=user_id, secret=secret, step=step
        )
    else:
        hash = totp.hash_backup_code(normalized)
        is_valid = await queries.use_backup_code(tx, user_id=user_id, hash=hash)
    if not is_valid:
        raise InvalidCode
    await taken.give_back()
