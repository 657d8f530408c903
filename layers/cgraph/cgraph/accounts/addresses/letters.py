"""The mails about addresses."""

from cgraph.accounts import account_mail
from cgraph.accounts.addresses.models import ChangeRow
from cgraph.accounts.verification.mails import CONFIRM_PATH
from cgraph.mail.models import MailJob
from cgraph.mail.posting import mail_job


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
