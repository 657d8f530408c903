"""The mails about addresses."""

from cgraph.accounts import account_mail
from cgraph.accounts.addresses.models import ChangeRow, VerificationRow
from cgraph.accounts.one_time_tokens.tokens import OneTimeToken
from cgraph.mail.models import MailJob
from cgraph.mail.posting import mail_job

CONFIRM_PATH = "/auth/email/confirm?token="


async def of_verification(row: VerificationRow, token: OneTimeToken) -> MailJob:
    """To the address that is to be verified. If it is another account's, its owner learns of it
    instead; the request takes as long.
    """
    known = {"name": row.known or "", "username": row.username, "known": row.known or ""}
    letters = (
        account_mail.letter(
            token.purpose,
            name=row.name,
            username=row.username,
            code=token.code,
            link=f"{CONFIRM_PATH}{token.text}",
        ),
        account_mail.letter("address_known", **known),
    )
    is_sent = await account_mail.may_send(row.email) and not row.suppressed
    return mail_job(letters[row.known is not None], to=row.email if is_sent else "")


def of_change(row: ChangeRow) -> MailJob:
    """To the current address, before the new one is confirmed."""
    values = {"name": row.name, "username": row.username, "new": row.email}
    return mail_job(account_mail.letter("change_asked", **values), to=row.old_email)


def of_changed(old_email: str, *, name: str, username: str, new: str, token: str) -> MailJob:
    """To the address before the change, with a way back."""
    values = {"name": name, "username": username, "new": new}
    return mail_job(
        account_mail.letter("email_changed", link=f"{CONFIRM_PATH}{token}", **values), to=old_email
    )
