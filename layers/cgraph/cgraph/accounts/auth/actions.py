"""Accounts: their registration, log-in and password."""

from cgraph.accounts.auth import attempts, queries, rules
from cgraph.accounts.auth.attempts import Attempt
from cgraph.accounts.auth.models import (
    AccountRow,
    Confirmation,
    Credentials,
    NewSession,
    PasswordChange,
    Registration,
)
from cgraph.accounts.auth.new_session import begin_session, new_session
from cgraph.accounts.auth.password_check import check_password, require_password
from cgraph.accounts.auth.second_factor.actions import require_code, require_own_code
from cgraph.accounts.auth.sessions.actions import end_tokens_and_sockets
from cgraph.accounts.auth.sessions.confirmation import mark_confirmed
from cgraph.accounts.auth.sessions.tokens import new_tokens
from cgraph.accounts.errors import (
    InvalidCredentials,
    InvalidInvitation,
    InvitationRequired,
    SecondFactorRequired,
    UsernameTaken,
)
from cgraph.accounts.one_time_tokens.tokens import hash_token
from cgraph.accounts.people.models import Me
from cgraph.accounts.people.rules import require_free_username
from cgraph.accounts.verification.mails import verify_new_account
from cgraph.accounts.webauthn.assertions import use_passkey
from cgraph.accounts.webauthn.models import Purpose
from cgraph.core import clock, ids
from cgraph.core.caller import Caller, Sender
from cgraph.core.database import AlreadyExists, Transaction
from cgraph.core.ids import SessionId, UserId
from cgraph.core.settings import settings
from cgraph.events.nudges import report_growth


async def register(
    tx: Transaction, *, registration: Registration, device: str, sender: Sender
) -> NewSession:
    """Says nothing of whether the address is known. Raises UsernameReserved, WeakPassword,
    UsernameTaken, InvitationRequired, InvalidInvitation.
    """
    from cgraph.accounts.auth import passwords

    invitation = registration.invitation
    if invitation is None and settings().registration == "invitation":
        raise InvitationRequired
    require_free_username(registration.username)
    rules.require_strong_password(
        registration.password,
        username=registration.username,
        email=registration.email,
        field="password",
    )
    now = clock.now()
    user_id = UserId(ids.uuid7(now))
    tokens = new_tokens(user_id=user_id, session_id=SessionId(ids.uuid7(now)))
    try:
        account = await queries.insert_account(
            tx,
            id=user_id,
            registration=registration,
            password_hash=passwords.hash_password(registration.password),
            now=now,
            tokens=tokens,
            device=device,
            invitation=hash_token(invitation) if invitation else None,
            approved=settings().registration != "approval",
        )
    except AlreadyExists as error:
        assert error.constraint == "users_username_key", "addresses are unique once verified"
        raise UsernameTaken from None
    if account is None:
        raise InvalidInvitation
    tx.on_commit(report_growth, None)
    await verify_new_account(tx, user_id=user_id)
    return await new_session(Me.model_validate(account.me), tokens=tokens, sender=sender)


async def log_in(
    tx: Transaction, *, credentials: Credentials, device: str, sender: Sender
) -> NewSession:
    """Starts a session. Only a client that knows the password learns whether the account has a
    second factor. `sender`: with the device token as its voucher. Raises InvalidCredentials,
    SecondFactorRequired, InvalidCode, InvalidPasskey, RateLimited (see `attempts`).
    """
    account = await queries.account_by_login(tx, login=credentials.login)
    user_id, stored_hash = (account.id, account.password_hash) if account else (None, None)
    key = attempts.login_key(credentials.login, user_id=user_id)
    attempt = Attempt.of_sender(sender, login=key, user_id=user_id)
    await check_password(credentials.password, stored_hash=stored_hash, attempt=attempt)
    assert account is not None, "without an account no password is right"
    if account.totp or account.passkey:
        await _require_second_factor(tx, account, credentials=credentials, sender=sender)
    me = Me.model_validate(account.me)
    session = await begin_session(
        tx, me=me, device=device, sender=sender, verified_hash=account.password_hash
    )
    if session is None:
        raise InvalidCredentials
    return session


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
    await end_tokens_and_sockets(caller.id, ended)


async def confirm_session(tx: Transaction, *, caller: Caller, confirmation: Confirmation) -> None:
    """The session counts as a fresh log-in. Raises InvalidCredentials, SecondFactorRequired,
    InvalidCode, InvalidPasskey, RateLimited.
    """
    if confirmation.passkey is not None:
        await use_passkey(
            tx, response=confirmation.passkey, purpose=Purpose.CONFIRM, user_id=caller.id
        )
    else:
        assert confirmation.password is not None, "it has one of the two"
        stored = await require_password(tx, caller=caller, password=confirmation.password)
        await require_own_code(
            tx, caller=caller, code=confirmation.code, passkey_required=stored.passkey
        )
    await mark_confirmed(tx, caller=caller)


async def _require_second_factor(
    tx: Transaction, account: AccountRow, *, credentials: Credentials, sender: Sender
) -> None:
    """A passkey of the account, or a code where it has an authenticator app. Raises
    SecondFactorRequired, InvalidCode, InvalidPasskey, RateLimited.
    """
    if credentials.passkey is not None:
        key = attempts.code_key(account.id)
        attempt = Attempt.of_sender(sender, login=key, user_id=account.id)
        taken = await attempts.take_code(attempt)
        purpose = Purpose.SECOND_FACTOR
        await use_passkey(tx, response=credentials.passkey, purpose=purpose, user_id=account.id)
        await taken.give_back()
    elif account.totp:
        await require_code(tx, user_id=account.id, code=credentials.code, sender=sender)
    else:
        raise SecondFactorRequired
