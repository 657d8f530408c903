"""E-mail addresses: how a user shows that one is theirs, changes it, and gets it back."""

from datetime import datetime

from cgraph.accounts import account_mail
from cgraph.accounts.addresses import letters, queries
from cgraph.accounts.addresses.models import EmailChange, Restoration, UsedTokenRow
from cgraph.accounts.auth.password_check import require_password
from cgraph.accounts.auth.sessions.actions import end_tokens_and_sockets
from cgraph.accounts.auth.sessions.models import EndedSessions
from cgraph.accounts.errors import (
    EmailAlreadyVerified,
    EmailTaken,
    InvalidCode,
    InvalidMailToken,
)
from cgraph.accounts.one_time_tokens.actions import access_token
from cgraph.accounts.one_time_tokens.tokens import (
    LIFETIMES,
    Purpose,
    hash_token,
    new_one_time_token,
    normalize_code,
)
from cgraph.accounts.people.actions import announce_profile_update
from cgraph.accounts.recovery.mails import reset_mail
from cgraph.accounts.verification.mails import proving_mail, verification_mail
from cgraph.core import clock, limits
from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.core.ids import UserId
from cgraph.core.limits import ACCOUNT_MAIL
from cgraph.mail.pages import question_page, text_page
from cgraph.mail.wording import word


async def send_verification(tx: Transaction, *, caller: Caller) -> None:
    """Raises EmailAlreadyVerified, MailNotConfigured, MailUnavailable, RateLimited."""
    account_mail.require_mail()
    (await limits.take(ACCOUNT_MAIL, subject=f"user:{caller.id}")).require()
    mail = await verification_mail(tx, user_id=caller.id)
    if mail is None:
        raise EmailAlreadyVerified
    await account_mail.post(mail)


async def change_email(tx: Transaction, *, caller: Caller, change: EmailChange) -> None:
    """Both addresses get a mail; nothing changes before the new one is confirmed. Raises
    InvalidCredentials, EmailAlreadyVerified, MailNotConfigured, MailUnavailable, RateLimited.
    """
    account_mail.require_mail()
    await require_password(tx, caller=caller, password=change.password)
    (await limits.take(ACCOUNT_MAIL, subject=f"user:{caller.id}")).require()
    token = new_one_time_token(Purpose.CHANGE_EMAIL, now=clock.now())
    row = await queries.issue_change(tx, user_id=caller.id, email=change.email, token=token)
    if row is None:
        raise EmailAlreadyVerified
    jobs = [await proving_mail(row, token)]
    if row.was_verified:  # else it may be somebody else's
        jobs.append(letters.of_change(row))
    await account_mail.post(*jobs)


async def verify_email(tx: Transaction, *, caller: Caller, code: str) -> None:
    """Raises InvalidCode, EmailTaken."""
    now = clock.now()
    restoration = _restoration(now)
    used = await queries.verify_email(
        tx, user_id=caller.id, code=normalize_code(code), restoration=restoration, now=now
    )
    if used is None or used.refusal == "invalid":
        raise InvalidCode
    await _finish(tx, used, restoration=restoration, now=now)


async def show_email_page(tx: Transaction, *, token: str) -> str:
    """A page that asks, because programs that check links open them too. Raises
    InvalidMailToken.
    """
    row = await access_token(tx, text=token, resets=False)
    values = {"username": row.username, "email": row.email}
    return question_page(
        word(f"page.{row.purpose}.title"),
        question=word(f"page.{row.purpose}.question", count=1, **values),
        button=word(f"page.{row.purpose}.button"),
        token=token,
    )


async def confirm_email(tx: Transaction, *, token: str) -> str:
    """Returns a page that says what has happened. Raises InvalidMailToken, EmailTaken."""
    now = clock.now()
    row = await access_token(tx, text=token, resets=False)
    is_restored = row.purpose == Purpose.RESTORE_EMAIL
    restoration = _restoration(now, locked_hash=_unusable_hash() if is_restored else None)
    used = await queries.confirm_email(tx, text=token, restoration=restoration, now=now)
    if used is None or used.refusal == "invalid":
        raise InvalidMailToken
    await _finish(tx, used, restoration=restoration, now=now)
    if is_restored:
        await account_mail.try_post(await reset_mail(tx, login=row.username))
    values = {"username": row.username, "email": row.email}
    return text_page(
        word(f"page.{row.purpose}.title"), text=word(f"page.{row.purpose}.done", count=1, **values)
    )


def _restoration(now: datetime, *, locked_hash: str | None = None) -> Restoration:
    token = new_one_time_token(Purpose.RESTORE_EMAIL, now=now)
    until = now + LIFETIMES[Purpose.RESTORE_EMAIL]
    return Restoration(token.id, token.text, hash_token(token.text), until, locked_hash)


def _unusable_hash() -> str:
    from cgraph.accounts.auth import passwords  # few requests need it

    return passwords.unusable_hash()


async def _finish(
    tx: Transaction, used: UsedTokenRow, *, restoration: Restoration, now: datetime
) -> None:
    """Raises EmailTaken."""
    if used.profile is None:
        raise EmailTaken
    me = announce_profile_update(tx, profile=used.profile, now=now)
    if used.session_ids is not None:
        ended = EndedSessions(used.session_ids, used.access_hashes or [])
        await end_tokens_and_sockets(UserId(me.id), ended)
    if used.purpose == Purpose.CHANGE_EMAIL and used.was_verified:
        await account_mail.try_post(
            letters.of_changed(
                used.old_email,
                name=me.display_name,
                username=me.username,
                new=me.email,
                token=restoration.text,
            )
        )
