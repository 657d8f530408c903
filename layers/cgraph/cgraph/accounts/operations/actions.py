"""What operators do with accounts: where no mail can help, and who may come in. Each change has an
entry in the audit log, in the same transaction.
"""

from uuid import UUID

from cgraph.accounts import account_mail
from cgraph.accounts.auth.sessions.actions import end_tokens_and_sockets
from cgraph.accounts.auth.sessions.models import EndedSessions
from cgraph.accounts.errors import EmailTaken, UserNotFound
from cgraph.accounts.invitations.actions import LIFETIME, new_invitation
from cgraph.accounts.one_time_tokens.tokens import (
    LIFETIMES,
    Purpose,
    hash_token,
    new_one_time_token,
)
from cgraph.accounts.operations import queries
from cgraph.accounts.operations.models import (
    OF_AN_ACCOUNT,
    AccountCommand,
    AccountReport,
    AccountState,
    IssuedToken,
)
from cgraph.core import clock, database, ids
from cgraph.core.database import AlreadyExists, Transaction
from cgraph.core.ids import UserId
from cgraph.mail.posting import is_configured, mail_job

LISTED = 100


async def manage_accounts(command: AccountCommand) -> AccountReport:
    """Raises UserNotFound, EmailTaken, DatabaseUnavailable."""
    if command.action in OF_AN_ACCOUNT:
        return await _manage_account(command, login=command.login or "")
    async with database.transaction() as tx:
        match command.action:
            case "waiting":
                return AccountReport(accounts=await queries.waiting_accounts(tx, limit=LISTED))
            case "invite":
                token = await _invite(tx)
                await _record(tx, command, user_id=None)
                return AccountReport(token=token.text, expires_at=token.expires_at)
        return AccountReport(
            entries=await queries.entries(tx, limit=LISTED),
            first_fault=await queries.first_fault(tx),
        )


async def _manage_account(command: AccountCommand, *, login: str) -> AccountReport:
    async with database.transaction() as tx:
        account = await queries.lock_account(tx, login=login)
        if account is None:
            raise UserNotFound
        token, ended = await _change(tx, command, account=account)
        if command.action != "show":
            await _record(tx, command, user_id=account.id)
        state = await queries.account_by_login(tx, login=account.username)
    await end_tokens_and_sockets(UserId(account.id), ended)
    if command.action == "approve" and not account.approved:
        await _post_approval(account)
    return AccountReport(
        accounts=[state] if state else [],
        token=token.text if token else None,
        expires_at=token.expires_at if token else None,
    )


async def _change(
    tx: Transaction, command: AccountCommand, *, account: AccountState
) -> tuple[IssuedToken | None, EndedSessions | None]:
    """Returns what was issued, and which sessions have ended. Raises EmailTaken."""
    now, id = clock.now(), account.id
    match command.action:
        case "approve":
            await queries.approve(tx, id=id, now=now)
        case "verify-email" | "set-email":
            try:
                await queries.set_email(tx, id=id, email=command.email or account.email, now=now)
            except AlreadyExists:
                raise EmailTaken from None
            await queries.log_profile(tx, id=id, now=now)
        case "reset-password":
            return await _issue_reset(tx, id=id)
        case "remove-second-factor":
            await queries.remove_credentials(tx, id=id)
            await queries.log_profile(tx, id=id, now=now)
        case "end-sessions":
            return None, await queries.end_sessions(tx, id=id, now=now)
    return None, None


async def _issue_reset(tx: Transaction, *, id: UUID) -> tuple[IssuedToken, EndedSessions | None]:
    from cgraph.accounts.auth import passwords

    now = clock.now()
    token = new_one_time_token(Purpose.RESET_PASSWORD, now=now)
    ended = await queries.issue_reset(
        tx, id=id, token=token, locked_hash=passwords.unusable_hash(), now=now
    )
    return IssuedToken(token.text, now + LIFETIMES[Purpose.RESET_PASSWORD]), ended


async def _invite(tx: Transaction) -> IssuedToken:
    now, text = clock.now(), new_invitation()
    await queries.insert_invitation(
        tx, id=ids.uuid7(now), hash=hash_token(text), note="", now=now, expires_at=now + LIFETIME
    )
    return IssuedToken(text, now + LIFETIME)


async def _record(tx: Transaction, command: AccountCommand, *, user_id: UUID | None) -> None:
    assert command.reason is not None, "the command was validated"
    await queries.record(
        tx,
        actor=command.operator,
        action=command.action,
        user_id=user_id,
        reason=command.reason,
        now=clock.now(),
    )


async def _post_approval(account: AccountState) -> None:
    if is_configured() and account.email_verified:
        values = {"name": account.username, "username": account.username}
        letter = account_mail.letter("approved", **values)
        await account_mail.try_post(mail_job(letter, to=account.email))
